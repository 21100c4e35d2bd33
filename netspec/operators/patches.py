"""Sliding blocks of images, as columns and back."""

from typing import Annotated

from netspec.dimensions import floor_div, product
from netspec.kinds import (
    Integers,
    Pair,
)
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import meet, need_rank, spread
from netspec.operators.spatial import window

PadPair = Annotated[int | tuple[int, ...], Integers(2, 0)]


class Patches(Operator):
    """What Fold and Unfold share: sliding blocks over [C, H, W]."""

    abstract = True
    category = Category.RESAMPLING
    fresh = False

    kernel_size: Pair
    dilation: Pair = 1
    padding: PadPair = 0
    stride: Pair = 1

    def blocks(self, sizes: tuple[Dim, ...], assume: Assumptions) -> Dim:
        """How many blocks there are in an image of `sizes`."""
        names = ("kernel_size", "stride", "padding", "dilation")
        numbers = [spread(getattr(self, name), 2) for name in names]
        each = zip(sizes, *numbers, strict=True)
        return product(window(n, k, s, p, d, assume) for n, k, s, p, d in each)

    @property
    def pixels(self) -> int:
        """The number of pixels in a block."""
        height, width = spread(self.kernel_size, 2)
        return height * width


class Unfold(Patches):
    """Sliding blocks of [C, H, W] as columns: [C k k, blocks]."""

    torch = "nn.Unfold"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], [4], "[C, H, W]")
        batch, depth, *sizes = inputs[0].sizes
        blocks = self.blocks(tuple(sizes), assume)
        return inputs[0].with_sizes((batch, depth * self.pixels, blocks))


class Fold(Patches):
    """The sum of columns [C k k, blocks] put back as blocks of [C, *output_size]."""

    torch = "nn.Fold"
    positional = ("output_size",)

    output_size: Pair
    kernel_size: Pair
    dilation: Pair = 1
    padding: PadPair = 0
    stride: Pair = 1

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], [3], "[C * kernel, blocks]")
        batch, depth, found = inputs[0].sizes
        if not assume.divides(depth, self.pixels):
            raise OperatorError(
                f"{depth} is no multiple of the {self.pixels} pixels of a block",
                argument="kernel_size",
                input=0,
            )
        target = spread(self.output_size, 2)
        blocks = self.blocks(target, assume)
        if not meet(blocks, found, assume):
            raise OperatorError(
                f"{list(target)} has {blocks} blocks, and the input {found}",
                argument="output_size",
                input=0,
            )
        depth = floor_div(depth, self.pixels, assume.multiples)
        return inputs[0].with_sizes((batch, depth, *target))
