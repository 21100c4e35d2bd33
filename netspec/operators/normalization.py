"""Normalisations."""

from typing import Annotated, Any, ClassVar

from netspec.dimensions import product
from netspec.kinds import (
    Bool,
    Float,
    NonNegativeFloat,
    Number,
    PositiveFloat,
    PositiveInt,
    optional,
)
from netspec.operators.base import (
    Assumptions,
    Call,
    Category,
    Code,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    Weight,
)
from netspec.operators.rules import channels, need_rank

Momentum = Annotated[float | None, optional(Number())]


class Normalization(Operator):
    """The shared rule of normalisations: the shape is unchanged."""

    abstract = True
    category = Category.NORMALIZATION
    accepts = "float32"
    ranks: ClassVar[tuple[int, ...]] = tuple(range(2, 9))
    expected: ClassVar[str] = "[C, ...]"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], self.ranks, self.expected)
        return inputs[0]


class Tracking(Normalization):
    """Normalisations that may keep running statistics of each channel."""

    abstract = True

    eps: PositiveFloat = 1e-05
    momentum: Momentum = 0.1
    affine: Bool = True
    track_running_stats: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"num_features": channels(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        super().infer(inputs, assume)
        channels(inputs)
        return inputs[0]

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        size = (channels(inputs),)
        state = affine(size, self.affine)
        if self.track_running_stats:
            state |= {
                "running_mean": Weight(size, learnt=False),
                "running_var": Weight(size, learnt=False),
                "num_batches_tracked": Weight((), "int64", learnt=False),
            }
        return state


def affine(
    shape: tuple[int, ...], weight: bool = True, bias: bool = True
) -> dict[str, Weight]:
    """A scale and a shift; without the first there is no second."""
    present = {"weight": weight, "bias": weight and bias}
    return {name: Weight(shape) for name, there in present.items() if there}


class BatchNorm1d(Tracking):
    """Batch normalisation over [C] or [C, L] (Ioffe and Szegedy 2015)."""

    torch = "nn.BatchNorm1d"
    ranks = (2, 3)
    expected = "[C] or [C, L]"


class BatchNorm2d(Tracking):
    """Batch normalisation over [C, H, W] (Ioffe and Szegedy 2015)."""

    torch = "nn.BatchNorm2d"
    ranks = (4,)
    expected = "[C, H, W]"


class BatchNorm3d(Tracking):
    """Batch normalisation over [C, D, H, W] (Ioffe and Szegedy 2015)."""

    torch = "nn.BatchNorm3d"
    ranks = (5,)
    expected = "[C, D, H, W]"


class SyncBatchNorm(Tracking):
    """Batch normalisation over [C, ...] whose statistics span all processes."""

    torch = "nn.SyncBatchNorm"


class InstanceNorm(Tracking):
    """The shared rule of instance normalisation: statistics of one sample's channel."""

    abstract = True

    eps: NonNegativeFloat = 1e-05
    momentum: Momentum = 0.1
    affine: Bool = False
    track_running_stats: Bool = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        super().infer(inputs, assume)
        if not assume.at_least(product(inputs[0].sizes[2:]), 2):
            raise OperatorError(
                f"a channel of {inputs[0]} has one value only: nothing to normalise",
                input=0,
            )
        return inputs[0]


class InstanceNorm1d(InstanceNorm):
    """Instance normalisation over [C, L] (Ulyanov et al. 2016)."""

    torch = "nn.InstanceNorm1d"
    ranks = (3,)
    expected = "[C, L]"


class InstanceNorm2d(InstanceNorm):
    """Instance normalisation over [C, H, W] (Ulyanov et al. 2016)."""

    torch = "nn.InstanceNorm2d"
    ranks = (4,)
    expected = "[C, H, W]"


class InstanceNorm3d(InstanceNorm):
    """Instance normalisation over [C, D, H, W] (Ulyanov et al. 2016)."""

    torch = "nn.InstanceNorm3d"
    ranks = (5,)
    expected = "[C, D, H, W]"


class GroupNorm(Normalization):
    """Normalisation over groups of channels of [C, ...] (Wu and He 2018)."""

    torch = "nn.GroupNorm"

    num_groups: PositiveInt
    eps: NonNegativeFloat = 1e-05
    affine: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"num_groups": self.num_groups, "num_channels": channels(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        super().infer(inputs, assume)
        if channels(inputs) % self.num_groups:
            raise OperatorError(
                f"`num_groups` {self.num_groups} does not divide the input's "
                f"{channels(inputs)} channels",
                argument="num_groups",
                input=0,
            )
        return inputs[0]

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        return affine((channels(inputs),), self.affine)


class LocalResponseNorm(Normalization):
    """Division by the energy of `size` neighbouring channels (Krizhevsky 2012)."""

    torch = "nn.LocalResponseNorm"
    accepts = "full"
    ranks = tuple(range(3, 9))
    expected = "[C, L, ...]"
    positional = ("size",)

    size: PositiveInt
    alpha: Float = 0.0001
    beta: Float = 0.75
    k: Float = 1.0

    def call(self, inputs: Inputs) -> Call:
        """Torch folds the dimensions after the third, where they lie in one piece."""
        call = super().call(inputs)
        if len(inputs[0].sizes) < 5:
            return call
        return call._replace(operands=(Code("{0}.contiguous()"),))
