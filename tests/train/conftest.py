"""Runs of a few steps on a tiny network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from netspec.train.distributed import World
from netspec.train.folder import RunFolder
from netspec.train.learner import Learner
from netspec.train.loop import Loop
from netspec.train.progress import Silent
from netspec.train.recipe import Recipe, load_recipe
from netspec.train.setup import Job
from netspec.train.signals import Signals

torch.set_num_threads(1)

RECIPE = """
data:
  {type: fake, shape: [1, 8, 8], train_samples: 72, heldout_samples: 21}
epochs: 2
batch_size: 8
log_every: 4
train_transforms:
  - {type: RandomCrop, size: 8, padding: 1}
  - RandomHorizontalFlip
  - {type: Normalize, mean: [0.5], std: [0.3]}
eval_transforms:
  - {type: Normalize, mean: [0.5], std: [0.3]}
optimizer: {type: SGD, lr: 0.05, momentum: 0.9, weight_decay: 1e-3}
schedule: {type: cosine, warmup: 0.5}
"""


TINY = Path(__file__).with_name("tiny.yaml")


@pytest.fixture
def recipe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(RECIPE)
    return path


@pytest.fixture
def make_recipe(recipe_file: Path) -> Callable[..., Recipe]:
    def make(**settings: Any) -> Recipe:
        named = {k.replace("__", "."): str(v) for k, v in settings.items()}
        return load_recipe(recipe_file, named)

    return make


class StopAt(Silent):
    """Plays a signal once a step is done."""

    def __init__(self, step: int | None) -> None:
        self.stop = step
        self.signals = Signals()
        self.said: list[str] = []

    def step(self, done: int) -> None:
        if done == self.stop:
            self.signals.number = 15

    def say(self, text: str) -> None:
        self.said.append(text)


def run_tiny(
    recipe: Recipe, out: Path, stop: int | None = None, spec: Path = TINY
) -> Loop:
    """Train the tiny network in a folder, from its last checkpoint on."""
    job = Job(spec, {}, recipe, World("cpu"))
    display = StopAt(stop)
    with RunFolder(out) as folder:
        loop = Loop(job, folder, display.signals, display)
        loop.run()
    return loop


def bits(of: Loop | Learner) -> dict[str, bytes]:
    """All weights and moments, to be compared for equality."""
    state = (of.job.main if isinstance(of, Loop) else of).state()
    found = {k: v.numpy().tobytes() for k, v in state["model"].items()}
    for number, moments in state["optimizer"]["state"].items():
        for name, value in moments.items():
            if isinstance(value, torch.Tensor):
                found[f"{number}.{name}"] = value.contiguous().numpy().tobytes()
    return found
