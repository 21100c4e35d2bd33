"""Learning-rate schedules: a factor of every group's rate for each optimizer step.

A factor follows from the step alone, so a schedule has no state: a run goes on with
what its recipe says, from any step.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from netspec.kinds import ListOf, Number, PositiveFloat, Probability
from netspec.train.sections import TypedRecord

if TYPE_CHECKING:
    from torch.optim import Optimizer


class Schedule:
    """Sets the optimizer's rates: those its groups were made with, times a factor."""

    def __init__(
        self, optimizer: "Optimizer", factor: Callable[[int], float], warm: int
    ) -> None:
        self.optimizer = optimizer
        self.factor = factor
        self.warm = warm
        self.rates = [group["lr"] for group in optimizer.param_groups]
        self.go_to(0)

    def go_to(self, step: int) -> None:
        """Set the rates of a step, counted from 0."""
        self.at = step
        factor = self.factor(step)
        pairs = zip(self.optimizer.param_groups, self.rates, strict=True)
        for group, rate in pairs:
            group["lr"] = rate * factor

    @property
    def warming(self) -> bool:
        """Whether the step is one of the warm-up."""
        return self.at < self.warm


class ScheduleRecipe(TypedRecord):
    """A linear warm-up over `warmup` epochs from `warmup_start` of the first rate."""

    warmup: Annotated[float, Number(0)] = 0.0
    warmup_start: Annotated[float, Number(0, 1)] = 0.01

    def build(
        self, optimizer: "Optimizer", epochs: int, steps_per_epoch: int
    ) -> Schedule:
        """The schedule of a run, at its first step."""
        steps = epochs * steps_per_epoch
        warm = min(round(self.warmup * steps_per_epoch), steps - 1)

        def factor(step: int) -> float:
            if step < warm:
                risen = self.warmup_start + (1 - self.warmup_start) * step / warm
                return risen * self.after(0, steps - warm, warm / steps_per_epoch)
            step = min(step, steps)
            return self.after(step - warm, steps - warm, step / steps_per_epoch)

        return Schedule(optimizer, factor, warm)

    def after(self, step: int, steps: int, epoch: float) -> float:
        """The factor at one of the `steps` that follow the warm-up.

        `epoch` counts from the run's start.
        """
        raise NotImplementedError(f"{type(self).__name__} schedules nothing")


class Constant(ScheduleRecipe):
    """The rate stays as it is."""

    type_name = "constant"

    def after(self, step: int, steps: int, epoch: float) -> float:
        return 1.0


class Cosine(ScheduleRecipe):
    """Half a cosine down to `final` of the rate (torch CosineAnnealingLR)."""

    type_name = "cosine"
    final: Probability = 0.0

    def after(self, step: int, steps: int, epoch: float) -> float:
        return _cosine(1.0, self.final, step / steps)


class Step(ScheduleRecipe):
    """Times `factor` at each of the epochs `at` (torch MultiStepLR)."""

    type_name = "step"
    at: Annotated[tuple[float, ...], ListOf(Number(above=0), least=1)]
    factor: PositiveFloat = 0.1

    def after(self, step: int, steps: int, epoch: float) -> float:
        return float(self.factor ** sum(epoch >= at for at in self.at))


class Polynomial(ScheduleRecipe):
    """Down to zero by a power of the time left (torch PolynomialLR)."""

    type_name = "polynomial"
    power: PositiveFloat = 1.0

    def after(self, step: int, steps: int, epoch: float) -> float:
        return float((1 - step / steps) ** self.power)


class OneCycle(ScheduleRecipe):
    """Up to the rate and down again in one cycle (torch OneCycleLR)."""

    type_name = "one_cycle"
    rise: Probability = 0.3
    start_divisor: PositiveFloat = 25.0
    final_divisor: PositiveFloat = 1e4

    def after(self, step: int, steps: int, epoch: float) -> float:
        first, last = 1 / self.start_divisor, steps - 1
        top = max(self.rise * steps - 1, 0)
        if step < top:
            return _cosine(first, 1.0, step / top)
        fallen = (min(step, last) - top) / max(last - top, 1)
        return _cosine(1.0, first / self.final_divisor, fallen)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES = (Cosine, Step, Polynomial, OneCycle, Constant)
