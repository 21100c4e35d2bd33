"""A network made ready for a recipe: frozen parts, layout, recomputation, norms."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from netspec.errors.training import UnmatchedGlob
from netspec.train.optimizers import check_glob

if TYPE_CHECKING:
    from netspec.train.distributed import World
    from netspec.train.recipe import Recipe


def prepare(module: nn.Module, recipe: "Recipe", world: "World") -> nn.Module:
    """Apply the recipe to the network in place; what replaces a layer is returned."""
    freeze(module, recipe.freeze)
    recompute(module, recipe.recompute)
    if recipe.sync_batch_norm and world.size > 1:
        module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
    layout = torch.channels_last if recipe.channels_last else torch.preserve_format
    module.to(world.device, memory_format=layout)  # type: ignore[call-overload]
    return module


def freeze(module: nn.Module, globs: tuple[str, ...]) -> None:
    """Stop the parameters whose names match from being trained."""
    names = [name for name, _ in module.named_parameters()]
    for glob in globs:
        check_glob(glob, names, "freeze")
    for name, parameter in module.named_parameters():
        if any(fnmatchcase(name, glob) for glob in globs):
            parameter.requires_grad_(False)


def recompute(module: nn.Module, globs: tuple[str, ...]) -> None:
    """Make the matching blocks forget their activations and compute them twice."""
    paths = [path for path, _ in module.named_modules() if path]
    for glob in globs:
        matches = [path for path in paths if fnmatchcase(path, glob)]
        if not matches:
            examples = ", ".join(paths[:3])
            raise UnmatchedGlob(glob=glob, where="recompute", examples=examples)
        for path in matches:
            _recompute(module.get_submodule(path))


def _recompute(block: nn.Module) -> None:
    from torch.utils.checkpoint import checkpoint

    forward = block.forward

    def twice(*inputs: Any) -> Any:
        if not torch.is_grad_enabled():
            return forward(*inputs)
        return checkpoint(forward, *inputs, use_reentrant=False)

    block.forward = twice


def set_training(module: nn.Module, *, frozen_norms: bool) -> None:
    """Training mode; batch norms stay in evaluation if they are frozen."""
    from torch.nn.modules.batchnorm import _BatchNorm

    module.train()
    for layer in module.modules():
        if frozen_norms and isinstance(layer, _BatchNorm):
            layer.eval()
