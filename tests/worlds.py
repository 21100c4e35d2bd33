"""What a machine is like on which an example is tried: mostly sound, without a GPU.

A code about the world is provoked by its commands as far as they can; what they cannot
bring about, such as memory that is too small, is here by the code.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import get_worker_info

from netspec.draw import render
from netspec.emit.live import PACKAGE
from netspec.train.loader import _Reading
from netspec.train.tasks.classification import Classification
from tests.published import store

Patch = pytest.MonkeyPatch
OWN = ("mine", "my_layers", "noise")  # modules that examples write
Answers = dict[str, Callable[[], None]]  # commands that are not run, but played


@contextmanager
def world(code: str) -> Iterator[Answers]:
    """The world of a code's examples, in place of the one that runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        patch.setattr(torch.cuda, "is_available", lambda: False)
        for name in [*sys.modules]:
            if name in OWN or name.startswith(PACKAGE):
                patch.delitem(sys.modules, name)
        with _ODD.get(code, _sound)(patch) as answers:
            yield answers


@contextmanager
def _sound(patch: Patch) -> Iterator[Answers]:
    yield {}


@contextmanager
def _room_for_64(patch: Patch) -> Iterator[Answers]:
    loss = Classification.loss

    def costly(task: Any, learner: Any, learners: Any, batch: Any) -> Any:
        if len(batch.ids) > 64:
            raise torch.OutOfMemoryError("Tried to allocate 2.00 GiB.")
        return loss(task, learner, learners, batch)

    patch.setattr(Classification, "loss", costly)
    yield {}


@contextmanager
def _no_tensorboard(patch: Patch) -> Iterator[Answers]:
    with pytest.MonkeyPatch.context() as absent:
        absent.setitem(sys.modules, "torch.utils.tensorboard", None)
        yield {"pip install tensorboard": absent.undo}


@contextmanager
def _workers_are_killed(patch: Patch) -> Iterator[Answers]:
    read = _Reading.__getitem__

    def killed(reading: _Reading, at: tuple[int, int]) -> Any:
        if get_worker_info():
            os.kill(os.getpid(), signal.SIGKILL)
        return read(reading, at)

    patch.setattr(_Reading, "__getitem__", killed)
    yield {}


@contextmanager
def _logged_out(patch: Patch) -> Iterator[Answers]:
    import wandb

    patch.setenv("HOME", str(Path.cwd()))
    patch.setenv("WANDB_SILENT", "true")
    patch.delenv("WANDB_API_KEY", raising=False)
    try:
        yield {}
    finally:
        wandb.teardown()


@contextmanager
def _hasty(patch: Patch) -> Iterator[Answers]:
    """Half a minute is over the sooner, the more there is to draw."""
    run = render._run

    def hasty(dot: str, format: str, environment: Any, time_limit: float) -> bytes:
        return run(dot, format, environment, min(time_limit, 100_000 / len(dot)))

    patch.setattr(render, "_run", hasty)
    yield {}


@contextmanager
def _published(patch: Patch) -> Iterator[Answers]:
    with _cache() as cache:
        store(cache, "SqueezeNet1_1_Weights.IMAGENET1K_V1")
        store(cache, "GoogLeNet_Weights.IMAGENET1K_V1")
        yield {}


@contextmanager
def _no_network(patch: Patch) -> Iterator[Answers]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    patch.setattr("torch.hub.urlopen", refuse)
    store(Path.cwd(), "SqueezeNet1_1_Weights.IMAGENET1K_V1")  # carried here by hand
    with _cache():
        yield {}


@contextmanager
def _cache() -> Iterator[Path]:
    """An empty cache of published weights, in place of the user's."""
    before = torch.hub.get_dir()
    torch.hub.set_dir(Path.cwd() / "hub")
    files = Path("hub/checkpoints")
    files.mkdir(parents=True)
    yield files
    torch.hub.set_dir(before)


_ODD = {
    "NS0908": _room_for_64,
    "NS0920": _no_tensorboard,
    "NS0923": _workers_are_killed,
    "NS0924": _logged_out,
    "NS1003": _hasty,
    "NS1102": _published,
    "NS1103": _no_network,
    "NS1104": _published,
}
