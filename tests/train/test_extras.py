"""What needs a package of its own: optimizers, data sets, and where metrics go too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision.transforms.v2.functional import to_pil_image

from netspec.errors.training import CannotReport, DataMissing, NeedsExtra
from netspec.train.data.hub import HuggingFace
from netspec.train.folder import RunFolder
from netspec.train.writers import open_writers
from tests.train.conftest import bits, run_tiny

ADAPTIVE = ["LAMB", "Lion"]


@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize("form", ["auto", "plain"])
def test_optimizers_of_timm_resume_bit_exactly(
    name: str, form: str, make_recipe: Any, tmp_path: Path
) -> None:
    optimizer = f"{{type: {name}, lr: 0.01, weight_decay: 0.1, form: {form}}}"
    recipe = make_recipe(optimizer=optimizer)
    whole = run_tiny(recipe, tmp_path / "whole")
    run_tiny(recipe, tmp_path / "parts", stop=5)
    assert bits(run_tiny(recipe, tmp_path / "parts")) == bits(whole)
    assert type(whole.job.main.optimizer).__module__.startswith("timm.")


def test_a_first_step_of_lamb_is_as_long_as_the_weights(make_recipe: Any) -> None:
    """By the paper's rule: lr times ‖w‖, along Adam's direction with decay."""
    optimizer = "{type: LAMB, lr: 0.5, weight_decay: 0.1}"
    recipe = make_recipe(optimizer=optimizer, schedule="constant")
    weight = torch.nn.Linear(4, 3, bias=False)
    before = weight.weight.detach().clone()
    made = recipe.optimizer.build(weight)
    weight(torch.ones(2, 4)).sum().backward()
    made.step()
    moved = (weight.weight - before).norm()
    torch.testing.assert_close(moved, 0.5 * before.norm())


def test_a_first_step_of_lion_is_a_sign(make_recipe: Any) -> None:
    recipe = make_recipe(optimizer="{type: Lion, lr: 0.5}", schedule="constant")
    weight = torch.nn.Linear(4, 3, bias=False)
    before = weight.weight.detach().clone()
    made = recipe.optimizer.build(weight)
    weight(torch.ones(2, 4)).sum().backward()
    made.step()
    torch.testing.assert_close(weight.weight, before - 0.5)


@pytest.mark.parametrize("name", ADAPTIVE)
def test_a_missing_timm_is_said(
    name: str, make_recipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "timm.optim", None)
    recipe = make_recipe(optimizer=f"{{type: {name}, lr: 0.01}}")
    with pytest.raises(NeedsExtra, match="pip install timm"):
        recipe.optimizer.build(torch.nn.Linear(2, 2))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A data set of the Hugging Face kind: a folder a class, in two splits."""
    root = tmp_path / "pictures"
    for split, count in (("train", 6), ("test", 2)):
        for number, name in enumerate(("dark", "light")):
            (root / split / name).mkdir(parents=True)
            for index in range(count):
                image = torch.full((3, 8, 8), 200 * number + index, dtype=torch.uint8)
                to_pil_image(image).save(root / split / name / f"{index}.png")
    return root


def test_a_hugging_face_set_is_read(pictures: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(pictures.parent / "cache"))
    splits = HuggingFace(name=str(pictures)).load()
    assert splits.classes == ("dark", "light")
    assert (len(splits.train), len(splits.heldout)) == (12, 4)
    samples: Any = splits.train
    pairs = [samples[index] for index in range(12)]
    found = sorted((target, int(image.max())) for image, target in pairs)
    assert found == [(t, 200 * t + i) for t in (0, 1) for i in range(6)]


def test_a_column_that_is_not_there_is_said(pictures: Path) -> None:
    with pytest.raises(DataMissing, match="splits and columns"):
        HuggingFace(name=str(pictures), label="kind").load()


def test_tensorboard_forgets_what_comes_again(make_recipe: Any, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    recipe = make_recipe(tensorboard="true")
    line = {"split": "train", "epoch": 1}
    for first, last in ((0, 6), (4, 8)):  # cut off after 6, gone on with from 4
        (write,) = open_writers(recipe, tmp_path, first)
        for step in range(first + 1, last + 1):
            write({**line, "step": step, "loss": first + step})
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    found = [(event.step, event.value) for event in events.Scalars("train/loss")]
    assert found == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 9), (6, 10), (7, 11), (8, 12)]


@pytest.fixture
def wandb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package without a user, forgetting its settings in the end."""
    import wandb

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    yield wandb
    wandb.teardown()


def test_wandb_keeps_one_run(
    make_recipe: Any, tmp_path: Path, wandb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    recipe = make_recipe(wandb="netspec-test")
    names = []
    for step in (0, 4):
        (write,) = open_writers(recipe, tmp_path, step)
        for more in (1, 2):  # a step is sent once the next one comes
            write({"split": "train", "epoch": 1, "step": step + more, "loss": 0.5})
        assert wandb.run is not None
        assert wandb.run.summary["train/loss"] == 0.5
        names.append(wandb.run.id)
        wandb.finish()
    assert names[0] == names[1]
    assert list(tmp_path.glob(f"wandb/offline-run-*-{names[0]}"))


def test_a_refused_login_is_said(make_recipe: Any, tmp_path: Path, wandb: Any) -> None:
    with pytest.raises(CannotReport, match="No API key"):
        open_writers(make_recipe(wandb="netspec-test"), tmp_path, 0)


def test_metrics_go_to_the_writers_too(make_recipe: Any, tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        seen: list[dict[str, Any]] = []
        loop = run_tiny(make_recipe(), tmp_path / "x")
        loop.folder = folder
        loop.writers = [lambda line: seen.append(dict(line))]
        loop.evaluate()
        assert seen == folder.metrics()
        assert seen[0]["split"] == "heldout"
