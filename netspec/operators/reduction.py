"""Reductions: dimensions of a sample become one number. The batch is never reduced."""

from typing import Annotated

from netspec.kinds import AnyInt, Bool, Float, Integer, ListOf, OneOf
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
from netspec.operators.rules import along

Dims = Annotated[int | tuple[int, ...], OneOf(Integer(), ListOf(Integer(), 1))]


def positions(
    dim: int | tuple[int, ...], tensor: TensorType, argument: str = "dim"
) -> tuple[int, ...]:
    """The dimensions that `dim` names. Refused: the batch, or the same one twice."""
    dims = dim if isinstance(dim, tuple) else (dim,)
    found = tuple(along(each, tensor, argument=argument) for each in dims)
    if len(set(found)) < len(found):
        raise OperatorError(
            f"`{argument}` {list(dims)} names a dimension twice", argument=argument
        )
    return found


def reduced(
    sizes: tuple[Dim, ...], gone: tuple[int, ...], keepdim: bool
) -> tuple[Dim, ...]:
    """The sizes with some reduced to 1, or taken out."""
    kept = [1 if i in gone else size for i, size in enumerate(sizes)]
    return tuple(s for i, s in enumerate(kept) if keepdim or i not in gone)


class Reduction(Operator):
    """The shared rule of reductions over `dim`, an integer or a list."""

    abstract = True
    category = Category.REDUCTION
    form = Form.METHOD
    fresh = False
    positional = ("dim",)

    dim: Dims
    keepdim: Bool = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        gone = positions(self.dim, inputs[0])
        sizes = reduced(inputs[0].sizes, gone, self.keepdim)
        return TensorType(sizes, self.result_dtype(inputs[0].dtype))

    def result_dtype(self, dtype: str) -> str:
        """The result's dtype for an input of `dtype`."""
        return dtype


class Mean(Reduction):
    """The average over `dim`."""

    torch = "torch.mean"


class Sum(Reduction):
    """The sum over `dim`; of integers an int64."""

    torch = "torch.sum"
    accepts = "any"

    def result_dtype(self, dtype: str) -> str:
        whole = dtype == "bool" or dtype.startswith(("int", "uint"))
        return "int64" if whole else dtype


class Max(Reduction):
    """The largest value over `dim`."""

    torch = "torch.amax"
    accepts = "real"


class Min(Reduction):
    """The smallest value over `dim`."""

    torch = "torch.amin"
    accepts = "real"


class Var(Reduction):
    """The variance over `dim`, with PyTorch's `correction` of 1."""

    torch = "torch.var"

    dim: Dims
    correction: AnyInt = 1
    keepdim: Bool = False


class Std(Reduction):
    """The standard deviation over `dim`, with PyTorch's `correction` of 1."""

    torch = "torch.std"

    dim: Dims
    correction: AnyInt = 1
    keepdim: Bool = False


class LogSumExp(Reduction):
    """log(sum(exp(x))) over `dim`."""

    torch = "torch.logsumexp"


class ArgMax(Reduction):
    """Where the largest value along `dim` is."""

    torch = "torch.argmax"
    accepts = "number"

    dim: AnyInt

    def result_dtype(self, dtype: str) -> str:
        return "int64"


class CumSum(Operator):
    """The running sum along `dim`."""

    category = Category.REDUCTION
    torch = "torch.cumsum"
    form = Form.METHOD
    positional = ("dim",)

    dim: AnyInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        along(self.dim, inputs[0])
        return inputs[0]


class Normalize(Operator):
    """Division by the p-norm along `dim`."""

    category = Category.NORMALIZATION
    torch = "nn.functional.normalize"
    form = Form.FUNCTION
    fresh = False

    p: Float = 2.0
    dim: AnyInt = 1
    eps: Float = 1e-12

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        along(self.dim, inputs[0])
        return inputs[0]
