"""How alike two tensors are."""

from netspec.kinds import AnyInt, Bool, Float, NonNegativeFloat
from netspec.operators.base import Assumptions, Category, Inputs, Operator, TensorType
from netspec.operators.reduction import reduced
from netspec.operators.rules import along, broadcast, promote


class CosineSimilarity(Operator):
    """The cosine of two inputs along `dim`; they broadcast."""

    category = Category.REDUCTION
    torch = "nn.CosineSimilarity"
    arity = (2, 2)
    fresh = False

    dim: AnyInt = 1
    eps: NonNegativeFloat = 1e-08

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = broadcast(inputs, assume, "cannot compare")
        both = TensorType(sizes, promote(inputs))
        return both.with_sizes(reduced(sizes, (along(self.dim, both),), False))


class PairwiseDistance(Operator):
    """The p-norm of the difference of two inputs over the last dimension."""

    category = Category.REDUCTION
    torch = "nn.PairwiseDistance"
    arity = (2, 2)
    fresh = False

    p: Float = 2.0
    eps: Float = 1e-06
    keepdim: Bool = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = broadcast(inputs, assume, "cannot compare")
        both = TensorType(sizes, promote(inputs))
        return both.with_sizes(reduced(sizes, (along(-1, both),), self.keepdim))
