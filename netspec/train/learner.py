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
from netspec.train.moments import load_moments, moments_of
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
        self,
        name: str,
        module: nn.Module,
        recipe: "Recipe",
        world: World,
        steps: int,
        *,
        whole: bool = True,  # the loss looks at every output
    ) -> None:
        self.name = name
        self.recipe = recipe
        self.world = world
        self.module = prepare(module, recipe, world)
        self.average = self._average()
        self.model = parallel.distribute(self.module, recipe, world, whole=whole)
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

    def backward(self, loss: "Tensor") -> None:
        """Add the loss's gradients."""
        self.scaler.scale(loss).backward()

    def step(self) -> None:
        """Change the weights by the gradients, and go on in the schedule."""
        if self.recipe.clip_norm is not None:
            self.scaler.unscale_(self.optimizer)
            trained = [p for p in self.module.parameters() if p.requires_grad]
            nn.utils.clip_grad_norm_(trained, self.recipe.clip_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.updates += 1
        if parallel.is_sharded(self.module):  # DDP does so before each forward pass
            parallel.agree_on_buffers(self.module, self.world)
        if self.average and self.updates % self.recipe.average.every == 0:  # type: ignore[union-attr]
            self.average.update_parameters(self.module)
            if self.schedule.warming:
                self.average.n_averaged.zero_()  # so that the next is a copy, too
        self.schedule.go_to(self.schedule.at + 1)

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
        return {
            "model": parallel.full_weights(self.module),
            "optimizer": {
                "kind": self.recipe.optimizer.kind,
                **moments_of(self.module, self.optimizer),
            },
            "average": parallel.full_weights(self.average) if self.average else None,
            "scaler": self.scaler.state_dict(),
            "updates": self.updates,
        }

    def load(self, state: dict[str, Any], step: int) -> list[str]:
        """Go back to a state, at a step of the schedule; says what does not apply.

        The weights must fit; rates and other options are those of the recipe.
        """
        parallel.load_full_weights(self.module, state["model"])
        said = self._load_moments(state["optimizer"])
        said += self._load_average(state)
        if self.scaler.is_enabled() and state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        elif self.scaler.is_enabled():
            said.append("the scale of the loss starts afresh")
        self.updates = state["updates"]
        self.schedule.go_to(step)
        return said

    def _load_moments(self, saved: dict[str, Any]) -> list[str]:
        before, now = saved["kind"], self.recipe.optimizer.kind
        if before != now:
            return [f"the moments of {before} are lost: {now} starts afresh"]
        return load_moments(self.module, self.optimizer, saved)

    def _load_average(self, state: dict[str, Any]) -> list[str]:
        if self.average is None:
            return ["the average is lost"] if state["average"] else []
        if state["average"]:
            parallel.load_full_weights(self.average, state["average"])
            return []
        parallel.load_full_weights(self.average.module, state["model"])
        return ["the average starts from the weights as they are"]


def autocast(recipe: "Recipe", device: torch.device) -> torch.autocast:
    """The context of the recipe's precision."""
    kind = PRECISIONS.get(recipe.precision)
    return torch.autocast(device.type, dtype=kind, enabled=kind is not None)
