"""Layer normalisation of each pixel's channels."""

from torch import Tensor, nn


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of [N, C, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x.permute(0, 2, 3, 1))
        return x.permute(0, 3, 1, 2)
