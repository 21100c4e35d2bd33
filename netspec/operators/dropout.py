"""Dropouts: random zeros in training, nothing in evaluation."""

from typing import Annotated, ClassVar

from netspec.kinds import Choice, Probability
from netspec.operators.base import Assumptions, Category, Inputs, Operator, TensorType
from netspec.operators.rules import need_rank

Mode = Annotated[str, Choice("row", "batch")]


class Dropping(Operator):
    """The shared rule of dropouts. In evaluation the result is the input itself."""

    abstract = True
    category = Category.DROPOUT
    fresh = False
    ranks: ClassVar[tuple[int, ...]] = tuple(range(1, 9))
    expected: ClassVar[str] = "any shape"

    p: Probability = 0.5

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], self.ranks, self.expected)
        return inputs[0]


class Dropout(Dropping):
    """Zeroes elements with probability `p`."""

    torch = "nn.Dropout"


class Dropout1d(Dropping):
    """Zeroes whole channels of [C, L] with probability `p`."""

    torch = "nn.Dropout1d"
    ranks = (3,)
    expected = "[C, L]"


class Dropout2d(Dropping):
    """Zeroes whole channels of [C, H, W] with probability `p`."""

    torch = "nn.Dropout2d"
    ranks = (4,)
    expected = "[C, H, W]"


class Dropout3d(Dropping):
    """Zeroes whole channels of [C, D, H, W] with probability `p`."""

    torch = "nn.Dropout3d"
    ranks = (5,)
    expected = "[C, D, H, W]"


class AlphaDropout(Dropping):
    """Dropout that keeps mean 0 and variance 1, for SELU (Klambauer et al. 2017)."""

    torch = "nn.AlphaDropout"


class FeatureAlphaDropout(Dropping):
    """AlphaDropout of whole channels, [C, ...]."""

    torch = "nn.FeatureAlphaDropout"
    ranks = tuple(range(2, 9))
    expected = "[C, ...]"


class StochasticDepth(Dropping):
    """Zeroes whole samples, or the whole batch, with probability `p` (Huang 2016)."""

    torch = "StochasticDepth"
    page = "https://docs.pytorch.org/vision/stable/generated/torchvision.ops.StochasticDepth.html"
    support = "stochastic_depth"
    positional = ("p", "mode")

    p: Probability
    mode: Mode = "row"
