"""What a run that cannot start or go on says: every code, as it comes about.

`errors/SCENE.err` holds the text; `--update-golden` writes what comes out.
"""

import os
import re
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import get_worker_info
from torchvision.transforms.v2.functional import to_pil_image

import netspec.errors.training as errors
from netspec.failures import CodedError
from netspec.train.checkpoint import load_checkpoint, newest
from netspec.train.distributed import World
from netspec.train.folder import RunFolder
from netspec.train.inference import predict, score
from netspec.train.learner import Learner
from netspec.train.loader import _Reading
from netspec.train.session import Request, train
from netspec.train.tasks.classification import Classification
from tests.train.conftest import TINY

GOLDEN = Path(__file__).with_name("errors")
LANGUAGE = Path(__file__).with_name("language.yaml")


class Scene:
    """An empty folder, a recipe to vary, and what a user may do with them."""

    def __init__(self, make_recipe: Callable[..., Any], patch: Any) -> None:
        self.make_recipe = make_recipe
        self.patch = patch

    def train(self, spec: Path = TINY, *, out: str = "run", **settings: Any) -> Any:
        known = ("resume", "device", "allow_change", "overfit")
        options = {k: settings.pop(k) for k in known if k in settings}
        made = self.make_recipe(**{"epochs": 1, **settings})
        options = {"device": "cpu", **options}
        request = Request(spec=spec, recipe=made, out=Path(out), quiet=True, **options)
        return train(request)

    def damage(self) -> None:
        self.train()
        for path in Path("run/checkpoints").glob("*/state.json"):
            path.write_text("{}")

    def images(self, *sizes: int) -> None:
        for split in ("train", "val"):
            folder = Path(f"images/{split}/a")
            folder.mkdir(parents=True)
            for number, size in enumerate(sizes):
                to_pil_image(torch.zeros(1, size, size)).save(folder / f"{number}.png")

    # One method for each code, which fails in that way.

    def folder_in_use(self) -> None:
        with RunFolder(Path("run")):
            self.train()

    def folder_not_empty(self) -> None:
        self.train()
        self.train()

    def run_changed(self) -> None:
        self.train()
        self.train(optimizer__lr=0.5, resume=True)

    def checkpoint_does_not_fit(self) -> None:
        self.train()
        changed = {"resume": True, "allow_change": True}
        self.train(data__classes=4, epochs=2, **changed)

    def no_good_checkpoint(self) -> None:
        self.damage()
        newest(Path("run/checkpoints"))

    def bad_checkpoint(self) -> None:
        self.damage()
        load_checkpoint(next(Path("run/checkpoints").iterdir()))

    def cannot_write(self) -> None:
        Path("file").write_text("")
        self.train(out="file/run")

    def not_finite(self) -> None:
        self.train(optimizer__lr=1e30, schedule="constant")

    def out_of_memory(self) -> None:
        def loss(*_: Any) -> None:
            raise torch.OutOfMemoryError("Tried to allocate 2.00 GiB.")

        self.patch.setattr(Classification, "loss", loss)
        self.train()

    def unmatched_glob(self) -> None:
        self.train(freeze="[head.*]")

    def nothing_to_train(self) -> None:
        self.train(freeze="['*']")

    def unknown_output(self) -> None:
        self.train(task="{type: classification, losses: {aux: 0.4}}")

    def data_mismatch(self) -> None:
        self.train(data="{type: fake, shape: [3, 8, 8]}")

    def data_missing(self) -> None:
        self.train(data="{type: folder, root: images}")

    def too_many_bad_samples(self) -> None:
        self.images(8, 8)
        Path("images/train/a/1.png").write_bytes(b"torn")
        spec = Path("rgb.yaml")
        spec.write_text(TINY.read_text().replace("[1, 8, 8]", "[3, 8, 8]"))
        self.train(
            spec,
            data="{type: folder, root: images}",
            batch_size=2,
            train_transforms="[{type: Resize, size: [8, 8]}]",
        )

    def no_device(self) -> None:
        self.train(device="tpu")

    def image_unreadable(self) -> None:
        self.train()
        _, found = next(predict(Path("run"), ["image.png"], 5, None, "cpu"))
        assert isinstance(found, CodedError)
        raise found

    def not_a_run(self) -> None:
        score(Path("nowhere"), None, "cpu")

    def cannot_sample(self) -> None:
        self.train(batch_size=100)

    def cannot_split(self) -> None:
        self.train(accumulate=4, overfit=2)

    def needs_extra(self) -> None:
        self.patch.setitem(sys.modules, "torch.utils.tensorboard", None)
        self.train(tensorboard="true")

    def not_supported(self) -> None:
        self.train(
            LANGUAGE,
            data="{type: text, length: 16}",
            task="language_modelling",
            train_transforms="[]",
            eval_transforms="[]",
            batch_size=64,
        )
        next(predict(Path("run"), ["image.png"], 5, None, "cpu"))

    def weights_not_finite(self) -> None:
        step = Learner.step

        def spoil(learner: Learner) -> None:
            step(learner)
            for parameter in learner.module.parameters():
                torch.nn.init.constant_(parameter, float("inf"))

        self.patch.setattr(Learner, "step", spoil)
        self.train(checkpoint__every=1)

    def worker_ended(self) -> None:
        read = _Reading.__getitem__

        def end(reading: _Reading, at: tuple[int, int]) -> Any:
            if get_worker_info():
                os.kill(os.getpid(), signal.SIGKILL)
            return read(reading, at)

        self.patch.setattr(_Reading, "__getitem__", end)
        self.train(workers=1, train_transforms="[RandAugment]")

    def cannot_report(self) -> None:
        import wandb

        def refuse(**_: Any) -> None:
            raise wandb.Error("No API key configured.")

        self.patch.setattr(wandb, "init", refuse)
        self.train(wandb="project")

    def cannot_meet(self) -> None:
        self.patch.setenv("WORLD_SIZE", "2")
        World("cpu")


def say(fail: Callable[[], object], kind: type[CodedError]) -> str:
    """The error's text, without what differs between machines."""
    with pytest.raises(kind) as caught:
        fail()
    known = {
        str(TINY.parent): "/…",
        str(os.getpid()): "123",
        socket.gethostname(): "host",
        str(Path.cwd()): "/…",
    }
    said = str(caught.value)
    for own, other in known.items():
        said = said.replace(own, other)
    said = re.sub(r"\S+/recipe\d+/", "/…/", said)
    return re.sub(r"pid\(s\) \d+", "pid(s) 123", said)


ELSEWHERE = {"rank_failed"}  # in test_distributed.py, with processes that die
HELPERS = {"train", "damage", "images"}
SCENES = [n for n in vars(Scene) if not n.startswith("_") and n not in HELPERS]
KINDS = {
    "".join("_" * c.isupper() + c.lower() for c in name).strip("_"): kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and hasattr(kind, "code")
}


@pytest.mark.parametrize("name", SCENES)
def test_message(
    name: str,
    make_recipe: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    update_golden: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    golden = GOLDEN / f"{name}.err"
    said = say(getattr(Scene(make_recipe, monkeypatch), name), KINDS[name])
    if update_golden:
        golden.write_text(said)
    assert said == golden.read_text()


def test_no_orphans() -> None:
    assert {path.stem for path in GOLDEN.glob("*.err")} == set(SCENES)


def test_every_error_has_a_message() -> None:
    assert set(KINDS) == set(SCENES) | ELSEWHERE
