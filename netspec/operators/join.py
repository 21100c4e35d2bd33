"""Joins: several values into one."""

from typing import ClassVar

from netspec.kinds import AnyInt
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Code,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import along, axis, broadcast, meet, promote


class Elementwise(Operator):
    """The shared rule of joins that broadcast."""

    abstract = True
    category = Category.JOIN
    form = Form.INFIX
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    accepts = "any"
    verb = "combine"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = broadcast(inputs, assume, f"cannot {self.verb}")
        return TensorType(sizes, promote(inputs))


class Add(Elementwise):
    """The sum of its inputs, which broadcast."""

    torch = "torch.add"
    verb = "add"


class Sub(Elementwise):
    """The first input less the second; they broadcast."""

    torch = "torch.sub"
    arity = (2, 2)
    accepts = "number"
    verb = "subtract"


class Mul(Elementwise):
    """The product of its inputs, which broadcast."""

    torch = "torch.mul"
    verb = "multiply"
    fresh = False


class Div(Elementwise):
    """The first input by the second; they broadcast, and integers become float32."""

    torch = "torch.div"
    arity = (2, 2)
    verb = "divide"
    fresh = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        result = super().infer(inputs, assume)
        whole = not result.is_floating and not result.dtype.startswith("complex")
        return TensorType(result.sizes, "float32") if whole else result


class Maximum(Elementwise):
    """The larger of two inputs, element by element; they broadcast."""

    torch = "torch.maximum"
    form = Form.FUNCTION
    arity = (2, 2)
    accepts = "real"
    verb = "compare"
    fresh = False


class Minimum(Elementwise):
    """The smaller of two inputs, element by element; they broadcast."""

    torch = "torch.minimum"
    form = Form.FUNCTION
    arity = (2, 2)
    accepts = "real"
    verb = "compare"
    fresh = False


class Concat(Operator):
    """Its inputs one after the other along `dim`; a leading 1 expands to the batch."""

    category = Category.JOIN
    torch = "torch.cat"
    form = Form.LIST
    arity = (2, None)
    accepts = "any"

    dim: AnyInt = 1

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        first = _leader(inputs)
        position = along(self.dim, first)
        sizes = list(first.sizes)
        sizes[position] = 0
        for i, tensor in enumerate(inputs):
            if tensor.rank != first.rank:
                raise OperatorError(
                    f"cannot concatenate {first} and {tensor}: their ranks differ",
                    input=i,
                )
            if not all(
                _fits(first, tensor, k, position, assume) for k in range(first.rank)
            ):
                raise OperatorError(
                    f"cannot concatenate {first} and {tensor} along dim {self.dim}: "
                    "they differ elsewhere",
                    input=i,
                )
            sizes[position] = sizes[position] + tensor.sizes[position]
        return TensorType(tuple(sizes), promote(inputs))

    def call(self, inputs: Inputs) -> Call:
        """A tensor of leading 1, a class token for instance, is expanded first."""
        written = Argument("dim", self.dim, "dim")
        leader = _leader(inputs)
        batch = f"{{{inputs.index(leader)}}}.shape[0]"
        rest = ", -1" * (leader.rank - 1)
        operands = tuple(
            Code(f"{{{i}}}.expand({batch}{rest})")
            if leader.is_batched and (tensor.rank, tensor.sizes[0]) == (leader.rank, 1)
            else i
            for i, tensor in enumerate(inputs)
        )
        return Call(self.torch, (written,), self.form, operands)


def _leader(inputs: Inputs) -> TensorType:
    """The first input with a batch, or the first one."""
    return next((tensor for tensor in inputs if tensor.is_batched), inputs[0])


def _fits(
    first: TensorType, other: TensorType, dim: int, joined: int, assume: Assumptions
) -> bool:
    expands = dim == 0 and first.is_batched and other.sizes[0] == 1
    return dim == joined or expands or meet(first.sizes[dim], other.sizes[dim], assume)


class Stack(Operator):
    """Its inputs, of one shape, along a new dimension `dim`."""

    category = Category.JOIN
    torch = "torch.stack"
    form = Form.LIST
    arity = (2, None)
    accepts = "any"

    dim: AnyInt = 1

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        first = inputs[0]
        i = axis(self.dim, first.rank + 1, batch=not first.is_batched)
        for position, tensor in enumerate(inputs):
            same = tensor.rank == first.rank and all(
                map(meet, first.sizes, tensor.sizes, [assume] * first.rank)
            )
            if not same:
                raise OperatorError(
                    f"cannot stack {first} and {tensor}: their shapes differ",
                    input=position,
                )
        sizes = (*first.sizes[:i], len(inputs), *first.sizes[i:])
        return TensorType(sizes, promote(inputs))

    def call(self, inputs: Inputs) -> Call:
        return Call(self.torch, (Argument("dim", self.dim, "dim"),), self.form)
