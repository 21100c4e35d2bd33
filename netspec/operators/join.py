"""Joins: several values into one."""

from netspec.kinds import AnyInt
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    axis,
    broadcast,
    promote,
)


class Elementwise(Operator):
    """The shared rule of joins that broadcast."""

    abstract = True
    category = Category.JOIN
    form = Form.INFIX
    arity = (2, None)
    accepts = "any"
    verb = "combine"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = broadcast(inputs, assume, f"cannot {self.verb}")
        return TensorType(sizes, promote(inputs))


class Add(Elementwise):
    """The sum of its inputs, which broadcast."""

    torch = "torch.add"
    verb = "add"


class Mul(Elementwise):
    """The product of its inputs, which broadcast."""

    torch = "torch.mul"
    verb = "multiply"
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
        rank = inputs[0].rank
        for position, tensor in enumerate(inputs):
            if tensor.rank != rank:
                raise OperatorError(
                    f"cannot concatenate {inputs[0]} and {tensor}: their ranks differ",
                    input=position,
                )
        along = axis(self.dim, rank)
        batch = next((t.sizes[0] for t in inputs if t.is_batched), inputs[0].sizes[0])
        sizes: list[Dim] = [batch, *inputs[0].sizes[1:]]
        for position, tensor in enumerate(inputs[1:], 1):
            for i in range(1, rank):
                if i != along and not assume.equal(sizes[i], tensor.sizes[i]):
                    raise OperatorError(
                        f"cannot concatenate {inputs[0]} and {tensor} along dim {self.dim}: "
                        "they differ elsewhere",
                        input=position,
                    )
            sizes[along] = sizes[along] + tensor.sizes[along]
        return TensorType(tuple(sizes), promote(inputs))
