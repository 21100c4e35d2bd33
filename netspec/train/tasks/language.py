"""Language modelling: each token foretold from those before it; perplexity."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from netspec.kinds import Number
from netspec.tensors import TensorType
from netspec.train.tasks.base import Outcome, Task
from netspec.train.tasks.outputs import main_output

if TYPE_CHECKING:
    from torch import nn

    from netspec.train.learner import Learner
    from netspec.train.meters import Meter
    from netspec.train.samples import Batch


class LanguageModelling(Task):
    """Tokens [B, T] to logits [B, T, V], against the same tokens one later."""

    type_name = "language_modelling"
    score = "perplexity"
    higher_is_better = False
    label_smoothing: Annotated[float, Number(0, 0.99)] = 0.0

    def types(self, sample: TensorType, classes: int) -> tuple[TensorType, TensorType]:
        return sample, TensorType.batched([*sample.shape, classes])

    def loss(
        self, learner: "Learner", learners: Sequence["Learner"], batch: "Batch"
    ) -> Outcome:
        return self._outcome(learner.model, batch, self.label_smoothing)

    def predict(self, model: "nn.Module", batch: "Batch") -> Outcome:
        return self._outcome(model, batch, 0.0)

    def _outcome(self, model: "nn.Module", batch: "Batch", smoothing: float) -> Outcome:
        from torch.nn.functional import cross_entropy

        logits = main_output(model(batch.inputs))
        flat = logits.flatten(0, 1).float()
        targets = batch.targets.flatten()
        loss = cross_entropy(flat, targets, label_smoothing=smoothing)
        return Outcome(loss, logits, batch.targets)

    def meter(self, classes: Sequence[str], device: Any) -> "Meter":
        from netspec.train.meters import MeanMeter

        return MeanMeter(device)
