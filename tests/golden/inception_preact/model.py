"""InceptionPreact, emitted by netspec."""

import torch
from torch import Tensor, nn


class PreactConv(nn.Sequential):
    """Batch normalisation and ReLU, then a convolution that keeps the size."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size=kernel_size,
                padding=kernel_size // 2,
                bias=bias,
            ),
        )


class PreactInceptionModule(nn.Module):
    """An inception module with batch normalisation and ReLU before each convolution."""

    def __init__(
        self, in_channels: int, ch1x1: int, ch3x3: int, ch5x5: int, pool_proj: int
    ) -> None:
        super().__init__()
        self.branch1 = PreactConv(in_channels, ch1x1)
        self.branch2 = nn.Sequential(
            PreactConv(in_channels, ch3x3, bias=False),
            PreactConv(ch3x3, ch3x3, kernel_size=3),
        )
        self.branch3 = nn.Sequential(
            PreactConv(in_channels, ch5x5, bias=False),
            PreactConv(ch5x5, ch5x5, kernel_size=5),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
            PreactConv(in_channels, pool_proj, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        branch1 = self.branch1(x)
        branch2 = self.branch2(x)
        branch3 = self.branch3(x)
        branch4 = self.branch4(x)
        return torch.cat([branch1, branch2, branch3, branch4], dim=1)


class InceptionPreact(nn.Module):
    """An inception module with batch normalisation and ReLU before each convolution."""

    def __init__(self, in_channels: int = 192) -> None:
        super().__init__()
        self.module = PreactInceptionModule(in_channels, 64, 128, 32, 32)

    def forward(self, image: Tensor) -> Tensor:
        return self.module(image)


if __name__ == "__main__":
    model = InceptionPreact().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 192, 28, 28))
    assert output.shape == (2, 256, 28, 28), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [256, 28, 28]")
