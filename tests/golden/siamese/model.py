"""Siamese, emitted by netspec."""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, width, kernel_size=3, stride=2, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = nn.Sequential(
            nn.Conv2d(in_channels, width, kernel_size=1, stride=2, bias=False),
            nn.BatchNorm2d(width),
        )
        self.relu2 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv1(x)
        out = self.bn1(out)
        out = self.relu1(out)
        out = self.conv2(out)
        out = self.bn2(out)
        downsample = self.downsample(x)
        out += downsample
        return self.relu2(out)


class SiameseOutput(NamedTuple):
    """What the network returns."""

    distance: Tensor
    left: Tensor
    right: Tensor


class Siamese(nn.Module):
    """Two images through one encoder, their distance and both embeddings (Bromley et
    al. 1993).
    """

    def __init__(self, embedding_dim: int = 32) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False),
                bn=nn.BatchNorm2d(16),
                relu=nn.ReLU(inplace=True),
                blocks=nn.Sequential(BasicBlock(16, 16), BasicBlock(16, 32)),
                avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                fc=nn.Linear(32, embedding_dim),
            ),
        )

    def forward(self, left: Tensor, right: Tensor) -> SiameseOutput:
        encoder = self.encoder(left)
        encoded_right = self.encoder(right)
        x = encoder - encoded_right
        x = torch.abs(x)
        distance = x.sum(1)
        return SiameseOutput(distance, encoder, encoded_right)


if __name__ == "__main__":
    model = Siamese().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 1, 28, 28), torch.rand(2, 1, 28, 28))
    assert output[0].shape == (2,), output[0].shape
    assert output[1].shape == (2, 32), output[1].shape
    assert output[2].shape == (2, 32), output[2].shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; distance [], left [32], right [32]")
