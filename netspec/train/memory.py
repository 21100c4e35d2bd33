"""Out of memory: what was asked, what was free, and how large a batch would fit."""

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import torch

from netspec.errors.training import OutOfMemory
from netspec.train.learner import autocast
from netspec.train.samples import Batch

if TYPE_CHECKING:
    from netspec.train.setup import Job

BEFORE = "use a smaller network, smaller or fewer samples, or more memory"


@contextmanager
def in_words(jobs: list["Job"], saved: str = "") -> Iterator[None]:
    """Memory that runs out in this context is said, with the batch that would fit.

    `jobs` holds the job once it is made; `saved` is what a person should know besides.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        asked = _figures(str(error))
        _free(error)  # the failed step's activations live in the frames of its calls
        if not jobs:
            when = "before the first step"
            raise OutOfMemory(when=when, asked=asked, advice=BEFORE) from None
        batch, advice = _advice(jobs[0])
        when, advice = f"at batch size {batch}", advice + saved
        raise OutOfMemory(
            field="batch_size", when=when, asked=asked, advice=advice
        ) from None


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out, on a GPU or on the host."""
    kinds = (torch.OutOfMemoryError, MemoryError)
    return isinstance(error, kinds) or "DefaultCPUAllocator" in str(error)


def _free(error: BaseException | None) -> None:
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def _advice(job: "Job") -> tuple[int, str]:
    """The batch of one process, and what to do; alone, it tries smaller batches."""
    batch = job.plan.batch_size // (job.plan.world * job.plan.accumulate)
    if job.world.size > 1:
        return batch, "lower `batch_size`, or raise `accumulate`"
    fits = largest_batch(lambda size: _fits(job, size), batch + 1)
    if fits == batch:
        return (
            batch,
            "a step fits, and its evaluation does not: lower `eval_batch_size`",
        )
    if not fits:
        return batch, "not even one sample fits: use a smaller network"
    parts = -(-job.plan.batch_size // fits)
    return batch, f"set `accumulate` to {parts}: the largest batch that fits is {fits}"


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
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            return False
        raise
    return True


def _forward_and_backward(job: "Job", batch: Batch) -> None:
    for learner in job.learners:
        with autocast(job.recipe, job.world.device):
            outcome = job.recipe.task.loss(learner, job.learners, batch)
        learner.backward(outcome.loss)


def _figures(message: str) -> str:
    """`2.00 GiB asked, 1.20 GiB free` out of torch's own message."""
    asked = re.search(r"allocate ([\d.]+ \w+)", message)
    count = re.search(r"allocate (\d+) bytes", message)
    free = re.search(r"of which ([\d.]+ \w+) is free", message)
    found = [f"{m[1]} {word}" for m, word in ((asked, "asked"), (free, "free")) if m]
    if count:
        found = [f"{int(count[1]) / 2**30:.2f} GiB asked of the host"]
    return ", ".join(found) or message.split("\n")[0] or "the host has no more"
