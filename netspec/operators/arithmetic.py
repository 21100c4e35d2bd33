"""Arithmetic on one tensor, element by element."""

from typing import Annotated

from netspec.kinds import Float, ListOf, Number, optional
from netspec.operators.base import (
    Assumptions,
    Category,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import channels, need_rank

Numbers = Annotated[tuple[float, ...], ListOf(Number(), 1)]
MaybeFloat = Annotated[float | None, optional(Number())]


class Unary(Operator):
    """The shared rule of functions of one number."""

    abstract = True
    category = Category.ARITHMETIC
    form = Form.FUNCTION
    fresh = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        return inputs[0]


class Scale(Unary):
    """Its input times the number `factor`."""

    torch = "torch.mul"
    fresh = True
    positional = ("factor",)

    factor: Float


class Shift(Unary):
    """Its input plus the number `offset`."""

    torch = "torch.add"
    fresh = True
    positional = ("offset",)

    offset: Float


class Pow(Unary):
    """Its input to the power of `exponent`."""

    torch = "torch.pow"
    positional = ("exponent",)

    exponent: Float


class Clamp(Unary):
    """Its input kept between `min` and `max`."""

    torch = "torch.clamp"

    min: MaybeFloat = None
    max: MaybeFloat = None

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        if self.min is None and self.max is None:
            raise OperatorError("give `min`, `max` or both", argument="min")
        return inputs[0]


class Exp(Unary):
    """e to the power of its input."""

    torch = "torch.exp"


class Log(Unary):
    """The natural logarithm."""

    torch = "torch.log"


class Sqrt(Unary):
    """The square root."""

    torch = "torch.sqrt"


class Rsqrt(Unary):
    """1 by the square root."""

    torch = "torch.rsqrt"


class Abs(Unary):
    """The absolute value."""

    torch = "torch.abs"


class Neg(Unary):
    """Its input with the sign changed."""

    torch = "torch.neg"
    fresh = True


class Sin(Unary):
    """The sine."""

    torch = "torch.sin"


class Cos(Unary):
    """The cosine."""

    torch = "torch.cos"


class ChannelAffine(Operator):
    """Channel i times `scale[i]` plus `shift[i]`, with fixed numbers, over [C, ...]."""

    category = Category.ARITHMETIC
    torch = "ChannelAffine"
    page = "https://docs.pytorch.org/vision/stable/models/inception.html"
    support = "channel_affine"
    positional = ("scale", "shift")

    scale: Numbers
    shift: Numbers

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], range(2, 9), "[C, ...]")
        found = channels(inputs)
        for name in ("scale", "shift"):
            count = len(getattr(self, name))
            if count != found:
                raise OperatorError(
                    f"`{name}` has {count} numbers, and the input {found} channels",
                    argument=name,
                    input=0,
                )
        return inputs[0]
