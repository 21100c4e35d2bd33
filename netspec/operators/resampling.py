"""Resampling: other spatial sizes, and pixels moved between space and channels."""

from typing import Annotated

from netspec.dimensions import floor_div
from netspec.kinds import (
    Bool,
    Boolean,
    Choice,
    Integer,
    ListOf,
    Number,
    OneOf,
    PositiveInt,
    optional,
)
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
from netspec.operators.rules import channels, need_rank
from netspec.operators.spatial import scaled

MaybeSize = Annotated[
    int | tuple[int, ...] | None, optional(OneOf(Integer(1), ListOf(Integer(1), 1)))
]
Factor = Number(above=0)
MaybeFactor = Annotated[
    float | tuple[float, ...] | None, optional(OneOf(Factor, ListOf(Factor, 1)))
]
MaybeBool = Annotated[bool | None, optional(Boolean())]
INTERPOLATING = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}
Mode = Annotated[str, Choice("nearest", "nearest-exact", "area", *INTERPOLATING)]


class Resizing(Operator):
    """The shared rule of interpolation, to a `size` or by a `scale_factor`."""

    abstract = True
    category = Category.RESAMPLING
    fresh = False

    size: MaybeSize = None
    scale_factor: MaybeFactor = None

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], range(3, 6), "[C, L], [C, H, W] or [C, D, H, W]")
        if (self.size is None) == (self.scale_factor is None):
            raise OperatorError(
                "give one of `size` and `scale_factor`", argument="size"
            )
        self.check(inputs[0])
        batch, depth, *sizes = inputs[0].sizes
        places = [self._place(i, n, len(sizes), assume) for i, n in enumerate(sizes)]
        return inputs[0].with_sizes((batch, depth, *places))

    def check(self, tensor: TensorType) -> None:
        """Refuse arguments that do not go together."""

    def _place(self, i: int, size: Dim, count: int, assume: Assumptions) -> Dim:
        name = "size" if self.scale_factor is None else "scale_factor"
        given = getattr(self, name)
        values = given if isinstance(given, tuple) else (given,) * count
        if len(values) != count:
            raise OperatorError(
                f"`{name}` has {len(values)} numbers for {count} dimensions",
                argument=name,
                input=0,
            )
        if name == "size":
            result: Dim = values[i]
        else:
            result = scaled(size, values[i], name, assume)
        if not assume.at_least(result, 1):
            raise OperatorError(
                f"{values[i]} of {size} is nothing", argument=name, input=0
            )
        return result


class Moded(Resizing):
    """Interpolation by any mode."""

    abstract = True

    size: MaybeSize = None
    scale_factor: MaybeFactor = None
    mode: Mode = "nearest"
    align_corners: MaybeBool = None
    recompute_scale_factor: MaybeBool = None

    def check(self, tensor: TensorType) -> None:
        wanted = INTERPOLATING.get(self.mode)
        if wanted is not None and tensor.rank != wanted:
            raise OperatorError(
                f"`mode: {self.mode}` is for {wanted - 2} spatial dimensions, "
                f"found {tensor}",
                argument="mode",
                input=0,
            )
        if wanted is None and self.align_corners is not None:
            raise OperatorError(
                f"`mode: {self.mode}` has no `align_corners`", argument="align_corners"
            )
        if self.recompute_scale_factor and self.size is not None:
            raise OperatorError(
                "`recompute_scale_factor` goes with `scale_factor`",
                argument="recompute_scale_factor",
            )


class Upsample(Moded):
    """Spatial sizes set to `size` or multiplied by `scale_factor`."""

    torch = "nn.Upsample"


class Interpolate(Moded):
    """Spatial sizes set to `size` or multiplied by `scale_factor`."""

    torch = "nn.functional.interpolate"
    form = Form.FUNCTION

    antialias: Bool = False

    def check(self, tensor: TensorType) -> None:
        super().check(tensor)
        if not self.antialias:
            return
        if self.mode not in ("bilinear", "bicubic"):
            raise OperatorError(
                "`antialias` is for the modes bilinear and bicubic",
                argument="antialias",
            )
        if tensor.dtype not in ("float32", "float64"):
            raise OperatorError(
                f"`antialias` is for float32 and float64, found {tensor}",
                argument="antialias",
                input=0,
            )


class UpsamplingNearest2d(Resizing):
    """[C, H, W] resized by the nearest pixel."""

    torch = "nn.UpsamplingNearest2d"

    def check(self, tensor: TensorType) -> None:
        need_rank(tensor, [4], "[C, H, W]")


class UpsamplingBilinear2d(Resizing):
    """[C, H, W] resized by bilinear interpolation, the corners aligned."""

    torch = "nn.UpsamplingBilinear2d"

    def check(self, tensor: TensorType) -> None:
        need_rank(tensor, [4], "[C, H, W]")


class PixelShuffle(Operator):
    """[C r r, H, W] to [C, H r, W r] (Shi et al. 2016)."""

    category = Category.RESAMPLING
    torch = "nn.PixelShuffle"
    accepts = "any"
    fresh = False
    positional = ("upscale_factor",)

    upscale_factor: PositiveInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], range(4, 9), "[C, H, W]")
        *front, depth, height, width = inputs[0].sizes
        by = self.upscale_factor
        if not assume.divides(depth, by * by):
            raise OperatorError(
                f"{depth} channels are no multiple of {by * by}",
                argument="upscale_factor",
                input=0,
            )
        depth = floor_div(depth, by * by, assume.multiples)
        return inputs[0].with_sizes((*front, depth, height * by, width * by))


class PixelUnshuffle(Operator):
    """[C, H r, W r] to [C r r, H, W], the inverse of PixelShuffle."""

    category = Category.RESAMPLING
    torch = "nn.PixelUnshuffle"
    accepts = "any"
    fresh = False
    positional = ("downscale_factor",)

    downscale_factor: PositiveInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], range(4, 9), "[C, H, W]")
        *front, depth, height, width = inputs[0].sizes
        by = self.downscale_factor
        for size in (height, width):
            if not assume.divides(size, by):
                raise OperatorError(
                    f"{size} is no multiple of {by}",
                    argument="downscale_factor",
                    input=0,
                )
        height, width = (floor_div(n, by, assume.multiples) for n in (height, width))
        return inputs[0].with_sizes((*front, depth * (by * by), height, width))


class ChannelShuffle(Operator):
    """Channels of [C, ...] dealt out across `groups` (Zhang et al. 2018)."""

    category = Category.RESAMPLING
    torch = "nn.ChannelShuffle"
    accepts = "any"
    fresh = False
    positional = ("groups",)

    groups: PositiveInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], range(3, 9), "[C, L, ...]")
        if channels(inputs) % self.groups:
            raise OperatorError(
                f"`groups` {self.groups} does not divide {channels(inputs)} channels",
                argument="groups",
                input=0,
            )
        return inputs[0]
