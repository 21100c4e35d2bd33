"""The first and the last thing that a run says of itself."""

from typing import TYPE_CHECKING

from torch.nn.modules.batchnorm import _BatchNorm

from netspec.train.environment import cores_here, device_name
from netspec.train.folder import BEST, LAST

if TYPE_CHECKING:
    from netspec.train.loop import Loop
    from netspec.train.setup import Job


def opening(job: "Job") -> str:
    """Where a run trains, what of the network, and from which weights."""
    sizes = [(p.numel(), p.requires_grad) for p in job.main.module.parameters()]
    total = sum(size for size, _ in sizes)
    train = sum(size for size, trains in sizes if trains)
    processes = f" x {job.world.size} processes" if job.world.size > 1 else ""
    kept = "all train" if train == total else f"{train:,} train"
    return (
        f"{job.network.name} on {device_name(job.world.device)}{processes}: "
        f"{total:,} parameters, {kept}; {_weights(job)}"
    )


def _weights(job: "Job") -> str:
    weights = job.recipe.weights
    if weights is None:
        return "fresh weights"
    return f"weights of {weights.file}, fresh: {', '.join(weights.replace) or 'none'}"


def warnings(job: "Job") -> list[str]:
    """What a recipe asks for and hardly means."""
    return [f"warning: {text}" for text in (*_norms(job), *_workers(job))]


def _workers(job: "Job") -> list[str]:
    workers, cores = job.train_loader.workers, cores_here()
    if job.train_loader.resident or workers <= cores:
        return []
    many = "cores" if cores > 1 else "core"
    return [f"{workers} workers share {cores} {many}: `workers: {cores}` is enough"]


def _norms(job: "Job") -> list[str]:
    if job.recipe.frozen_norms:
        return []
    norms = [m for m in job.main.module.modules() if isinstance(m, _BatchNorm)]
    frozen = [
        norm
        for norm in norms
        if norm.affine
        and norm.running_mean is not None
        and not any(p.requires_grad for p in norm.parameters())
    ]
    if not frozen:
        return []
    what = f"{len(frozen)} of {len(norms)} batch norms are frozen"
    return [f"{what}, but not their statistics: set `frozen_norms: true`"]


def closing(loop: "Loop") -> str:
    """What came out, and where it lies."""
    task, folder = loop.recipe.task, loop.folder
    bad = len(loop.job.train_loader.bad) + len(loop.job.heldout_loader.bad)
    left_out = f"; {bad} unreadable samples left out" if bad else ""
    if loop.best is None:
        return f"weights in {folder.path / LAST}{left_out}"
    lines = [line for line in folder.metrics() if line.get("split") == "heldout"]
    epochs = [line["epoch"] for line in lines if line.get(task.score) == loop.best]
    epoch = f" (epoch {epochs[0]})" if epochs else ""
    where = folder.path / BEST
    return f"best {task.score} {loop.best:.4f}{epoch}, weights in {where}{left_out}"
