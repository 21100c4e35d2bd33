"""Where a loss went wrong: the first node whose output is not finite."""

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from netspec.train.learner import autocast

if TYPE_CHECKING:
    from netspec.train.learner import Learner
    from netspec.train.samples import Batch
    from netspec.train.setup import Job


def first_not_finite(job: "Job", learner: "Learner", parts: list["Batch"]) -> str:
    """A sentence naming the first node, by its line in the spec, or the weights."""
    for name, parameter in learner.module.named_parameters():
        if not _finite(parameter):
            return f"{name} was already not finite"
    for batch in parts:
        if not bool(batch.inputs.isfinite().all()):
            return "the input itself is not finite"
        path = _watch(job, learner, batch)
        if path is not None:
            place = job.place_of(path)
            return f"the first output that is not finite is that of {path}{place}"
    return "every node's output is finite: the loss itself overflowed"


def bad_weights(module: nn.Module) -> str | None:
    """The first parameter or buffer that is not finite."""
    for name, tensor in module.state_dict().items():
        if not _finite(tensor):
            return name
    return None


def _watch(job: "Job", learner: "Learner", batch: "Batch") -> str | None:
    """Run the batch again and note the first module with a bad output."""
    found: list[str] = []

    def hook_for(path: str) -> Any:
        def hook(module: Any, inputs: Any, output: Any) -> None:
            if not found and not _finite(output):
                found.append(path)

        return hook

    handles = [
        module.register_forward_hook(hook_for(path))
        for path, module in learner.module.named_modules()
        if path
    ]
    try:
        with torch.no_grad(), autocast(job.recipe, job.world.device):
            learner.module(batch.inputs)
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else None


def _finite(output: Any) -> bool:
    if isinstance(output, torch.Tensor):
        return not output.is_floating_point() or bool(output.isfinite().all())
    if isinstance(output, tuple | list):
        return all(_finite(item) for item in output)
    return True
