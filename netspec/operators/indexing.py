"""Parts of a tensor, and its positions moved about."""

from collections.abc import Sequence
from typing import Annotated

from netspec.dimensions import ceil_div, floor_div, minimum
from netspec.kinds import AnyInt, Few, Integer, ListOf, PositiveInt, optional
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Code,
    Dim,
    Form,
    Inputs,
    OperatorError,
    Result,
    TensorType,
)
from netspec.operators.reduction import Dims, positions
from netspec.operators.rules import along, meet
from netspec.operators.shape import View

Bound = Annotated[int | None, optional(Integer())]
Sections = Annotated[tuple[int, ...], ListOf(Integer(1), 1)]


def resized(tensor: TensorType, i: int, size: Dim) -> TensorType:
    """The tensor with another size in dimension `i`."""
    return tensor.with_sizes((*tensor.sizes[:i], size, *tensor.sizes[i + 1 :]))


def parts(tensor: TensorType, i: int, sizes: Sequence[Dim]) -> tuple[TensorType, ...]:
    """The tensor cut along dimension `i`; parts of the same size are one object."""
    made = {size: resized(tensor, i, size) for size in set(sizes)}
    return tuple(made[size] for size in sizes)


class Slice(View):
    """The positions `start` to `stop` (left out) of `dim`, as Python counts them."""

    torch = "torch.Tensor"
    page = "https://docs.pytorch.org/docs/stable/tensor_view.html"
    form = Form.INDEX

    dim: AnyInt
    start: Bound = None
    stop: Bound = None
    step: PositiveInt = 1

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        i = along(self.dim, inputs[0])
        size = inputs[0].sizes[i]
        first = _bound(size, self.start) if self.start else 0
        last = size if self.stop is None else _bound(size, self.stop)
        if not assume.at_least(last - first, 1):
            argument = "start" if self.stop is None else "stop"
            raise OperatorError(
                f"nothing is left of {size}", argument=argument, input=0
            )
        count = ceil_div(last - first, self.step, assume.multiples)
        return resized(inputs[0], i, count)

    def call(self, inputs: Inputs) -> Call:
        part = slice(self.start, self.stop, None if self.step == 1 else self.step)
        whole = [slice(None)] * along(self.dim, inputs[0])
        arguments = tuple(Argument(None, each, "dim") for each in (*whole, part))
        return Call(self.torch, arguments, self.form)


def _bound(size: Dim, index: int) -> Dim:
    """An end of a slice as a position, kept inside."""
    return minimum(size, index) if index >= 0 else size - minimum(size, -index)


class Select(View):
    """The position `index` of `dim`, which goes."""

    torch = "torch.select"
    positional = ("dim", "index")

    dim: AnyInt
    index: AnyInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = inputs[0].sizes
        i = along(self.dim, inputs[0])
        needed = self.index + 1 if self.index >= 0 else -self.index
        if not assume.at_least(sizes[i], needed):
            raise OperatorError(
                f"`index` {self.index} is outside of {sizes[i]}",
                argument="index",
                input=0,
            )
        return inputs[0].with_sizes((*sizes[:i], *sizes[i + 1 :]))


class Parts(View):
    """What cuts into several outputs, addressed by number, share."""

    abstract = True

    dim: AnyInt = 1

    @property
    def count(self) -> int:
        """The number of outputs."""
        raise NotImplementedError

    @property
    def output_names(self) -> tuple[str, ...]:
        return tuple(map(str, range(self.count)))

    def call(self, inputs: Inputs) -> Call:
        results = tuple(Result(i) for i in range(self.count))
        return super().call(inputs)._replace(results=results)


class Split(Parts):
    """Cut along `dim` into parts of the sizes listed."""

    torch = "torch.split"
    positional = ("split_size_or_sections", "dim")

    split_size_or_sections: Sections
    dim: AnyInt = 1

    @property
    def count(self) -> int:
        return len(self.split_size_or_sections)

    def infer(self, inputs: Inputs, assume: Assumptions) -> tuple[TensorType, ...]:
        i = along(self.dim, inputs[0])
        sections = self.split_size_or_sections
        if not meet(inputs[0].sizes[i], sum(sections), assume):
            raise OperatorError(
                f"the sections make {sum(sections)}, and dimension {i} is "
                f"{inputs[0].sizes[i]}",
                argument="split_size_or_sections",
                input=0,
            )
        return parts(inputs[0], i, sections)


class Chunk(Parts):
    """Cut along `dim` into `chunks` equal parts, the last of which may be smaller."""

    torch = "torch.chunk"
    positional = ("chunks", "dim")

    chunks: Few
    dim: AnyInt = 1

    @property
    def count(self) -> int:
        return self.chunks

    def infer(self, inputs: Inputs, assume: Assumptions) -> tuple[TensorType, ...]:
        i = along(self.dim, inputs[0])
        sizes = self._sizes(inputs[0].sizes[i], assume)
        return parts(inputs[0], i, sizes)

    def _sizes(self, size: Dim, assume: Assumptions) -> list[Dim]:
        if not isinstance(size, int):
            if not assume.divides(size, self.chunks):
                raise OperatorError(
                    f"{size} does not divide by {self.chunks}", argument="chunks"
                )
            return [floor_div(size, self.chunks, assume.multiples)] * self.chunks
        each = -(-size // self.chunks)
        sizes: list[Dim] = [min(each, size - at) for at in range(0, size, each)]
        if len(sizes) != self.chunks:
            raise OperatorError(
                f"{size} makes only {len(sizes)} chunks of {each}",
                argument="chunks",
                input=0,
            )
        return sizes


class Roll(View):
    """Positions moved by `shifts` along `dims`, round the end."""

    torch = "torch.roll"
    positional = ("shifts", "dims")
    fresh = True

    shifts: Dims
    dims: Dims

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        dims = self.dims if isinstance(self.dims, tuple) else (self.dims,)
        shifts = self.shifts if isinstance(self.shifts, tuple) else (self.shifts,)
        for dim in dims:
            along(dim, inputs[0], argument="dims")
        if len(shifts) != len(dims):
            raise OperatorError(
                f"{len(shifts)} `shifts` for {len(dims)} `dims`", argument="shifts"
            )
        return inputs[0]


class Flip(View):
    """The order along `dims` turned round."""

    torch = "torch.flip"
    positional = ("dims",)
    fresh = True

    dims: Dims

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        positions(self.dims, inputs[0], "dims")
        return inputs[0]


class IndexSelect(View):
    """Along `dim` of the first input, the positions that the second [K] lists."""

    torch = "torch.index_select"
    form = Form.FUNCTION
    arity = (2, 2)

    dim: AnyInt

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        given, index = inputs
        i = along(self.dim, given)
        if index.rank != 1 or index.is_batched or index.dtype not in ("int32", "int64"):
            raise OperatorError(
                f"expected a list of int64 without batch, found {index}", input=1
            )
        return resized(given, i, index.sizes[0])

    def call(self, inputs: Inputs) -> Call:
        return Call(self.torch, (), self.form, (0, Code(str(self.dim)), 1))
