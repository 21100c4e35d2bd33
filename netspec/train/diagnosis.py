"""Where a loss went wrong: the first node whose output is not finite."""

import sys
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from netspec.diagnostics import Span
from netspec.emit import places
from netspec.train import parallel
from netspec.train.learner import autocast

if TYPE_CHECKING:
    from netspec.errors.python import ForwardFailed
    from netspec.train.learner import Learner
    from netspec.train.samples import Batch
    from netspec.train.setup import Job


def first_not_finite(
    job: "Job", learner: "Learner", parts: list["Batch"]
) -> tuple[str, Span | None]:
    """A sentence naming the first node, with its place in the spec, or the weights."""
    for name, parameter in learner.module.named_parameters():
        if not _finite(parameter):
            return f"{name} was already not finite", None
    if any(parallel.needs_all(one.module) for one in job.learners):
        return "run it in one process to learn which node it was", None
    for one in job.learners:
        one.model = one.module  # the run ends here; the others are not in step
    for batch in parts:
        if not bool(batch.inputs.isfinite().all()):
            return "the input itself is not finite", None
        found = _watch(job, learner, batch)
        if found is not None:
            where = f"the first output that is not finite is that of {found.path}"
            return where, found.span
    return "every node's output is finite: the loss itself overflowed", None


def bad_weights(module: nn.Module) -> str | None:
    """The first parameter or buffer that is not finite."""
    for name, tensor in module.state_dict().items():
        if not _finite(tensor):
            return name
    return None


class _NotFinite(Exception):
    """Raised where a node gives what is not finite: its traceback says which."""


class _Watched(TorchFunctionMode):
    """Watches the functions that an emitted file calls itself."""

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        if places.is_emitted(sys._getframe(1)):
            _stop(result)
        return result


def _watch(job: "Job", learner: "Learner", batch: "Batch") -> "ForwardFailed | None":
    """Work out the loss again, up to the first node with a bad output."""
    handles = [
        module.register_forward_hook(lambda *given: _stop(given[-1]))
        for one in job.learners
        for module in one.module.modules()
    ]
    try:
        with torch.no_grad(), autocast(job.recipe, job.world.device), _Watched():
            job.recipe.task.loss(learner, job.learners, batch)
    except _NotFinite as error:
        return places.failure(error)
    finally:
        for handle in handles:
            handle.remove()
    return None


def _stop(output: Any) -> None:
    if not _finite(output):
        raise _NotFinite


def _finite(output: Any) -> bool:
    if isinstance(output, torch.Tensor):
        return not output.is_floating_point() or bool(output.isfinite().all())
    if isinstance(output, tuple | list):
        return all(_finite(item) for item in output)
    return True
