"""Learning-rate schedules, counted in optimizer steps; a warm-up may precede each."""

from typing import TYPE_CHECKING, Annotated, Any

from netspec.kinds import ListOf, Number, PositiveFloat, Probability
from netspec.train.sections import TypedRecord

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler


class ScheduleRecipe(TypedRecord):
    """A linear warm-up over `warmup` epochs from `warmup_start` of the rate."""

    warmup: Annotated[float, Number(0)] = 0.0
    warmup_start: Annotated[float, Number(0, 1)] = 0.01

    def build(
        self, optimizer: "Optimizer", epochs: int, steps_per_epoch: int
    ) -> "LRScheduler":
        """The torch scheduler, to be stepped after every optimizer step."""
        from torch.optim.lr_scheduler import LinearLR, SequentialLR

        warm = min(round(self.warmup * steps_per_epoch), epochs * steps_per_epoch - 1)
        rest = epochs * steps_per_epoch - warm
        if not warm:
            return self.after(optimizer, rest, steps_per_epoch)
        start = max(self.warmup_start, 1e-8)
        rise = LinearLR(optimizer, start_factor=start, total_iters=warm)
        main = self.after(optimizer, rest, steps_per_epoch)
        return SequentialLR(optimizer, [rise, main], milestones=[warm])

    def after(
        self, optimizer: "Optimizer", steps: int, steps_per_epoch: int
    ) -> "LRScheduler":
        """The scheduler of the `steps` that follow the warm-up."""
        raise NotImplementedError(f"{type(self).__name__} schedules nothing")


class Constant(ScheduleRecipe):
    """The rate stays as it is."""

    type_name = "constant"

    def after(self, optimizer: Any, steps: int, steps_per_epoch: int) -> "LRScheduler":
        from torch.optim.lr_scheduler import ConstantLR

        return ConstantLR(optimizer, factor=1.0, total_iters=1)


class Cosine(ScheduleRecipe):
    """Half a cosine down to `final` of the rate (torch CosineAnnealingLR)."""

    type_name = "cosine"
    final: Probability = 0.0

    def after(self, optimizer: Any, steps: int, steps_per_epoch: int) -> "LRScheduler":
        from torch.optim.lr_scheduler import CosineAnnealingLR

        low = self.final * optimizer.defaults["lr"]
        return CosineAnnealingLR(optimizer, T_max=steps, eta_min=low)


class Step(ScheduleRecipe):
    """Times `factor` at each of the epochs `at` (torch MultiStepLR)."""

    type_name = "step"
    at: Annotated[tuple[float, ...], ListOf(Number(above=0), least=1)]
    factor: PositiveFloat = 0.1

    def after(self, optimizer: Any, steps: int, steps_per_epoch: int) -> "LRScheduler":
        from torch.optim.lr_scheduler import MultiStepLR

        done = round(self.warmup * steps_per_epoch)
        milestones = [max(round(e * steps_per_epoch) - done, 0) for e in self.at]
        return MultiStepLR(optimizer, milestones=milestones, gamma=self.factor)


class Polynomial(ScheduleRecipe):
    """Down to zero by a power of the time left (torch PolynomialLR)."""

    type_name = "polynomial"
    power: PositiveFloat = 1.0

    def after(self, optimizer: Any, steps: int, steps_per_epoch: int) -> "LRScheduler":
        from torch.optim.lr_scheduler import PolynomialLR

        return PolynomialLR(optimizer, total_iters=steps, power=self.power)


class OneCycle(ScheduleRecipe):
    """Up to the rate and down again in one cycle (torch OneCycleLR)."""

    type_name = "one_cycle"
    rise: Probability = 0.3
    start_divisor: PositiveFloat = 25.0
    final_divisor: PositiveFloat = 1e4

    def after(self, optimizer: Any, steps: int, steps_per_epoch: int) -> "LRScheduler":
        from torch.optim.lr_scheduler import OneCycleLR

        return OneCycleLR(
            optimizer,
            max_lr=[group["lr"] for group in optimizer.param_groups],
            total_steps=steps + 1,  # torch takes one step when it is made
            pct_start=self.rise,
            div_factor=self.start_divisor,
            final_div_factor=self.final_divisor,
            cycle_momentum=False,
        )


SCHEDULES = (Cosine, Step, Polynomial, OneCycle, Constant)
