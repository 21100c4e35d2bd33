"""Padding: sizes grow at both ends; a negative padding crops."""

from typing import Annotated, ClassVar

from netspec.kinds import Choice, Float, Integer, Integers, ListOf, Number, optional
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import need_rank, spread
from netspec.operators.spatial import Axes, PerAxis, Spatial

Ends = Annotated[Axes, PerAxis(lambda count: Integers(2 * count))]
Ints = Annotated[tuple[int, ...], ListOf(Integer(), 2)]
Mode = Annotated[str, Choice("constant", "reflect", "replicate", "circular")]
MaybeFloat = Annotated[float | None, optional(Number())]


def padded(
    size: Dim, ends: tuple[int, ...], mode: str, argument: str, assume: Assumptions
) -> Dim:
    """`size` with both `ends` added, which `mode` may take from the input."""
    most = max(ends)
    if mode == "circular" and min(ends) < 0 < max(ends):
        reason = f"`{argument}` both wraps around and cuts off: PyTorch gets it wrong"
        raise OperatorError(reason, argument=argument)
    needed = {"reflect": most + 1, "circular": most}.get(mode, 1)
    if not assume.at_least(size, needed):
        raise OperatorError(
            f"padding {size} by {most} in mode `{mode}` needs a size of {needed}",
            argument=argument,
            input=0,
        )
    cropped = size + sum(end for end in ends if end < 0)
    if not (assume.at_least(cropped, 0) and assume.at_least(size + sum(ends), 1)):
        raise OperatorError(f"nothing is left of {size}", argument=argument, input=0)
    return size + sum(ends)


class Padding(Spatial):
    """The shared rule of padding layers; `padding` starts with the last dimension."""

    abstract = True
    category = Category.PADDING
    positional: ClassVar[tuple[str, ...]] = ("padding",)
    mode: ClassVar[str]

    padding: Ends

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        last = 2 * (self.spatial - 1 - i)
        ends = spread(self.padding, 2 * self.spatial)[last : last + 2]
        return padded(size, ends, self.mode, "padding", assume)


class ConstantPad(Padding):
    """The shared rule of padding with a number."""

    abstract = True
    accepts = "any"
    positional = ("padding", "value")
    mode = "constant"

    value: Float


class ConstantPad1d(ConstantPad):
    """[C, L] padded with `value`."""

    torch = "nn.ConstantPad1d"
    spatial = 1


class ConstantPad2d(ConstantPad):
    """[C, H, W] padded with `value`."""

    torch = "nn.ConstantPad2d"
    spatial = 2


class ConstantPad3d(ConstantPad):
    """[C, D, H, W] padded with `value`."""

    torch = "nn.ConstantPad3d"
    spatial = 3


class ZeroPad(Padding):
    """The shared rule of padding with zeros."""

    abstract = True
    accepts = "any"
    mode = "constant"


class ZeroPad1d(ZeroPad):
    """[C, L] padded with zeros."""

    torch = "nn.ZeroPad1d"
    spatial = 1


class ZeroPad2d(ZeroPad):
    """[C, H, W] padded with zeros."""

    torch = "nn.ZeroPad2d"
    spatial = 2


class ZeroPad3d(ZeroPad):
    """[C, D, H, W] padded with zeros."""

    torch = "nn.ZeroPad3d"
    spatial = 3


class ReflectionPad1d(Padding):
    """[C, L] padded with its mirror image, the edge not repeated."""

    torch = "nn.ReflectionPad1d"
    mode = "reflect"
    spatial = 1


class ReflectionPad2d(Padding):
    """[C, H, W] padded with its mirror image, the edges not repeated."""

    torch = "nn.ReflectionPad2d"
    mode = "reflect"
    spatial = 2


class ReflectionPad3d(Padding):
    """[C, D, H, W] padded with its mirror image, the edges not repeated."""

    torch = "nn.ReflectionPad3d"
    mode = "reflect"
    spatial = 3


class ReplicationPad1d(Padding):
    """[C, L] padded with its edge."""

    torch = "nn.ReplicationPad1d"
    mode = "replicate"
    spatial = 1


class ReplicationPad2d(Padding):
    """[C, H, W] padded with its edges."""

    torch = "nn.ReplicationPad2d"
    mode = "replicate"
    spatial = 2


class ReplicationPad3d(Padding):
    """[C, D, H, W] padded with its edges."""

    torch = "nn.ReplicationPad3d"
    mode = "replicate"
    spatial = 3


class CircularPad1d(Padding):
    """[C, L] padded with its other end."""

    torch = "nn.CircularPad1d"
    mode = "circular"
    spatial = 1


class CircularPad2d(Padding):
    """[C, H, W] padded with its other ends."""

    torch = "nn.CircularPad2d"
    mode = "circular"
    spatial = 2


class CircularPad3d(Padding):
    """[C, D, H, W] padded with its other ends."""

    torch = "nn.CircularPad3d"
    mode = "circular"
    spatial = 3


class Pad(Operator):
    """Padding of the last dimensions; `pad` lists two ends each, the last first."""

    category = Category.PADDING
    torch = "nn.functional.pad"
    form = Form.FUNCTION
    positional = ("pad",)
    accepts = "number"
    fresh = False

    pad: Ints
    mode: Mode = "constant"
    value: MaybeFloat = None

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        count = self._check(inputs[0])
        sizes = list(inputs[0].sizes)
        for i in range(count):
            ends = self.pad[2 * i : 2 * i + 2]
            sizes[-1 - i] = padded(sizes[-1 - i], ends, self.mode, "pad", assume)
        return inputs[0].with_sizes(sizes)

    def _check(self, tensor: TensorType) -> int:
        """How many dimensions are padded."""
        count, odd = divmod(len(self.pad), 2)
        if odd or count > len(tensor.shape):
            raise OperatorError(
                f"`pad` takes two ends for each of up to {len(tensor.shape)} "
                f"dimensions, found {len(self.pad)} numbers",
                argument="pad",
            )
        if self.mode != "constant":
            if count > 3:
                raise OperatorError(
                    f"`mode: {self.mode}` pads up to 3 dimensions", argument="mode"
                )
            need_rank(
                tensor, [count + 1, count + 2], f"{count} to {count + 1} dimensions"
            )
            if self.value is not None:
                raise OperatorError("`value` is for `mode: constant`", argument="value")
        return count
