"""Dimensions in another order, as a module."""

from collections.abc import Sequence

from torch import Tensor, nn


class Permute(nn.Module):
    """Puts the dimensions, the batch among them, in another order."""

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        self.dims = tuple(dims)

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)

    def extra_repr(self) -> str:
        return f"{self.dims}"
