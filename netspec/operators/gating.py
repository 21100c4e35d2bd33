"""Activations along a dimension: softmaxes and the gated linear unit."""

from typing import Annotated

from netspec.dimensions import floor_div
from netspec.kinds import AnyInt, Integer, optional
from netspec.operators.activation import Activation
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Inputs,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import along, need_rank

MaybeDim = Annotated[int | None, optional(Integer())]


class Normalized(Activation):
    """The shared rule of softmaxes: without `dim`, PyTorch takes 1 where it can."""

    abstract = True

    dim: MaybeDim = None

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        along(self._dim(inputs[0]), inputs[0])
        return inputs[0]

    def _dim(self, tensor: TensorType) -> int:
        if self.dim is not None:
            return self.dim
        if tensor.rank in (1, 3):
            raise OperatorError(
                f"`dim` is needed for {tensor}: without it PyTorch takes the batch",
                argument="dim",
                advice="`dim: -1` is the last dimension",
            )
        return 1

    def call(self, inputs: Inputs) -> Call:
        dim = Argument("dim", self._dim(inputs[0]), "dim")
        return Call(self.torch, (dim,), self.form)


class Softmax(Normalized):
    """exp(x) / sum(exp(x)) along `dim`."""

    torch = "nn.Softmax"


class Softmin(Normalized):
    """Softmax of -x along `dim`."""

    torch = "nn.Softmin"


class LogSoftmax(Normalized):
    """The logarithm of Softmax along `dim`."""

    torch = "nn.LogSoftmax"


class Softmax2d(Activation):
    """Softmax over the channels of [C, H, W]."""

    torch = "nn.Softmax2d"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], [4], "[C, H, W]")
        return inputs[0]


class GLU(Activation):
    """The first half along `dim` times the sigmoid of the second."""

    torch = "nn.GLU"

    dim: AnyInt = -1

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        position = along(self.dim, inputs[0])
        sizes = list(inputs[0].sizes)
        if not assume.divides(sizes[position], 2):
            raise OperatorError(
                f"cannot halve {sizes[position]} along `dim` {self.dim}",
                argument="dim",
                input=0,
            )
        sizes[position] = floor_div(sizes[position], 2, assume.multiples)
        return inputs[0].with_sizes(sizes)
