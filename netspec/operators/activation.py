"""Activations: element by element, the shape unchanged."""

from typing import Annotated

from netspec.kinds import Choice, Float, Integer, NonNegativeFloat
from netspec.operators.base import (
    Assumptions,
    Category,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    Weight,
)
from netspec.operators.rules import channels, need_rank

Approximate = Annotated[str, Choice("none", "tanh")]


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


class ReLU6(Activation):
    """min(max(0, x), 6)."""

    torch = "nn.ReLU6"
    inplace = True


class LeakyReLU(Activation):
    """x where positive, else `negative_slope` times x."""

    torch = "nn.LeakyReLU"

    negative_slope: Float = 0.01

    @property
    def inplace(self) -> bool:  # type: ignore[override]
        """Backward reads the result's signs: a negative slope would change them."""
        return self.negative_slope >= 0


class RReLU(Activation):
    """x where positive, else x times a slope drawn between `lower` and `upper`."""

    torch = "nn.RReLU"
    accepts = "full"

    lower: Float = 1 / 8
    upper: Float = 1 / 3

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        if self.lower > self.upper:
            raise OperatorError("`lower` is above `upper`", argument="lower")
        return inputs[0]


class PReLU(Activation):
    """x where positive, else x times a learnt slope, one in all or one a channel."""

    torch = "nn.PReLU"
    accepts = "float32"

    num_parameters: Annotated[int, Integer(1)] = 1
    init: Float = 0.25

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        if self.num_parameters > 1:
            need_rank(inputs[0], range(2, 9), "[C, ...]")
            found = channels(inputs)
            if found != self.num_parameters:
                raise OperatorError(
                    f"`num_parameters` {self.num_parameters} must be 1 or the input's "
                    f"{found} channels",
                    argument="num_parameters",
                    input=0,
                )
        return inputs[0]

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        return {"weight": Weight((self.num_parameters,))}


class ELU(Activation):
    """x where positive, else alpha * (exp(x) - 1)."""

    torch = "nn.ELU"

    alpha: Float = 1.0


class CELU(Activation):
    """x where positive, else alpha * (exp(x / alpha) - 1)."""

    torch = "nn.CELU"

    alpha: Float = 1.0

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        if self.alpha == 0:
            raise OperatorError("`alpha` must not be 0", argument="alpha")
        return inputs[0]


class SELU(Activation):
    """ELU with the scale and alpha that keep mean 0 and variance 1."""

    torch = "nn.SELU"


class GELU(Activation):
    """x times the normal distribution function of x."""

    torch = "nn.GELU"

    approximate: Approximate = "none"


class SiLU(Activation):
    """x * sigmoid(x), also called swish."""

    torch = "nn.SiLU"
    inplace = True


class Mish(Activation):
    """x * tanh(softplus(x))."""

    torch = "nn.Mish"
    inplace = True


class Hardswish(Activation):
    """x * min(max(x + 3, 0), 6) / 6."""

    torch = "nn.Hardswish"
    inplace = True


class Hardsigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6."""

    torch = "nn.Hardsigmoid"
    inplace = True


class Hardtanh(Activation):
    """x kept between `min_val` and `max_val`."""

    torch = "nn.Hardtanh"
    inplace = True

    min_val: Float = -1.0
    max_val: Float = 1.0

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        if self.min_val >= self.max_val:
            raise OperatorError("`min_val` must be below `max_val`", argument="min_val")
        return inputs[0]


class Threshold(Activation):
    """x where above `threshold`, else `value`."""

    torch = "nn.Threshold"
    positional = ("threshold", "value")
    inplace = True

    threshold: Float
    value: Float


class Hardshrink(Activation):
    """x outside of [-lambd, lambd], else 0."""

    torch = "nn.Hardshrink"

    lambd: Float = 0.5


class Softshrink(Activation):
    """x moved toward 0 by `lambd`, 0 within."""

    torch = "nn.Softshrink"

    lambd: NonNegativeFloat = 0.5


class Tanhshrink(Activation):
    """x - tanh(x)."""

    torch = "nn.Tanhshrink"


class Softplus(Activation):
    """log(1 + exp(beta * x)) / beta, x itself above `threshold`."""

    torch = "nn.Softplus"

    beta: Float = 1.0
    threshold: Float = 20.0


class Softsign(Activation):
    """x / (1 + |x|)."""

    torch = "nn.Softsign"


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    torch = "nn.Sigmoid"


class LogSigmoid(Activation):
    """log(1 / (1 + exp(-x)))."""

    torch = "nn.LogSigmoid"


class Tanh(Activation):
    """The hyperbolic tangent."""

    torch = "nn.Tanh"
