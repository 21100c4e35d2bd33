"""Views: the same numbers under another shape."""

from netspec.dimensions import product
from netspec.kinds import AnyInt
from netspec.operators.base import (
    Assumptions,
    Category,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    axis,
)


class Identity(Operator):
    """Its input, unchanged."""

    category = Category.SHAPE
    torch = "nn.Identity"
    accepts = "any"
    fresh = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        return inputs[0]


class Flatten(Operator):
    """Makes the dimensions `start_dim` to `end_dim` one."""

    category = Category.SHAPE
    torch = "nn.Flatten"
    accepts = "any"
    fresh = False

    start_dim: AnyInt = 1
    end_dim: AnyInt = -1

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        sizes = inputs[0].sizes
        start = axis(self.start_dim, len(sizes), argument="start_dim")
        end = axis(self.end_dim, len(sizes), argument="end_dim")
        if start > end:
            raise OperatorError(
                "`start_dim` comes after `end_dim`", argument="start_dim"
            )
        return inputs[0].with_sizes(
            (*sizes[:start], product(sizes[start : end + 1]), *sizes[end + 1 :])
        )
