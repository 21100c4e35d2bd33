"""A network over several processes: DDP or FSDP2, and its state as if it were one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

if TYPE_CHECKING:
    from netspec.train.distributed import World
    from netspec.train.recipe import Recipe


def distribute(
    module: nn.Module, recipe: "Recipe", world: "World", *, whole: bool
) -> nn.Module:
    """The network as training calls it: over the processes, and compiled.

    Unless it is learned as a `whole`, some parameters may get no gradient.
    """
    model = module
    if will_shard(module, recipe, world):
        model = shard(module)
    elif _learns_together(module, world):
        model = _replicate(module, world, whole)
    if recipe.compile != "off":
        model = torch.compile(model, mode=recipe.compile)  # type: ignore[assignment]
    return model


def will_shard(module: nn.Module, recipe: "Recipe", world: "World") -> bool:
    """Whether FSDP2 is to hold a network's parameters."""
    return recipe.strategy == "fsdp" and _learns_together(module, world)


def _learns_together(module: nn.Module, world: "World") -> bool:
    return world.size > 1 and any(p.requires_grad for p in module.parameters())


def _replicate(module: nn.Module, world: "World", whole: bool) -> nn.Module:
    device = [world.device] if world.device.type == "cuda" else None
    return DistributedDataParallel(
        module, device_ids=device, find_unused_parameters=not whole
    )


def shard(module: nn.Module) -> nn.Module:
    """FSDP2: each top-level part is gathered when it runs, and freed after."""
    from torch.distributed.fsdp import fully_shard

    for child in module.children():
        if any(True for _ in child.parameters()):
            fully_shard(child)
    fully_shard(module, reshard_after_forward=True)  # in place
    return module


@contextmanager
def exchanging(wanted: nn.Module | None, models: Sequence[nn.Module]) -> Iterator[None]:
    """Of these models only the `wanted` one's gradients are exchanged.

    DDP decides so in the forward pass, so that belongs in here with the backward pass.
    """
    with ExitStack() as stack:
        for model in models:
            inner = getattr(model, "_orig_mod", model)  # torch.compile wraps it
            if model is not wanted and isinstance(inner, DistributedDataParallel):
                stack.enter_context(inner.no_sync())
        yield


def agree_on_buffers(module: nn.Module, world: "World") -> None:
    """Give all processes the first one's buffers: each saw other samples."""
    if world.size > 1:
        for buffer in module.buffers():
            dist.broadcast(buffer, src=0)


def is_sharded(module: nn.Module) -> bool:
    """Whether FSDP2 holds the parameters, or those of a part."""
    return any(hasattr(part, "unshard") for part in module.modules())


def needs_all(module: nn.Module) -> bool:
    """Whether the network runs only when all processes run it together."""
    synced = any(isinstance(part, nn.SyncBatchNorm) for part in module.modules())
    return synced or is_sharded(module)


def full_weights(module: nn.Module) -> dict[str, Any]:
    """The whole state of a network; all processes must call."""
    if not is_sharded(module):
        return dict(module.state_dict())
    from torch.distributed.checkpoint.state_dict import (
        StateDictOptions,
        get_model_state_dict,
    )

    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    return get_model_state_dict(module, options=options)


def load_full_weights(module: nn.Module, weights: dict[str, Any]) -> None:
    """Put a whole state back, onto every process's part."""
    if not is_sharded(module):
        module.load_state_dict(weights)
        return
    from torch.distributed.checkpoint.state_dict import (
        StateDictOptions,
        set_model_state_dict,
    )

    options = StateDictOptions(full_state_dict=True)
    set_model_state_dict(module, weights, options=options)
