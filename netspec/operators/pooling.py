"""Poolings."""

from typing import Annotated, ClassVar

from netspec.dimensions import ceil_div, minimum
from netspec.kinds import Bool, Integer, Integers, ListOf, OneOf, Pair, optional
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    need_rank,
    spread,
)
from netspec.operators.convolution import window

OptionalPair = Annotated[int | tuple[int, ...] | None, optional(Integers(2, 1))]
PadPair = Annotated[int | tuple[int, ...], Integers(2, 0)]
Targets = Annotated[
    int | tuple[int | None, ...], OneOf(Integers(2, 1), ListOf(optional(Integer(1)), 2))
]


class MaxPool2d(Operator):
    """The largest value of each window over [C, H, W]."""

    category = Category.POOLING
    torch = "nn.MaxPool2d"
    spatial: ClassVar[int] = 2

    kernel_size: Pair
    stride: OptionalPair = None
    padding: PadPair = 0
    dilation: Pair = 1
    ceil_mode: Bool = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], [4], "[C, H, W]")
        spatial = [
            self._along(i, size, assume) for i, size in enumerate(inputs[0].sizes[2:])
        ]
        return inputs[0].with_sizes((*inputs[0].sizes[:2], *spatial))

    def _along(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        kernel = spread(self.kernel_size, 2)[i]
        stride = spread(self.stride or self.kernel_size, 2)[i]
        padding = spread(self.padding, 2)[i]
        dilation = spread(self.dilation, 2)[i]
        return pool_window(
            size, kernel, stride, padding, dilation, self.ceil_mode, assume
        )


def pool_window(
    size: Dim,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int,
    ceil_mode: bool,
    assume: Assumptions,
) -> Dim:
    """The places of a pooling window; a last, partial one must start in the input."""
    if padding * 2 > (kernel - 1) * dilation + 1:
        raise OperatorError(
            f"`padding` {padding} is more than half of the window of {kernel}",
            argument="padding",
        )
    if not ceil_mode:
        return window(size, kernel, stride, padding, dilation, assume)
    room = size + (2 * padding - dilation * (kernel - 1) - 1)
    if not assume.at_least(room + stride - 1, 0):
        raise OperatorError(f"a window of {kernel} does not fit into {size}", input=0)
    places = ceil_div(room, stride, assume.multiples) + 1
    starts_inside = ceil_div(size + padding, stride, assume.multiples)
    if padding - dilation * (kernel - 1) + stride - 2 < 0:
        return places
    return minimum(places, starts_inside)


class AdaptiveAvgPool2d(Operator):
    """Averages over a grid of `output_size` windows over [C, H, W]."""

    category = Category.POOLING
    torch = "nn.AdaptiveAvgPool2d"
    positional = ("output_size",)

    output_size: Targets

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], [4], "[C, H, W]")
        targets: tuple[int | None, ...] = (
            self.output_size
            if isinstance(self.output_size, tuple)
            else (self.output_size,) * 2
        )
        sizes = inputs[0].sizes[2:]
        spatial = [
            size if t is None else t for size, t in zip(sizes, targets, strict=True)
        ]
        return inputs[0].with_sizes((*inputs[0].sizes[:2], *spatial))
