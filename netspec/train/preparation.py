"""A network made ready for a recipe: frozen parts, layout, recomputation, norms."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from fnmatch import fnmatchcase
from types import MethodType
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from netspec.errors.training import NotSupported
from netspec.train.optimizers import check_globs, matches, unmatched

if TYPE_CHECKING:
    from netspec.train.distributed import World
    from netspec.train.recipe import Recipe


def prepare(module: nn.Module, recipe: "Recipe", world: "World") -> nn.Module:
    """Apply the recipe to the network in place; what replaces a layer is returned."""
    freeze(module, recipe.freeze)
    if recipe.sync_batch_norm and world.size > 1:
        if world.device.type == "cpu":
            what = "torch has no `sync_batch_norm` on a CPU"
            advice = "add --set sync_batch_norm=false"
            raise NotSupported(field="sync_batch_norm", what=what, advice=advice)
        module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
    recompute(module, recipe.recompute)
    layout = torch.channels_last if recipe.channels_last else torch.preserve_format
    module.to(world.device, memory_format=layout)  # type: ignore[call-overload]
    return module


def freeze(module: nn.Module, globs: tuple[str, ...]) -> None:
    """Stop the parameters whose names match from being trained."""
    names = [name for name, _ in module.named_parameters()]
    check_globs(globs, names, "freeze")
    for name, parameter in module.named_parameters():
        if any(matches(name, glob) for glob in globs):
            parameter.requires_grad_(False)


def recompute(module: nn.Module, globs: tuple[str, ...]) -> None:
    """Make the matching blocks forget their activations and compute them twice."""
    paths = [path for path, _ in module.named_modules() if path]
    for number, glob in enumerate(globs):
        matches = [path for path in paths if fnmatchcase(path, glob)]
        if not matches:
            raise unmatched(glob, paths, "recompute", f"recompute.{number}", "block")
        for path in matches:
            block = module.get_submodule(path)
            for layer in block.modules():  # its input is needed as it was
                if "inplace" in vars(layer):
                    vars(layer)["inplace"] = False
            # A bound method: a copy of the block is bound to the copy.
            block.forward = MethodType(_twice, block)


def _twice(block: nn.Module, *inputs: Any) -> Any:
    """The block's forward pass, which is made again when gradients need it."""
    from torch.utils.checkpoint import checkpoint

    forward = MethodType(type(block).forward, block)
    if not torch.is_grad_enabled():
        return forward(*inputs)
    if torch.compiler.is_compiling():  # the compiler itself changes a buffer once
        return checkpoint(forward, *inputs, use_reentrant=False)
    contexts = lambda: (nullcontext(), _spare_buffers(block))  # noqa: E731
    return checkpoint(forward, *inputs, use_reentrant=False, context_fn=contexts)


@contextmanager
def _spare_buffers(block: nn.Module) -> Iterator[None]:
    """What is computed again counts no sample again: statistics go into copies."""
    kept = [(layer, dict(layer._buffers)) for layer in block.modules()]
    for layer, buffers in kept:
        copies = {k: b if b is None else b.clone() for k, b in buffers.items()}
        layer._buffers.update(copies)
    try:
        yield
    finally:
        for layer, buffers in kept:
            layer._buffers.update(buffers)


def set_training(module: nn.Module, *, frozen_norms: bool) -> None:
    """Training mode; batch norms stay in evaluation if they are frozen."""
    from torch.nn.modules.batchnorm import _BatchNorm

    module.train()
    for layer in module.modules():
        if frozen_norms and isinstance(layer, _BatchNorm):
            layer.eval()
