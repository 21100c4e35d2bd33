"""A network that learns: its optimizer, schedule, scaler and moving average."""

from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.optim.swa_utils import (
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
)

from netspec.train import parallel
from netspec.train.distributed import World
from netspec.train.preparation import prepare

if TYPE_CHECKING:
    from torch import Tensor

    from netspec.train.recipe import Recipe

PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Learner:
    """A module and what changes it, one optimizer step at a time.

    `module` is the network itself; `model` is what training calls: the same network
    distributed and compiled as the recipe asks.
    """

    def __init__(
        self, name: str, module: nn.Module, recipe: "Recipe", world: World, steps: int
    ) -> None:
        self.name = name
        self.recipe = recipe
        self.world = world
        self.module = prepare(module, recipe, world)
        self.average = self._average()
        self.model = parallel.distribute(self.module, recipe, world)
        self.optimizer = recipe.optimizer.build(self.module)
        self.schedule = recipe.schedule.build(self.optimizer, recipe.epochs, steps)
        scale = recipe.precision == "fp16"
        self.scaler = torch.amp.GradScaler(world.device.type, enabled=scale)
        self.updates = 0

    def _average(self) -> AveragedModel | None:
        if self.recipe.average is None:
            return None
        decay = self.recipe.average.decay
        if not parallel.will_shard(self.module, self.recipe, self.world):
            rule = get_ema_multi_avg_fn(decay)
            return AveragedModel(self.module, multi_avg_fn=rule, use_buffers=True)
        # One tensor at a time: torch's grouped form takes no mix with whole buffers.
        one = get_ema_avg_fn(decay)
        average = AveragedModel(self.module, avg_fn=one, use_buffers=True)
        parallel.shard(average.module)
        return average

    @property
    def scored(self) -> nn.Module:
        """The network to be evaluated: the average, if there is one."""
        return self.average.module if self.average else self.module

    def backward(self, loss: "Tensor", *, last: bool) -> None:
        """Add the loss's gradients; only the `last` part of a step synchronises."""
        with parallel.synchronised(self.model, last):
            self.scaler.scale(loss).backward()

    def step(self) -> None:
        """Change the weights by the gradients, and go on in the schedule."""
        if self.recipe.clip_norm is not None:
            self.scaler.unscale_(self.optimizer)
            trained = [p for p in self.module.parameters() if p.requires_grad]
            nn.utils.clip_grad_norm_(trained, self.recipe.clip_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.schedule.go_to(self.schedule.at + 1)
        self.updates += 1
        if parallel.is_sharded(self.module):  # DDP does so before each forward pass
            parallel.agree_on_buffers(self.module, self.world)
        if self.average and self.updates % self.recipe.average.every == 0:  # type: ignore[union-attr]
            self.average.update_parameters(self.module)

    def forget(self) -> None:
        """Drop the gradients, also those of losses that only passed through."""
        self.optimizer.zero_grad(set_to_none=True)

    @property
    def lr(self) -> float:
        """The largest learning rate in use."""
        return float(max(group["lr"] for group in self.optimizer.param_groups))

    def agree(self) -> None:
        """Make all processes hold the same network."""
        parallel.agree_on_buffers(self.scored, self.world)
        parallel.agree_on_buffers(self.module, self.world)

    def state(self) -> dict[str, Any]:
        """Everything that decides the next steps, as plain data and tensors."""
        model, optimizer = parallel.full_state(self.module, self.optimizer)
        return {
            "model": model,
            "optimizer": optimizer,
            "average": parallel.full_weights(self.average) if self.average else None,
            "scaler": self.scaler.state_dict(),
            "updates": self.updates,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        parallel.load_full_state(
            self.module, self.optimizer, state["model"], state["optimizer"]
        )
        if self.average:
            parallel.load_full_weights(self.average, state["average"])
        self.scaler.load_state_dict(state["scaler"])
        self.updates = state["updates"]
        self.schedule.go_to(self.updates)


def autocast(recipe: "Recipe", device: torch.device) -> torch.autocast:
    """The context of the recipe's precision."""
    kind = PRECISIONS.get(recipe.precision)
    return torch.autocast(device.type, dtype=kind, enabled=kind is not None)
