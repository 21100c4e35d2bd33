"""Activations: element by element, the shape unchanged."""

from netspec.kinds import Float
from netspec.operators.base import Assumptions, Category, Inputs, Operator, TensorType


class Activation(Operator):
    """The shared rule of activations."""

    abstract = True
    category = Category.ACTIVATION
    fresh = False  # most keep their result for backward

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        return inputs[0]


class ReLU(Activation):
    """max(0, x)."""

    torch = "nn.ReLU"
    inplace = True


class LeakyReLU(Activation):
    """x where positive, else `negative_slope` times x."""

    torch = "nn.LeakyReLU"

    negative_slope: Float = 0.01


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    torch = "nn.Sigmoid"


class Tanh(Activation):
    """The hyperbolic tangent."""

    torch = "nn.Tanh"
