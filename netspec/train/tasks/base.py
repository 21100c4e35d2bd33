"""What a task decides: which networks learn, from which loss, and what is scored."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from netspec.train.sections import TypedRecord

if TYPE_CHECKING:
    from torch import Tensor, nn

    from netspec.tensors import TensorType
    from netspec.train.learner import Learner
    from netspec.train.meters import Meter
    from netspec.train.samples import Batch


class Outcome(NamedTuple):
    """A loss to be lowered and what the meters take of it."""

    loss: "Tensor"
    prediction: "Tensor"
    targets: "Tensor"


class Task(TypedRecord):
    """A kind of training a recipe may name."""

    score: ClassVar[str]  # the metric that chooses the best weights
    higher_is_better: ClassVar[bool] = True
    evaluates: ClassVar[bool] = True  # has a score on held-out data
    sized_by: ClassVar[str] = ""  # the field that says how large its samples are

    def networks(self) -> Mapping[str, str]:
        """Further specs, by the name of their learner."""
        return {}

    def types(
        self, sample: "TensorType", classes: int
    ) -> tuple["TensorType", "TensorType"]:
        """What the network takes and must give, for a sample of the data."""
        raise NotImplementedError(f"{type(self).__name__} has no types")

    def trains_all(self, outputs: Sequence[str]) -> bool:
        """Whether the loss looks at every one of a network's outputs."""
        return len(outputs) == 1

    def loss(
        self, learner: "Learner", learners: Sequence["Learner"], batch: "Batch"
    ) -> Outcome:
        """The loss of one learner on a batch."""
        raise NotImplementedError(f"{type(self).__name__} has no loss")

    def predict(self, model: "nn.Module", batch: "Batch") -> Outcome:
        """The prediction in evaluation, with its plain loss."""
        raise NotImplementedError(f"{type(self).__name__} predicts nothing")

    def meter(self, classes: Sequence[str], device: Any) -> "Meter":
        """A fresh meter for a stretch of training or an evaluation."""
        raise NotImplementedError(f"{type(self).__name__} measures nothing")
