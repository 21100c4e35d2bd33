"""As many elements under another shape."""

from collections.abc import Iterable
from typing import Annotated

from netspec.dimensions import floor_div, product
from netspec.kinds import AnyInt, ListOf, Size
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Code,
    Dim,
    Form,
    Inputs,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import along, meet
from netspec.operators.shape import Integers, View

Shape = Annotated[tuple[Dim, ...], ListOf(Size())]


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
