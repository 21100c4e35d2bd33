"""Views: the same numbers under another shape. The batch stays first and whole."""

from typing import Annotated

from netspec.dimensions import product
from netspec.kinds import AnyInt, Integer, ListOf
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Dim,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
)
from netspec.operators.reduction import Dims, positions
from netspec.operators.rules import along, axis, meet

Integers = Annotated[tuple[int, ...], ListOf(Integer(), 1)]


class View(Operator):
    """What views share."""

    abstract = True
    category = Category.SHAPE
    form = Form.METHOD
    accepts = "any"
    fresh = False


class Identity(View):
    """Its input, unchanged."""

    torch = "nn.Identity"
    form = Form.MODULE

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        return inputs[0]


class Flatten(View):
    """Makes the dimensions `start_dim` to `end_dim` one."""

    torch = "nn.Flatten"
    form = Form.MODULE

    start_dim: AnyInt = 1
    end_dim: AnyInt = -1

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = inputs[0].sizes
        start = along(self.start_dim, inputs[0], argument="start_dim")
        end = along(self.end_dim, inputs[0], argument="end_dim")
        if start > end:
            raise OperatorError(
                "`start_dim` comes after `end_dim`", argument="start_dim"
            )
        return inputs[0].with_sizes(
            (*sizes[:start], product(sizes[start : end + 1]), *sizes[end + 1 :])
        )


class Permute(View):
    """Its dimensions in another order; `dims` counts the batch, which stays first."""

    torch = "torch.permute"
    layer = "permute"

    dims: Integers

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        given = inputs[0]
        order = [
            axis(dim, given.rank, batch=True, argument="dims") for dim in self.dims
        ]
        if sorted(order) != list(range(given.rank)):
            raise OperatorError(
                f"`dims` must name each of the {given.rank} dimensions once, the batch "
                "counted as 0",
                argument="dims",
            )
        if given.is_batched and order[0] != 0:
            raise OperatorError("`dims` must begin with 0, the batch", argument="dims")
        return given.with_sizes(given.sizes[i] for i in order)

    def call(self, inputs: Inputs) -> Call:
        arguments = tuple(Argument(None, dim, "dims") for dim in self.dims)
        return Call(self.function(), arguments, self.form)

    def as_layer(self, call: Call) -> Call:
        whole = (Argument(None, self.dims, "dims"),)
        return super().as_layer(call)._replace(arguments=whole)


class Transpose(View):
    """Dimensions `dim0` and `dim1` exchanged."""

    torch = "torch.transpose"
    positional = ("dim0", "dim1")

    dim0: AnyInt
    dim1: AnyInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        first = along(self.dim0, inputs[0], argument="dim0")
        second = along(self.dim1, inputs[0], argument="dim1")
        sizes = list(inputs[0].sizes)
        sizes[first], sizes[second] = sizes[second], sizes[first]
        return inputs[0].with_sizes(sizes)


class Squeeze(View):
    """Without the dimensions `dim`, whose size must be 1."""

    torch = "torch.squeeze"
    positional = ("dim",)

    dim: Dims

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        gone = positions(self.dim, inputs[0])
        for i in gone:
            if not meet(inputs[0].sizes[i], 1, assume):
                raise OperatorError(
                    f"dimension {i} of {inputs[0]} is no 1 to take out",
                    argument="dim",
                    input=0,
                )
        return inputs[0].with_sizes(
            size for i, size in enumerate(inputs[0].sizes) if i not in gone
        )


class Unsqueeze(View):
    """With a new dimension of size 1 at `dim`."""

    torch = "torch.unsqueeze"
    positional = ("dim",)

    dim: AnyInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        given = inputs[0]
        i = axis(self.dim, given.rank + 1, batch=not given.is_batched)
        return given.with_sizes((*given.sizes[:i], 1, *given.sizes[i:]))


class Expand(View):
    """Dimensions of size 1 repeated to `shape`, without the batch; -1 keeps one."""

    torch = "torch.Tensor.expand"

    shape: Integers

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        given = inputs[0]
        if len(self.shape) != len(given.shape):
            raise OperatorError(
                f"`shape` must have {len(given.shape)} sizes, as {given}",
                argument="shape",
            )
        pairs = zip(given.shape, self.shape, strict=True)
        sizes = [self._along(size, wanted, assume) for size, wanted in pairs]
        return given.with_sizes((*given.sizes[: given.is_batched], *sizes))

    def _along(self, size: Dim, wanted: int, assume: Assumptions) -> Dim:
        if wanted == -1:
            return size
        if wanted < 1 or (size != 1 and not meet(size, wanted, assume)):
            raise OperatorError(
                f"cannot expand {size} to {wanted}", argument="shape", input=0
            )
        return wanted

    def call(self, inputs: Inputs) -> Call:
        sizes = (-1, *self.shape) if inputs[0].is_batched else self.shape
        arguments = tuple(Argument(None, size, "shape") for size in sizes)
        return Call(self.function(), arguments, self.form)
