"""Normalisations."""

from typing import Annotated, Any, ClassVar

from netspec.kinds import Bool, NonNegativeFloat, Number, optional
from netspec.operators.base import (
    Assumptions,
    Category,
    Inputs,
    Operator,
    TensorType,
    Weight,
    channels,
    floating,
    need_rank,
)

Momentum = Annotated[float | None, optional(Number())]


class BatchNorm(Operator):
    """The shared rule of batch normalisation."""

    abstract = True
    category = Category.NORMALIZATION
    ranks: ClassVar[tuple[int, ...]]
    expected: ClassVar[str]

    eps: NonNegativeFloat = 1e-05
    momentum: Momentum = 0.1
    affine: Bool = True
    track_running_stats: Bool = True

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"num_features": channels(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_rank(inputs[0], self.ranks, self.expected)
        channels(inputs)
        return inputs[0]

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        size = (channels(inputs),)
        state = floating(("weight", size), ("bias", size)) if self.affine else {}
        if self.track_running_stats:
            state |= {
                "running_mean": Weight(size, learnt=False),
                "running_var": Weight(size, learnt=False),
                "num_batches_tracked": Weight((), "int64", learnt=False),
            }
        return state


class BatchNorm2d(BatchNorm):
    """Batch normalisation over [C, H, W] (Ioffe and Szegedy 2015)."""

    torch = "nn.BatchNorm2d"
    ranks = (4,)
    expected = "[C, H, W]"
