"""Poolings that are told the size of their result."""

from typing import Annotated, ClassVar

from netspec.kinds import Bool, Integer, Integers, Kind, ListOf, Number, OneOf, optional
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Inputs,
    OperatorError,
    TensorType,
)
from netspec.operators.pooling import Indexed
from netspec.operators.spatial import (
    MaybePositive,
    PerAxis,
    Positive,
    Spatial,
    scaled,
)


def _targets(count: int) -> Kind:
    whole = Integers(count, 1)
    if count == 1:
        return whole
    said = f"{whole.description}, each a positive integer or null"
    return OneOf(whole, ListOf(optional(Integer(1)), exactly=count), description=said)


Targets = Annotated[int | tuple[int | None, ...] | None, PerAxis(_targets)]
Ratio = Number(0, 1)
Ratios = Annotated[
    float | tuple[float, ...] | None,
    PerAxis(lambda count: optional(OneOf(Ratio, ListOf(Ratio, exactly=count)))),
]


class Adaptive(Spatial):
    """The shared rule of adaptive pooling; a null in `output_size` keeps the size."""

    abstract = True
    category = Category.POOLING
    positional = ("output_size",)

    output_size: Targets

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        given = self.output_size
        target = given[i] if isinstance(given, tuple) else given
        return size if target is None else target


class AdaptiveAvgPool1d(Adaptive):
    """Averages over `output_size` windows of [C, L]."""

    torch = "nn.AdaptiveAvgPool1d"
    spatial = 1


class AdaptiveAvgPool2d(Adaptive):
    """Averages over a grid of `output_size` windows of [C, H, W]."""

    torch = "nn.AdaptiveAvgPool2d"
    spatial = 2


class AdaptiveAvgPool3d(Adaptive):
    """Averages over a grid of `output_size` windows of [C, D, H, W]."""

    torch = "nn.AdaptiveAvgPool3d"
    spatial = 3


class AdaptiveMaxPool(Adaptive, Indexed):
    """The shared rule of adaptive pooling by maximum."""

    abstract = True

    return_indices: Bool = False


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """Maxima over `output_size` windows of [C, L]."""

    torch = "nn.AdaptiveMaxPool1d"
    spatial = 1


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """Maxima over a grid of `output_size` windows of [C, H, W]."""

    torch = "nn.AdaptiveMaxPool2d"
    spatial = 2


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """Maxima over a grid of `output_size` windows of [C, D, H, W]."""

    torch = "nn.AdaptiveMaxPool3d"
    spatial = 3


class FractionalMaxPool(Indexed):
    """Maxima of windows at random places, `output_size` or `output_ratio` of them."""

    abstract = True
    margin: ClassVar[int] = 0  # what must be left beside the windows

    kernel_size: Positive
    output_size: MaybePositive = None
    output_ratio: Ratios = None
    return_indices: Bool = False

    def infer(
        self, inputs: Inputs, assume: Assumptions
    ) -> TensorType | tuple[TensorType, ...]:
        if (self.output_size is None) == (self.output_ratio is None):
            raise OperatorError(
                "give one of `output_size` and `output_ratio`", argument="output_size"
            )
        return super().infer(inputs, assume)

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        (kernel,) = self.along(i, "kernel_size")
        target = self._target(i, size, assume)
        if not assume.at_least(size - (target + kernel - 1), self.margin):
            raise OperatorError(
                f"{target} windows of {kernel} do not fit into {size}",
                argument="kernel_size",
                input=0,
            )
        return target

    def _target(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        if self.output_ratio is None:
            return self.along(i, "output_size")[0]
        given = self.output_ratio
        ratio = given[i] if isinstance(given, tuple) else given
        if not 0 < ratio < 1:
            raise OperatorError(
                f"`output_ratio` {ratio} must lie between 0 and 1",
                argument="output_ratio",
            )
        target = scaled(size, ratio, "output_ratio", assume)
        if not assume.at_least(target, 1):
            raise OperatorError(
                f"{ratio} of {size} is nothing", argument="output_ratio", input=0
            )
        return target


class FractionalMaxPool2d(FractionalMaxPool):
    """Maxima of windows placed at random over [C, H, W] (Graham 2014)."""

    torch = "nn.FractionalMaxPool2d"
    spatial = 2


class FractionalMaxPool3d(FractionalMaxPool):
    """Maxima of windows placed at random over [C, D, H, W] (Graham 2014)."""

    torch = "nn.FractionalMaxPool3d"
    margin = 1
    spatial = 3
