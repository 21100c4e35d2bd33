"""Matrix products with learnt weights."""

from math import prod
from typing import Any

from netspec.dimensions import product
from netspec.kinds import Bool, PositiveInt
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    Weight,
)
from netspec.operators.rules import features, fixed, meet, need_rank


class Linear(Operator):
    """An affine map of the last dimension, [..., F] to [..., out_features]."""

    category = Category.LINEAR
    torch = "nn.Linear"
    accepts = "float32"
    positional = ("out_features",)

    out_features: PositiveInt
    bias: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"in_features": features(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], range(1, 9), "[..., features]")
        features(inputs)
        return inputs[0].with_sizes((*inputs[0].sizes[:-1], self.out_features))

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        state = {"weight": Weight((self.out_features, features(inputs)))}
        return state | ({"bias": Weight((self.out_features,))} if self.bias else {})

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        return product(outputs[0].shape) * features(inputs)


class Bilinear(Operator):
    """x1 A x2 + b over [..., F1] and [..., F2], to [..., out_features]."""

    category = Category.LINEAR
    torch = "nn.Bilinear"
    accepts = "float32"
    arity = (2, 2)
    positional = ("out_features",)

    out_features: PositiveInt
    bias: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {
            f"in{i}_features": fixed(tensor.sizes[-1], "the number of features")
            for i, tensor in enumerate(inputs, 1)
        }

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        first, second = inputs
        for position, tensor in enumerate(inputs):
            need_rank(tensor, range(1, 9), "[..., features]", position)
        self.inferred(inputs)
        same = first.rank == second.rank and all(
            meet(a, b, assume)
            for a, b in zip(first.sizes[:-1], second.sizes[:-1], strict=True)
        )
        if not same:
            raise OperatorError(f"{first} and {second} differ before their features")
        return first.with_sizes((*first.sizes[:-1], self.out_features))

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        weight = Weight((self.out_features, *self.inferred(inputs).values()))
        bias = {"bias": Weight((self.out_features,))} if self.bias else {}
        return {"weight": weight, **bias}

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        """The weight against each pair of features, for each position."""
        pairs: int = prod(self.inferred(inputs).values())
        return product(outputs[0].shape) * pairs
