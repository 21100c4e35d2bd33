"""Views: the same numbers under another shape. The batch stays first and whole."""

from collections.abc import Iterable
from typing import Annotated

from netspec.dimensions import floor_div, product
from netspec.kinds import AnyInt, Integer, ListOf, Size
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Code,
    Dim,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    along,
    axis,
    meet,
)
from netspec.operators.reduction import Dims, positions

Shape = Annotated[tuple[Dim, ...], ListOf(Size())]
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


def settle(
    wanted: tuple[Dim, ...], sizes: tuple[Dim, ...], argument: str, assume: Assumptions
) -> tuple[Dim, ...]:
    """`wanted` with its -1, if any, replaced so that it holds what `sizes` holds."""
    bad = [size for size in wanted if isinstance(size, int) and size < 1 and size != -1]
    if bad or wanted.count(-1) > 1:
        raise OperatorError(
            f"`{argument}` takes positive sizes and at most one -1", argument=argument
        )
    known = [size for size in wanted if size != -1]
    rest = _rest(list(sizes), known, assume) if -1 in wanted else 1
    if rest is None or not meet(product(known) * rest, product(sizes), assume):
        raise OperatorError(
            f"{product(sizes)} elements do not make {_show(wanted)}",
            argument=argument,
            input=0,
        )
    return tuple(rest if size == -1 else size for size in wanted)


def _show(sizes: Iterable[Dim]) -> str:
    return f"[{', '.join(map(str, sizes))}]"


def _rest(sizes: list[Dim], known: list[Dim], assume: Assumptions) -> Dim | None:
    """The product of `sizes` by that of `known`; None where that is no integer."""
    over: Dim = 1
    for size in known:
        if size in sizes:
            sizes.remove(size)
        else:
            over = over * size
    if not isinstance(over, int) or not assume.divides(product(sizes), over):
        return None
    return floor_div(product(sizes), over, assume.multiples)


class Reshape(View):
    """Another `shape` of as many elements, without the batch; one size may be -1."""

    torch = "torch.reshape"

    shape: Shape

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        given = inputs[0]
        sizes = settle(self.shape, given.shape, "shape", assume)
        self._written(given)
        return given.with_sizes((*given.sizes[: given.is_batched], *sizes))

    def _written(self, tensor: TensorType) -> list[int | Code]:
        """The sizes as `forward` can name them: numbers, sizes of the input, one -1."""
        sizes: list[int | Code] = [Code("{0}.shape[0]")] if tensor.is_batched else []
        for size in self.shape:
            if isinstance(size, int):
                sizes.append(size)
            elif size in tensor.sizes:
                sizes.append(Code(f"{{0}}.shape[{tensor.sizes.index(size)}]"))
            else:
                sizes.append(-1)
        if sizes.count(-1) > 1:
            raise OperatorError(
                f"two sizes of {_show(self.shape)} depend on the input in ways that "
                f"cannot be read off {tensor}",
                argument="shape",
                advice="reshape in two steps, or give fixed sizes",
            )
        return sizes

    def call(self, inputs: Inputs) -> Call:
        written = self._written(inputs[0])
        arguments = tuple(Argument(None, size, "shape") for size in written)
        return Call(self.function(), arguments, self.form)


class Unflatten(View):
    """Splits dimension `dim` into several; one of `unflattened_size` may be -1."""

    torch = "nn.Unflatten"
    form = Form.MODULE
    positional = ("dim", "unflattened_size")

    dim: AnyInt
    unflattened_size: Integers

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = inputs[0].sizes
        i = along(self.dim, inputs[0])
        parts = settle(self.unflattened_size, (sizes[i],), "unflattened_size", assume)
        return inputs[0].with_sizes((*sizes[:i], *parts, *sizes[i + 1 :]))


class Permute(View):
    """Its dimensions in another order; `dims` counts the batch, which stays first."""

    torch = "torch.permute"

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
