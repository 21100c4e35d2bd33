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

    def __init__(
        self, in_channels: int, width: int, stride: int = 1, expand: int = 6
    ) -> None:
        super().__init__()
        hidden_channels = expand * in_channels
        self.conv = nn.Sequential(
            *([ConvNormAct(in_channels, hidden_channels)] if expand != 1 else []),
            ConvNormAct(
                hidden_channels,
                hidden_channels,
                kernel_size=3,
                stride=stride,
                padding=1,
                groups=hidden_channels,
            ),
            nn.Conv2d(hidden_channels, width, kernel_size=1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.has_sum = stride == 1 and in_channels == width

    def forward(self, x: Tensor) -> Tensor:
        conv = self.conv(x)
        x = x + conv if self.has_sum else conv
        return x


class MobilenetV2(nn.Module):
    """Inverted residuals and linear bottlenecks (Sandler et al. 2018)."""

    def __init__(self, dropout: float = 0.2, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.features = nn.Sequential(
                ConvNormAct(3, 32, kernel_size=3, stride=2, padding=1),
                InvertedResidual(32, 16, expand=1),
                InvertedResidual(16, 24, stride=2),
                InvertedResidual(24, 24),
                InvertedResidual(24, 32, stride=2),
                InvertedResidual(32, 32),
                InvertedResidual(32, 32),
                InvertedResidual(32, 64, stride=2),
                InvertedResidual(64, 64),
                InvertedResidual(64, 64),
                InvertedResidual(64, 64),
                InvertedResidual(64, 96),
                InvertedResidual(96, 96),
                InvertedResidual(96, 96),
                InvertedResidual(96, 160, stride=2),
                InvertedResidual(160, 160),
                InvertedResidual(160, 160),
                InvertedResidual(160, 320),
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
