"""Convolutions."""

from math import prod
from typing import Annotated, Any, ClassVar

from netspec.dimensions import floor_div, product
from netspec.kinds import Bool, Choice, Integers, OneOf, Pair, PositiveInt
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    Weight,
    channels,
    need_rank,
    spread,
)

Words = Choice("same", "valid")
PaddingPair = Annotated[str | int | tuple[int, ...], OneOf(Integers(2, 0), Words)]
PaddingMode = Annotated[str, Choice("zeros", "reflect", "replicate", "circular")]


def window(
    size: Dim,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int,
    assume: Assumptions,
) -> Dim:
    """The number of places a window takes along one dimension.

    Raises OperatorError if it never fits.
    """
    room = size + (2 * padding - dilation * (kernel - 1) - 1)
    if not assume.at_least(room, 0):
        span = dilation * (kernel - 1) + 1
        raise OperatorError(
            f"a window of {span} does not fit into {size}"
            + (f" padded by {padding} on each side" if padding else ""),
            argument="kernel_size",
            input=0,
        )
    return floor_div(room, stride, assume.multiples) + 1


class Convolution(Operator):
    """The shared rule of convolutions over `spatial` dimensions."""

    abstract = True
    category = Category.CONVOLUTION
    positional = ("out_channels",)
    spatial: ClassVar[int]

    out_channels: PositiveInt
    kernel_size: Pair
    stride: Pair = 1
    padding: PaddingPair = 0
    dilation: Pair = 1
    groups: PositiveInt = 1
    bias: Bool = True
    padding_mode: PaddingMode = "zeros"

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"in_channels": channels(inputs)}

    def _check(self, inputs: Inputs) -> int:
        names = (
            ("L", "H", "W") if self.spatial == 1 else ("D", "H", "W")[-self.spatial :]
        )
        shape = ", ".join(("C", *names[: self.spatial]))
        need_rank(inputs[0], [self.spatial + 2], f"[{shape}]")
        count = channels(inputs)
        if count % self.groups:
            raise OperatorError(
                f"`groups` {self.groups} does not divide the input's {count} channels",
                argument="groups",
                input=0,
            )
        if self.out_channels % self.groups:
            raise OperatorError(
                f"`groups` {self.groups} does not divide `out_channels` {self.out_channels}",
                argument="groups",
            )
        return count

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        self._check(inputs)
        sizes = inputs[0].sizes[2:]
        spatial = [self._along(i, size, assume) for i, size in enumerate(sizes)]
        return inputs[0].with_sizes((inputs[0].sizes[0], self.out_channels, *spatial))

    def _along(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        kernel = spread(self.kernel_size, self.spatial)[i]
        stride = spread(self.stride, self.spatial)[i]
        dilation = spread(self.dilation, self.spatial)[i]
        if self.padding == "same":
            if stride != 1:
                raise OperatorError(
                    "`padding: same` needs `stride: 1`", argument="padding"
                )
            self._fold(
                size, dilation * (kernel - 1), dilation * (kernel - 1) // 2, assume
            )
            return size
        given = 0 if isinstance(self.padding, str) else self.padding
        padding = spread(given, self.spatial)[i]
        self._fold(size, padding, padding, assume)
        return window(size, kernel, stride, padding, dilation, assume)

    def _fold(self, size: Dim, most: int, each: int, assume: Assumptions) -> None:
        """Padding that is read from the input needs an input that large."""
        after = most - each if self.padding == "same" else each
        wanted = {"reflect": max(each, after) + 1, "circular": max(each, after)}
        if not assume.at_least(size, wanted.get(self.padding_mode, 1)):
            raise OperatorError(
                f"`padding_mode: {self.padding_mode}` needs more than {size} to take "
                "the padding from",
                argument="padding_mode",
                input=0,
            )

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        kernel = spread(self.kernel_size, self.spatial)
        state = {
            "weight": Weight(
                (self.out_channels, channels(inputs) // self.groups, *kernel)
            )
        }
        return state | ({"bias": Weight((self.out_channels,))} if self.bias else {})

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        kernel = prod(spread(self.kernel_size, self.spatial))
        each = kernel * (channels(inputs) // self.groups)
        return product(outputs[0].shape) * each


class Conv2d(Convolution):
    """2-D cross-correlation over [C, H, W]."""

    torch = "nn.Conv2d"
    spatial = 2
