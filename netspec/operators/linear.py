"""Matrix products with learnt weights."""

from typing import Any

from netspec.dimensions import product
from netspec.kinds import Bool, PositiveInt
from netspec.operators.base import (
    Assumptions,
    Category,
    Dim,
    Inputs,
    Operator,
    TensorType,
    Weight,
    features,
    need_rank,
)


class Linear(Operator):
    """An affine map of the last dimension, [*, F] to [*, out_features]."""

    category = Category.LINEAR
    torch = "nn.Linear"
    positional = ("out_features",)

    out_features: PositiveInt
    bias: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"in_features": features(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], range(2, 9), "[..., features]")
        features(inputs)
        return inputs[0].with_sizes((*inputs[0].sizes[:-1], self.out_features))

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        state = {"weight": Weight((self.out_features, features(inputs)))}
        return state | ({"bias": Weight((self.out_features,))} if self.bias else {})

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        return product(outputs[0].shape) * features(inputs)
