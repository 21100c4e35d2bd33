"""An optimizer's state by its parameters' names, each tensor whole.

Rates, decays and other options are not part of it: they are the recipe's.
"""

from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.tensor import DTensor, distribute_tensor

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


def moments_of(module: nn.Module, optimizer: "Optimizer") -> dict[str, Any]:
    """The state, and what the groups count; all processes must call."""
    named = dict(module.named_parameters())
    names = {parameter: name for name, parameter in named.items()}
    groups = [
        {"params": [names[p] for p in group["params"]], **_counts(optimizer, group)}
        for group in optimizer.param_groups
    ]
    state = {
        name: {key: _whole(value) for key, value in optimizer.state[parameter].items()}
        for name, parameter in named.items()
        if parameter in optimizer.state
    }
    return {"state": state, "groups": groups}


def load_moments(
    module: nn.Module, optimizer: "Optimizer", saved: dict[str, Any]
) -> list[str]:
    """Put back what still applies; says what does not."""
    names = {parameter: name for name, parameter in module.named_parameters()}
    trained = [names[p] for group in optimizer.param_groups for p in group["params"]]
    state = {}
    for number, name in enumerate(trained):
        parameter = module.get_parameter(name)
        if name in saved["state"]:
            state[number] = _placed(parameter, saved["state"][name])
        elif saved["state"] and isinstance(optimizer, torch.optim.SGD):
            # Torch's fused SGD takes no mix with none; a step from zeros is the same.
            state[number] = {"momentum_buffer": torch.zeros_like(parameter)}
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    counts = {name: group for group in saved["groups"] for name in group["params"]}
    for group in optimizer.param_groups:
        before = counts.get(names[group["params"][0]], {})
        group.update(_counts(optimizer, before))
    return _changes(set(counts), set(trained))


def _changes(before: set[str], now: set[str]) -> list[str]:
    said = []
    if now - before:
        said.append(f"{len(now - before)} parameters that now train have no moments")
    if before - now:
        said.append(f"the moments of {len(before - now)} that no longer train are lost")
    return said


def _counts(optimizer: "Optimizer", group: dict[str, Any]) -> dict[str, Any]:
    """What an optimizer keeps in a group besides its options: steps, in timm's."""
    options = {"params", *optimizer.defaults}
    return {key: value for key, value in group.items() if key not in options}


def _whole(value: Any) -> Any:
    """A sharded tensor gathered, for the first process, which writes it."""
    if not isinstance(value, DTensor):
        return value
    gathered = value.full_tensor()
    return gathered.cpu() if dist.get_rank() == 0 else None


def _placed(parameter: "Tensor", moments: dict[str, Any]) -> dict[str, Any]:
    """Moments lie in memory as their parameter does: the next step's bits need it."""
    return {
        key: _like(parameter, value)
        if isinstance(value, torch.Tensor) and value.shape == parameter.shape
        else value
        for key, value in moments.items()
    }


def _like(parameter: "Tensor", value: "Tensor") -> "Tensor":
    if isinstance(parameter, DTensor):
        value = value.to(parameter.device)
        mesh, places = parameter.device_mesh, parameter.placements
        return distribute_tensor(value, mesh, places, src_data_rank=None)
    return torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(
        value
    )
