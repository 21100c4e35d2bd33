"""Stochastic depth (Huang et al. 2016)."""

import torch
from torch import Tensor, nn


class StochasticDepth(nn.Module):
    """Zeroes whole samples (`row`) or the whole batch with probability p in training.

    What stays is divided by 1 - p, so that the expected value is unchanged.
    """

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        samples = x.shape[0] if self.mode == "row" else 1
        shape = [samples] + [1] * (x.ndim - 1)
        kept = torch.empty(shape, dtype=x.dtype, device=x.device).bernoulli_(1 - self.p)
        if self.p < 1.0:
            kept.div_(1.0 - self.p)
        return x * kept

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode}"
