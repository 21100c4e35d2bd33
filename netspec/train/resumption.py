"""Going back to a checkpoint: exactly, or as far as a changed recipe lets it apply."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.errors.training import CheckpointDoesNotFit
from netspec.train import seeds
from netspec.train.folder import LAST
from netspec.train.position import Position
from netspec.weights import misfits

if TYPE_CHECKING:
    from netspec.train.learner import Learner
    from netspec.train.loop import Loop


def restore(loop: "Loop", state: dict[str, Any], path: Path) -> list[str]:
    """Take over what applies of a checkpoint's state; says what does not.

    Raises CheckpointDoesNotFit, with nothing changed in the folder.
    """
    saved = list(state["learners"].values())
    _need_fit(loop.job.learners, saved, path)
    loop.at = Position(**state["position"])
    steps = loop.job.plan.steps
    said = _cut_anew(loop.at, state["steps"], steps)
    done = loop.at.epoch * steps + loop.at.batch
    for learner, one in zip(loop.job.learners, saved, strict=True):
        said += learner.load(one, done)
    said += _restore_own(loop, state["processes"])
    loop.best = state["best"]
    loop.lr = state["lr"]
    loop.clock.go_on(state["seconds"])
    if loop.world.main:
        loop.folder.keep_lines(state["lines"])
    return said


def _need_fit(
    learners: list["Learner"], saved: list[dict[str, Any]], path: Path
) -> None:
    report = [f"it holds {len(saved)} networks, and {len(learners)} train"]
    if len(learners) == len(saved):
        pairs = zip(learners, saved, strict=True)
        report = [
            line for one, own in pairs for line in misfits(one.module, own["model"])
        ]
    if report:
        weights = path.parents[1] / LAST
        lines = "\n".join(report)
        raise CheckpointDoesNotFit(path=path, report=lines, weights=weights)


def _cut_anew(at: Position, before: int, now: int) -> list[str]:
    """Find the place in an epoch that now has another number of steps."""
    if now == before:
        return []
    at.batch = at.batch * now // before
    return [f"an epoch has {now} steps, and had {before}"]


def _restore_own(loop: "Loop", processes: list[dict[str, Any]]) -> list[str]:
    """Take over what this process left of itself."""
    if len(processes) != loop.world.size:
        return ["random numbers start afresh, as the number of processes is another"]
    own = processes[loop.world.rank]
    seeds.set_random_state(own["random"])
    if own["meter"].shape != loop.meter.sums.shape:
        return ["what was measured since the last line is lost"]
    loop.meter.sums.copy_(own["meter"])
    return []
