"""Out of memory: what was asked, what was free, and how large a batch would fit."""

import re
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

import torch

from netspec.errors.training import OutOfMemory
from netspec.train.learner import autocast
from netspec.train.samples import Batch

if TYPE_CHECKING:
    from netspec.train.setup import Job


def explain(error: torch.OutOfMemoryError, job: "Job") -> OutOfMemory:
    """The error in words; alone, the process tries smaller batches to find one."""
    batch = job.plan.batch_size // (job.plan.world * job.plan.accumulate)
    advice = "lower `batch_size`, or raise `accumulate`"
    if job.world.size == 1:
        fits = largest_batch(lambda size: _fits(job, size), batch)
        parts = -(-job.plan.batch_size // max(fits, 1))
        advice = f"set `accumulate` to {parts}: the largest batch that fits is {fits}"
        advice = advice if fits else "not even one sample fits: use a smaller network"
    return OutOfMemory(batch=batch, asked=_figures(str(error)), advice=advice)


def largest_batch(fits: Callable[[int], bool], failed: int) -> int:
    """The largest size below `failed` that fits, by halving; 0 if none does."""
    low, high = 0, failed
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _fits(job: "Job", size: int) -> bool:
    for learner in job.learners:
        learner.optimizer.zero_grad(set_to_none=True)
    torch.cuda.empty_cache()
    try:
        ids = [torch.arange(size)]
        batch = next(islice(job.train_loader.batches(ids, epoch=0), 1))
        _forward_and_backward(job, batch)
    except torch.OutOfMemoryError:
        return False
    return True


def _forward_and_backward(job: "Job", batch: Batch) -> None:
    for learner in job.learners:
        with autocast(job.recipe, job.world.device):
            outcome = job.recipe.task.loss(learner, job.learners, batch)
        learner.backward(outcome.loss)


def _figures(message: str) -> str:
    """`2.00 GiB asked, 1.20 GiB free` out of torch's own message."""
    asked = re.search(r"allocate ([\d.]+ \w+)", message)
    free = re.search(r"of which ([\d.]+ \w+) is free", message)
    found = [f"{m[1]} {word}" for m, word in ((asked, "asked"), (free, "free")) if m]
    return ", ".join(found) or message.splitlines()[0]
