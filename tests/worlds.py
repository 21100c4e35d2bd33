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
from netspec.train.loader import _Reading
from netspec.train.tasks.classification import Classification

Patch = pytest.MonkeyPatch
Answers = dict[str, Callable[[], None]]  # commands that are not run, but played


@contextmanager
def world(code: str) -> Iterator[Answers]:
    """The world of a code's examples, in place of the one that runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        patch.setattr(torch.cuda, "is_available", lambda: False)
        patch.delitem(sys.modules, "my_layers", raising=False)
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


_ODD = {
    "NS0908": _room_for_64,
    "NS0920": _no_tensorboard,
    "NS0923": _workers_are_killed,
    "NS0924": _logged_out,
    "NS1003": _hasty,
}
