"""MobilenetV2, emitted by netspec."""

import torch
from torch import Tensor, nn


class ConvNormAct(nn.Sequential):
    """A convolution without bias, batch normalisation and an activation."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 1,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size=kernel_size,
                stride=stride,
                padding=padding,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    """Widens with a 1x1, filters each channel with a 3x3, narrows with a 1x1
    convolution.
    """

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            ConvNormAct(
                in_channels,
                in_channels,
                kernel_size=3,
                stride=stride,
                padding=1,
                groups=in_channels,
            ),
            nn.Conv2d(in_channels, width, kernel_size=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class InvertedResidual2(nn.Module):
    """Widens with a 1x1, filters each channel with a 3x3, narrows with a 1x1
    convolution.
    """

    def __init__(
        self, in_channels: int, width: int, stride: int = 1, expand: int = 6
    ) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            ConvNormAct(in_channels, expand * in_channels),
            ConvNormAct(
                expand * in_channels,
                expand * in_channels,
                kernel_size=3,
                stride=stride,
                padding=1,
                groups=expand * in_channels,
            ),
            nn.Conv2d(expand * in_channels, width, kernel_size=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class InvertedResidual3(nn.Module):
    """Widens with a 1x1, filters each channel with a 3x3, narrows with a 1x1
    convolution.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            ConvNormAct(width, 6 * width),
            ConvNormAct(
                6 * width, 6 * width, kernel_size=3, padding=1, groups=6 * width
            ),
            nn.Conv2d(6 * width, width, kernel_size=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv = self.conv(x)
        return x + conv


class MobilenetV2(nn.Module):
    """Inverted residuals and linear bottlenecks (Sandler et al. 2018)."""

    def __init__(self, dropout: float = 0.2, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.features = nn.Sequential(
                ConvNormAct(3, 32, kernel_size=3, stride=2, padding=1),
                InvertedResidual(32, 16),
                InvertedResidual2(16, 24, stride=2),
                InvertedResidual3(24),
                InvertedResidual2(24, 32, stride=2),
                InvertedResidual3(32),
                InvertedResidual3(32),
                InvertedResidual2(32, 64, stride=2),
                InvertedResidual3(64),
                InvertedResidual3(64),
                InvertedResidual3(64),
                InvertedResidual2(64, 96),
                InvertedResidual3(96),
                InvertedResidual3(96),
                InvertedResidual2(96, 160, stride=2),
                InvertedResidual3(160),
                InvertedResidual3(160),
                InvertedResidual2(160, 320),
                ConvNormAct(320, 1280),
            )
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.flatten = nn.Flatten()
            self.classifier = nn.Sequential(
                nn.Dropout(p=dropout), nn.Linear(1280, num_classes)
            )
        self.to_empty(device=torch.get_default_device())
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise every parameter and buffer anew."""
        for module in reversed(list(self.modules())[1:]):
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)
            elif hasattr(module, "reset_parameters"):
                module.reset_parameters()

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.classifier(x)


if __name__ == "__main__":
    model = MobilenetV2().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 224, 224))
    assert output.shape == (2, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1000]")
