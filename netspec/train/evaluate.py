"""Scoring a network on held-out samples, each counted once over all processes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import nn

from netspec.train.learner import autocast
from netspec.train.sampler import shard

if TYPE_CHECKING:
    from netspec.train.distributed import World
    from netspec.train.loader import Loader
    from netspec.train.meters import Meter
    from netspec.train.recipe import Recipe


@torch.no_grad()
def evaluate(
    model: nn.Module,
    loader: "Loader",
    recipe: "Recipe",
    meter: "Meter",
    world: "World",
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Add every held-out sample to the meter; False if `stopped` before the end."""
    model.eval()
    size = recipe.eval_batch_size or recipe.batch_size
    parts = shard(len(loader), size, world.rank, world.size)
    # A process whose share is used up still takes part: sharded weights need it.
    ids = [part if len(part) else torch.tensor([0]) for part in parts]
    for part, batch in zip(parts, loader.batches(ids, epoch=0), strict=True):
        if world.any(stopped()):
            return False
        with autocast(recipe, world.device):
            outcome = recipe.task.predict(model, batch)
        if len(part) and len(batch.ids):
            meter.add(outcome)
    return True
