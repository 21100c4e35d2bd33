"""Normalisations of the features of one position."""

from typing import Annotated, Any

from netspec.kinds import (
    Bool,
    Integer,
    ListOf,
    NonNegativeFloat,
    Number,
    optional,
)
from netspec.operators.base import (
    Assumptions,
    Inputs,
    OperatorError,
    TensorType,
    Weight,
)
from netspec.operators.normalization import Normalization, affine
from netspec.operators.rules import channels, fixed, meet

Epsilon = Annotated[float | None, optional(Number(0))]
Shape = Annotated[tuple[int, ...] | None, optional(ListOf(Integer(1), 1))]


class Trailing(Normalization):
    """Normalisations over the last dimension, or the several of `normalized_shape`."""

    abstract = True
    expected = "[..., features]"

    normalized_shape: Shape = None
    elementwise_affine: Bool = True

    def _shape(self, inputs: Inputs) -> tuple[int, ...]:
        if self.normalized_shape is not None:
            return self.normalized_shape
        return (fixed(inputs[0].sizes[-1], "the number of features"),)

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        shape = self._shape(inputs)
        return {"normalized_shape": shape[0] if len(shape) == 1 else shape}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        super().infer(inputs, assume)
        shape = self._shape(inputs)
        last = inputs[0].sizes[1:][-len(shape) :]
        if len(last) != len(shape) or not all(map(meet, last, shape, [assume] * 8)):
            raise OperatorError(
                f"`normalized_shape` {list(shape)} is not the end of {inputs[0]}",
                argument="normalized_shape",
                input=0,
            )
        return inputs[0]


class LayerNorm(Trailing):
    """Normalisation of each position's features, [..., F] (Ba et al. 2016)."""

    torch = "nn.LayerNorm"

    eps: NonNegativeFloat = 1e-05
    elementwise_affine: Bool = True
    bias: Bool = True

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        return affine(self._shape(inputs), self.elementwise_affine, self.bias)


class RMSNorm(Trailing):
    """Division by the root mean square of [..., F] (Zhang and Sennrich 2019)."""

    torch = "nn.RMSNorm"

    eps: Epsilon = None
    elementwise_affine: Bool = True

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        return affine(self._shape(inputs), self.elementwise_affine, bias=False)


class LayerNorm2d(Normalization):
    """Layer normalisation of each pixel's channels, [C, H, W] (torchvision's)."""

    torch = "LayerNorm2d"
    page = "https://docs.pytorch.org/vision/stable/models/convnext.html"
    support = "layer_norm_2d"
    ranks = (4,)
    expected = "[C, H, W]"

    eps: NonNegativeFloat = 1e-05
    elementwise_affine: Bool = True
    bias: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"normalized_shape": channels(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        super().infer(inputs, assume)
        channels(inputs)
        return inputs[0]

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        return affine((channels(inputs),), self.elementwise_affine, self.bias)
