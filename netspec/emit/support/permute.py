"""Dimensions in another order, as a module."""

from torch import Tensor, nn


class Permute(nn.Module):
    """Puts the dimensions, the batch among them, in another order."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = tuple(dims)

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)

    def extra_repr(self) -> str:
        return f"{self.dims}"
