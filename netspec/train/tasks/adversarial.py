"""A generator against a discriminator, a step each (Goodfellow et al. 2014)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from netspec.errors.training import NotSupported
from netspec.kinds import Bool, Number, PositiveInt, Str
from netspec.tensors import TensorType
from netspec.train.tasks.base import Outcome, Task
from netspec.train.tasks.outputs import main_output

if TYPE_CHECKING:
    from torch import Tensor

    from netspec.train.learner import Learner
    from netspec.train.meters import Meter
    from netspec.train.samples import Batch


class Adversarial(Task):
    """The trained spec makes images in [-1, 1] of noise [B, latent].

    The `discriminator` spec says how real an image is: a probability, or with
    `logits` a logit. A step of the discriminator precedes each of the generator.
    """

    type_name = "adversarial"
    score = "generator_loss"
    higher_is_better = False
    evaluates = False
    sized_by = "latent"
    discriminator: Str
    latent: PositiveInt = 100
    logits: Bool = False
    real_target: Annotated[float, Number(0.5, 1)] = 1.0

    def networks(self) -> Mapping[str, str]:
        return {"discriminator": self.discriminator}

    def types(self, sample: TensorType, classes: int) -> tuple[TensorType, TensorType]:
        return TensorType.batched([self.latent]), sample

    def loss(
        self, learner: "Learner", learners: Sequence["Learner"], batch: "Batch"
    ) -> Outcome:
        import torch

        judge, maker = learners
        noise = self._noise(batch)
        if learner is judge:
            with torch.no_grad():
                made = main_output(maker.model(noise))
            real = main_output(judge.model(batch.inputs * 2 - 1))
            loss = self._against(real, self.real_target)
            loss = (loss + self._against(main_output(judge.model(made)), 0.0)) / 2
        else:
            loss = self._against(
                main_output(judge.model(main_output(maker.model(noise)))), 1
            )
        return Outcome(loss, _side(loss, learner is maker), batch.targets)

    def _noise(self, batch: "Batch") -> "Tensor":
        import torch

        size = (len(batch.inputs), self.latent)
        return torch.randn(size).to(batch.inputs.device)

    def _against(self, verdict: "Tensor", target: float) -> "Tensor":
        import torch
        from torch.nn.functional import binary_cross_entropy as plain
        from torch.nn.functional import binary_cross_entropy_with_logits as with_logits

        if not self.logits and verdict.isnan().any():
            return verdict.float().mean()
        if not self.logits and bool(((verdict < 0) | (verdict > 1)).any()):
            what = "the discriminator gives values that are no probabilities"
            advice = "write `logits: true` under `task`, or end it with a Sigmoid"
            raise NotSupported(field="task.discriminator", what=what, advice=advice)
        loss = with_logits if self.logits else plain
        return loss(
            verdict.float(), torch.full_like(verdict, target, dtype=torch.float)
        )

    def meter(self, classes: Sequence[str], device: Any) -> "Meter":
        from netspec.train.meters import SidesMeter

        return SidesMeter(device)


def _side(loss: "Tensor", maker: bool) -> "Tensor":
    import torch

    return torch.tensor([float(not maker), float(maker)], device=loss.device)
