"""What layers over [C, L], [C, H, W] and [C, D, H, W] share: arguments and windows."""

from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from netspec.dimensions import ceil_div, floor_div, minimum
from netspec.kinds import Integers, Kind, optional
from netspec.operators.base import (
    Assumptions,
    Dim,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import need_rank, spread
from netspec.record import Field

NAMES = {1: "C, L", 2: "C, H, W", 3: "C, D, H, W"}


class PerAxis(Kind):
    """A kind that `Spatial` settles once it is known how many dimensions there are."""

    description = "a value for each spatial dimension"

    def __init__(self, over: Callable[[int], Kind]) -> None:
        self.over = over


Axes = int | tuple[int, ...]
Positive = Annotated[Axes, PerAxis(lambda count: Integers(count, 1))]
Natural = Annotated[Axes, PerAxis(lambda count: Integers(count, 0))]
MaybePositive = Annotated[
    Axes | None, PerAxis(lambda count: optional(Integers(count, 1)))
]


class Spatial(Operator):
    """A layer over `spatial` dimensions behind the batch and the channels."""

    abstract = True
    spatial: ClassVar[int]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "spatial" in cls.__dict__:
            cls.fields = {
                name: Field(name, _settle(field.kind, cls.spatial), field.default)
                for name, field in cls.fields.items()
            }

    @property
    def expected(self) -> str:
        """The shape of its input, as messages write it."""
        return f"[{NAMES[self.spatial]}]"

    def need_spatial(self, tensor: TensorType) -> None:
        need_rank(tensor, [self.spatial + 2], self.expected)

    def along(self, i: int, *names: str) -> list[int]:
        """What the arguments `names` are in the spatial dimension `i`."""
        return [spread(getattr(self, name), self.spatial)[i] for name in names]

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        """What becomes of the size of spatial dimension `i`."""
        raise NotImplementedError

    def places(self, inputs: Inputs, assume: Assumptions) -> list[Dim]:
        """What becomes of the spatial sizes."""
        self.need_spatial(inputs[0])
        return [self.place(i, n, assume) for i, n in enumerate(inputs[0].sizes[2:])]

    def infer(
        self, inputs: Inputs, assume: Assumptions
    ) -> TensorType | tuple[TensorType, ...]:
        places = self.places(inputs, assume)
        return inputs[0].with_sizes((*inputs[0].sizes[:2], *places))


def _settle(kind: Any, spatial: int) -> Any:
    return kind.over(spatial) if isinstance(kind, PerAxis) else kind


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
    if padding * 2 > kernel:
        raise OperatorError(
            f"`padding` {padding} is more than half of the window of {kernel}",
            argument="padding",
        )
    if not ceil_mode:
        return window(size, kernel, stride, padding, dilation, assume)
    room = size + (2 * padding - dilation * (kernel - 1) - 1)
    if not assume.at_least(room + stride - 1, 0):
        raise OperatorError(
            f"a window of {kernel} does not fit into {size}",
            argument="kernel_size",
            input=0,
        )
    places = ceil_div(room, stride, assume.multiples) + 1
    starts_inside = ceil_div(size + padding, stride, assume.multiples)
    if padding - dilation * (kernel - 1) + stride - 2 < 0:
        return places
    return minimum(places, starts_inside)


def scaled(size: Dim, factor: float, argument: str, assume: Assumptions) -> Dim:
    """floor(size * factor) as PyTorch works it out, in floating point.

    Raises OperatorError for a symbolic size where that may differ from exact numbers.
    """
    if isinstance(size, int):
        return int(float(size) * factor)
    exact = Fraction(factor)
    if exact.denominator > 1024:
        raise OperatorError(
            f"`{argument}` {factor} has no exact product with {size}",
            argument=argument,
            input=0,
            advice="give the size in numbers, or a factor such as 2, 1.5 or 0.25",
        )
    return floor_div(size * exact.numerator, exact.denominator, assume.multiples)
