"""Convolutions and transposed convolutions."""

from math import prod
from typing import Annotated, Any

from netspec.dimensions import product
from netspec.kinds import Bool, Choice, Integers, OneOf, PositiveInt
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Inputs,
    OperatorError,
    TensorType,
    Weight,
)
from netspec.operators.rules import channels, spread
from netspec.operators.spatial import Natural, PerAxis, Positive, Spatial, window

Words = Choice("same", "valid")
Padding = Annotated[
    str | int | tuple[int, ...], PerAxis(lambda n: OneOf(Integers(n, 0), Words))
]
PaddingMode = Annotated[str, Choice("zeros", "reflect", "replicate", "circular")]
Zeros = Annotated[str, Choice("zeros")]


class Weighted(Spatial):
    """What convolutions of both directions share: groups, weights and their sizes."""

    abstract = True
    category = Category.CONVOLUTION
    accepts = "float32"
    positional = ("out_channels",)

    out_channels: PositiveInt
    kernel_size: Positive
    groups: PositiveInt = 1
    bias: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"in_channels": channels(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        self.need_spatial(inputs[0])
        self._check_groups(channels(inputs))
        places = self.places(inputs, assume)
        return inputs[0].with_sizes((inputs[0].sizes[0], self.out_channels, *places))

    def _check_groups(self, count: int) -> None:
        if count % self.groups:
            raise OperatorError(
                f"`groups` {self.groups} does not divide the input's {count} channels",
                argument="groups",
                input=0,
            )
        if self.out_channels % self.groups:
            raise OperatorError(
                f"`groups` {self.groups} does not divide `out_channels` "
                f"{self.out_channels}",
                argument="groups",
            )

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        kernel = spread(self.kernel_size, self.spatial)
        state = {"weight": Weight((*self._connected(channels(inputs)), *kernel))}
        return state | ({"bias": Weight((self.out_channels,))} if self.bias else {})

    def _connected(self, count: int) -> tuple[int, int]:
        """The first two sizes of the weight, for an input of `count` channels."""
        return self.out_channels, count // self.groups

    def _each(self, inputs: Inputs) -> int:
        """Multiply-adds of one place and channel."""
        kernel = prod(spread(self.kernel_size, self.spatial))
        return kernel * self._connected(channels(inputs))[1]


class Convolution(Weighted):
    """The shared rule of convolutions."""

    abstract = True

    out_channels: PositiveInt
    kernel_size: Positive
    stride: Positive = 1
    padding: Padding = 0
    dilation: Positive = 1
    groups: PositiveInt = 1
    bias: Bool = True
    padding_mode: PaddingMode = "zeros"

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        kernel, stride, dilation = self.along(i, "kernel_size", "stride", "dilation")
        if self.padding == "same":
            if spread(self.stride, self.spatial) != (1,) * self.spatial:
                raise OperatorError(
                    "`padding: same` needs `stride: 1`", argument="padding"
                )
            self._need_source(size, (dilation * (kernel - 1) + 1) // 2, assume)
            return size
        padding = 0 if self.padding == "valid" else self.along(i, "padding")[0]
        self._need_source(size, padding, assume)
        return window(size, kernel, stride, padding, dilation, assume)

    def _need_source(self, size: Dim, padding: int, assume: Assumptions) -> None:
        """Padding that is read from the input needs an input that large."""
        wanted = {"reflect": padding + 1, "circular": padding}
        if not assume.at_least(size, wanted.get(self.padding_mode, 1)):
            raise OperatorError(
                f"`padding_mode: {self.padding_mode}` needs more than {size} to take "
                f"a padding of {padding} from",
                argument="padding_mode",
                input=0,
            )

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        return product(outputs[0].shape) * self._each(inputs)


class Conv1d(Convolution):
    """1-D cross-correlation over [C, L]; L becomes (L + 2p - d(k-1) - 1)//s + 1."""

    torch = "nn.Conv1d"
    spatial = 1


class Conv2d(Convolution):
    """2-D cross-correlation over [C, H, W]; H becomes (H + 2p - d(k-1) - 1)//s + 1."""

    torch = "nn.Conv2d"
    spatial = 2


class Conv3d(Convolution):
    """3-D cross-correlation over [C, D, H, W]; each size as in Conv2d."""

    torch = "nn.Conv3d"
    spatial = 3


class Transposed(Weighted):
    """The shared rule of transposed convolutions."""

    abstract = True

    out_channels: PositiveInt
    kernel_size: Positive
    stride: Positive = 1
    padding: Natural = 0
    output_padding: Natural = 0
    groups: PositiveInt = 1
    bias: Bool = True
    dilation: Positive = 1
    padding_mode: Zeros = "zeros"

    def place(self, i: int, size: Dim, assume: Assumptions) -> Dim:
        kernel, stride, padding, dilation, extra = self.along(
            i, "kernel_size", "stride", "padding", "dilation", "output_padding"
        )
        if extra >= max(stride, dilation):
            raise OperatorError(
                f"`output_padding` {extra} must be less than `stride` {stride} or "
                f"`dilation` {dilation}",
                argument="output_padding",
            )
        result = (size - 1) * stride + (dilation * (kernel - 1) + 1 + extra)
        if not assume.at_least(result - 2 * padding, 1):
            raise OperatorError(
                f"`padding` {padding} leaves nothing of {result}",
                argument="padding",
                input=0,
            )
        return result - 2 * padding

    def _connected(self, count: int) -> tuple[int, int]:
        return count, self.out_channels // self.groups

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        return product(inputs[0].shape) * self._each(inputs)


class ConvTranspose1d(Transposed):
    """The gradient of Conv1d as a layer; L becomes (L-1)s - 2p + d(k-1) + extra + 1."""

    torch = "nn.ConvTranspose1d"
    spatial = 1


class ConvTranspose2d(Transposed):
    """The gradient of Conv2d as a layer; H becomes (H-1)s - 2p + d(k-1) + extra + 1."""

    torch = "nn.ConvTranspose2d"
    spatial = 2


class ConvTranspose3d(Transposed):
    """The gradient of Conv3d as a layer; each size as in ConvTranspose2d."""

    torch = "nn.ConvTranspose3d"
    spatial = 3
