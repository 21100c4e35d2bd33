"""Images to classes: cross-entropy, top-1 and top-5, a confusion matrix."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from netspec.kinds import Number
from netspec.tensors import TensorType
from netspec.train.sections import Named
from netspec.train.tasks.base import Outcome, Task
from netspec.train.tasks.outputs import main_output, weighted

if TYPE_CHECKING:
    from torch import Tensor, nn

    from netspec.train.learner import Learner
    from netspec.train.meters import Meter
    from netspec.train.samples import Batch


class Classification(Task):
    """One of several classes for each sample.

    `losses` weighs the network's outputs by name; without it the first one counts.
    """

    type_name = "classification"
    score = "accuracy"
    label_smoothing: Annotated[float, Number(0, 0.99)] = 0.0
    losses: Annotated[dict[str, float], Named(Number(0))] = {}

    def types(self, sample: TensorType, classes: int) -> tuple[TensorType, TensorType]:
        return sample, TensorType.batched([classes])

    @property
    def trains_nothing(self) -> bool:
        """Whether every output's weight is 0."""
        return bool(self.losses) and not any(self.losses.values())

    def trains_all(self, outputs: Sequence[str]) -> bool:
        return len(outputs) == 1 or all(self.losses.get(name) for name in outputs)

    def loss(
        self, learner: "Learner", learners: Sequence["Learner"], batch: "Batch"
    ) -> Outcome:
        outputs = learner.model(batch.inputs)
        pairs = weighted(outputs, self.losses)
        terms = [w * self._entropy(o, batch.targets) for o, w in pairs]
        loss = sum(terms[1:], start=terms[0])
        return Outcome(loss, main_output(outputs).detach(), _labels(batch.targets))

    def _entropy(self, logits: "Tensor", targets: "Tensor") -> "Tensor":
        from torch.nn.functional import cross_entropy

        return cross_entropy(logits, targets, label_smoothing=self.label_smoothing)

    def predict(self, model: "nn.Module", batch: "Batch") -> Outcome:
        from torch.nn.functional import cross_entropy

        logits = main_output(model(batch.inputs))
        loss = cross_entropy(logits.float(), batch.targets)
        return Outcome(loss, logits, batch.targets)

    def meter(self, classes: Sequence[str], device: Any) -> "Meter":
        from netspec.train.meters import ClassMeter

        return ClassMeter(len(classes), device)


def _labels(targets: "Tensor") -> "Tensor":
    """Hard labels, also of targets that MixUp or CutMix blended."""
    return targets if targets.dim() == 1 else targets.argmax(1)
