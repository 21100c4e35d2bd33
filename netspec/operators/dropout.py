"""Dropouts: random zeros in training, nothing in evaluation."""

from netspec.kinds import Probability
from netspec.operators.base import Assumptions, Category, Inputs, Operator, TensorType


class Dropping(Operator):
    """The shared rule of dropouts. In evaluation the result is the input itself."""

    abstract = True
    category = Category.DROPOUT
    fresh = False

    p: Probability = 0.5

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        return inputs[0]


class Dropout(Dropping):
    """Zeroes elements with probability `p`."""

    torch = "nn.Dropout"
