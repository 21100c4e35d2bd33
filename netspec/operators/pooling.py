"""Poolings: each window becomes one number."""

from typing import Annotated, ClassVar

from netspec.kinds import Bool, Float, Integer, PositiveInt, optional
from netspec.operators.base import (
    Assumptions,
    Call,
    Category,
    Dim,
    Inputs,
    OperatorError,
    Result,
    TensorType,
)
from netspec.operators.rules import meet
from netspec.operators.spatial import (
    MaybePositive,
    Natural,
    Positive,
    Spatial,
    pool_window,
    window,
)

Divisor = Annotated[int | None, optional(Integer(1))]


class Pool(Spatial):
    """What poolings with windows of a given size share."""

    abstract = True
    category = Category.POOLING
    whole: ClassVar[bool] = False  # must a window fit without the padding?

    kernel_size: Positive
    stride: MaybePositive = None
    ceil_mode: Bool = False

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        stride = self.kernel_size if self.stride is None else self.stride
        kernel, padding, dilation = self.along(i, "kernel_size", "padding", "dilation")
        step = stride[i] if isinstance(stride, tuple) else stride
        if self.whole:
            window(size, kernel, 1, 0, 1, assume)
        return pool_window(
            size, kernel, step, padding, dilation, self.ceil_mode, assume
        )


class Indexed(Spatial):
    """A pooling by maximum, which can also say where each maximum was."""

    abstract = True
    category = Category.POOLING
    fresh = False  # some of its backwards read the result

    return_indices: Bool = False

    @property
    def output_names(self) -> tuple[str, ...]:
        return ("output", "indices") if self.return_indices else ("",)

    def infer(
        self, inputs: Inputs, assume: Assumptions
    ) -> TensorType | tuple[TensorType, ...]:
        places = self.places(inputs, assume)
        output = inputs[0].with_sizes((*inputs[0].sizes[:2], *places))
        indices = TensorType(output.sizes, "int64")
        return (output, indices) if self.return_indices else output

    def call(self, inputs: Inputs) -> Call:
        call = super().call(inputs)
        if self.return_indices:
            return call._replace(results=(Result(0), Result(1)))
        return call


class MaxPool(Pool, Indexed):
    """The shared rule of maximum pooling."""

    abstract = True

    kernel_size: Positive
    stride: MaybePositive = None
    padding: Natural = 0
    dilation: Positive = 1
    return_indices: Bool = False
    ceil_mode: Bool = False


class MaxPool1d(MaxPool):
    """The largest value of each window over [C, L]."""

    torch = "nn.MaxPool1d"
    spatial = 1


class MaxPool2d(MaxPool):
    """The largest value of each window over [C, H, W]."""

    torch = "nn.MaxPool2d"
    spatial = 2


class MaxPool3d(MaxPool):
    """The largest value of each window over [C, D, H, W]."""

    torch = "nn.MaxPool3d"
    spatial = 3


class AvgPool(Pool):
    """The shared rule of average pooling."""

    abstract = True
    dilation = 1

    kernel_size: Positive
    stride: MaybePositive = None
    padding: Natural = 0
    ceil_mode: Bool = False
    count_include_pad: Bool = True


class AvgPool1d(AvgPool):
    """The average of each window over [C, L]."""

    torch = "nn.AvgPool1d"
    spatial = 1


class AvgPool2d(AvgPool):
    """The average of each window over [C, H, W]."""

    torch = "nn.AvgPool2d"
    spatial = 2

    divisor_override: Divisor = None


class AvgPool3d(AvgPool):
    """The average of each window over [C, D, H, W]."""

    torch = "nn.AvgPool3d"
    accepts = "full"
    spatial = 3
    whole = True

    divisor_override: Divisor = None


class LPPool(Pool):
    """The shared rule of power-average pooling, which pads nothing."""

    abstract = True
    fresh = False
    padding, dilation = 0, 1

    norm_type: Float
    kernel_size: Positive
    stride: MaybePositive = None
    ceil_mode: Bool = False

    def infer(
        self, inputs: Inputs, assume: Assumptions
    ) -> TensorType | tuple[TensorType, ...]:
        if self.norm_type == 0:
            raise OperatorError("`norm_type` must not be 0", argument="norm_type")
        return super().infer(inputs, assume)


class LPPool1d(LPPool):
    """The p-norm of each window over [C, L], for p = `norm_type`."""

    torch = "nn.LPPool1d"
    spatial = 1

    kernel_size: PositiveInt
    stride: MaybePositive = None
    ceil_mode: Bool = False


class LPPool2d(LPPool):
    """The p-norm of each window over [C, H, W], for p = `norm_type`."""

    torch = "nn.LPPool2d"
    spatial = 2


class LPPool3d(LPPool):
    """The p-norm of each window over [C, D, H, W], for p = `norm_type`."""

    torch = "nn.LPPool3d"
    accepts = "full"
    spatial = 3
    whole = True


class MaxUnpool(Spatial):
    """The shared rule of unpooling: values put back where `indices`, input 2, says."""

    abstract = True
    category = Category.POOLING
    arity = (2, 2)
    accepts = "number"
    fresh = False

    kernel_size: Positive
    stride: MaybePositive = None
    padding: Natural = 0

    def infer(
        self, inputs: Inputs, assume: Assumptions
    ) -> TensorType | tuple[TensorType, ...]:
        values, indices = inputs
        result = super().infer(inputs, assume)
        same = indices.rank == values.rank and all(
            map(meet, values.sizes, indices.sizes, [assume] * values.rank)
        )
        if not values.is_floating or not same or indices.dtype != "int64":
            raise OperatorError(
                f"expected values and their indices, found {values} and {indices}",
                input=1,
            )
        return result

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        kernel, padding = self.along(i, "kernel_size", "padding")
        stride = self.kernel_size if self.stride is None else self.stride
        step = stride[i] if isinstance(stride, tuple) else stride
        result = (size - 1) * step + (kernel - 2 * padding)
        if not assume.at_least(result, 1):
            raise OperatorError(
                f"`padding` {padding} leaves nothing", argument="padding", input=0
            )
        return result


class MaxUnpool1d(MaxUnpool):
    """[C, L] put back where the maxima of MaxPool1d were, zeros elsewhere."""

    torch = "nn.MaxUnpool1d"
    spatial = 1


class MaxUnpool2d(MaxUnpool):
    """[C, H, W] put back where the maxima of MaxPool2d were, zeros elsewhere."""

    torch = "nn.MaxUnpool2d"
    spatial = 2


class MaxUnpool3d(MaxUnpool):
    """[C, D, H, W] put back where the maxima of MaxPool3d were, zeros elsewhere."""

    torch = "nn.MaxUnpool3d"
    spatial = 3
