"""A few steps that leave no trace: what a run would cost, and which rate suits it."""

import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from netspec.errors.training import NotFinite
from netspec.train.folder import RunFolder
from netspec.train.loop import Loop
from netspec.train.preparation import set_training
from netspec.train.progress import Silent
from netspec.train.signals import Signals

if TYPE_CHECKING:
    from netspec.train.setup import Job

WARM, TIMED = 2, 5


@contextmanager
def _rehearsal(job: "Job") -> Iterator[Loop]:
    with tempfile.TemporaryDirectory() as path:
        folder = RunFolder(Path(path))
        yield Loop(job, folder, Signals(), Silent())


def estimate(job: "Job") -> dict[str, Any]:
    """What a run would take: parameters, steps, memory in bytes, samples/s, seconds."""
    with _rehearsal(job) as loop:
        seconds, activations = _time(loop)
    module = job.main.module
    steps = job.recipe.epochs * job.plan.steps
    return {
        "parameters": sum(p.numel() for p in module.parameters()),
        "trained": sum(p.numel() for p in module.parameters() if p.requires_grad),
        "steps_per_epoch": job.plan.steps,
        "steps": steps,
        "memory_bytes": _held(job) + activations,
        "samples_per_s": round(job.plan.batch_size / seconds, 1),
        "seconds": round(seconds * steps, 1),
    }


def _time(loop: Loop) -> tuple[float, int]:
    """Seconds of a step, and the bytes that its backward pass needs."""
    job = loop.job
    for learner in job.learners:
        set_training(learner.model, frozen_norms=job.recipe.frozen_norms)
    steps = _endless(loop)
    with _saved_bytes() as saved:
        loop.train_step(next(steps))
    # What workers read in advance is used up first: then steps wait as in a run.
    read = 2 * job.recipe.workers // job.recipe.accumulate
    for parts in islice(steps, WARM + read):
        loop.train_step(parts)
    _wait(job)
    start = time.perf_counter()
    for parts in islice(steps, TIMED + read):
        loop.train_step(parts)
    _wait(job)
    seconds = (time.perf_counter() - start) / (TIMED + read)
    return seconds, max(saved.values(), default=0)


@contextmanager
def _saved_bytes() -> Iterator[dict[str, int]]:
    """Counts what autograd keeps, each piece of memory once."""
    seen: dict[int, int] = {}
    total = {"bytes": 0}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in seen:
            seen[storage.data_ptr()] = storage.nbytes()
            total["bytes"] += storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield total


def _held(job: "Job") -> int:
    """Bytes of weights, gradients, moments and the moving average."""
    held = 0
    for learner in job.learners:
        tensors = [*learner.module.parameters(), *learner.module.buffers()]
        if learner.average:
            tensors += learner.average.state_dict().values()
        tensors += [p for p in learner.module.parameters() if p.requires_grad]
        for moments in learner.optimizer.state.values():
            tensors += [m for m in moments.values() if isinstance(m, torch.Tensor)]
        held += sum(t.numel() * t.element_size() for t in tensors)
    return held


def _wait(job: "Job") -> None:
    if job.world.device.type == "cuda":
        torch.cuda.synchronize(job.world.device)


def find_rate(job: "Job", low: float = 1e-6, high: float = 10.0) -> dict[str, Any]:
    """Losses as the learning rate grows, and where they fall fastest (Smith 2015)."""
    count = 100
    growth = (high / low) ** (1 / (count - 1))
    points: list[tuple[float, float]] = []
    with _rehearsal(job) as loop:
        for number, parts in zip(range(count), _endless(loop), strict=False):
            rate = low * growth**number
            loss = _loss_at(loop, parts, rate)
            smooth = points[-1][1] * 0.9 + loss * 0.1 if points else loss
            lowest = min((before for _, before in points), default=smooth)
            if not smooth <= 4 * lowest:  # not a number, too
                break
            points.append((rate, smooth))
    return {"suggestion": _steepest(points), "points": points}


def _endless(loop: Loop) -> Iterator[Any]:
    while True:
        yield from loop.steps()
        loop.at.epoch += 1


def _loss_at(loop: Loop, parts: Any, rate: float) -> float:
    main = loop.job.main
    whole = main.recipe.optimizer.lr
    pairs = zip(main.optimizer.param_groups, main.schedule.rates, strict=True)
    for group, own in pairs:  # groups keep their share of it
        group["lr"] = rate * own / whole
    loop.meter = loop.job.meter()
    try:
        loop.train_step(parts)
    except NotFinite:
        return math.inf
    return loop.meter.read(loop.world)["loss"]


def _steepest(points: list[tuple[float, float]]) -> float | None:
    """The rate at which the smoothed loss falls fastest over five steps."""
    later = zip(points, points[2:], points[5:], strict=False)
    falls = [(after[1] - before[1], middle[0]) for before, middle, after in later]
    fall, rate = min(falls, default=(0.0, 0.0))
    return rate if fall < 0 else None
