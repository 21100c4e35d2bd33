"""Densenet121, emitted by netspec."""

from collections import OrderedDict

import torch
from torch import Tensor, nn


class DenseLayer(nn.Module):
    """Pre-activated 1x1 and 3x3 convolutions; what they give is joined to their
    input.
    """

    def __init__(self, in_channels: int, growth_rate: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, 4 * growth_rate, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(
            4 * growth_rate, growth_rate, kernel_size=3, padding=1, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.norm1(x)
        out = self.relu1(out)
        out = self.conv1(out)
        out = self.norm2(out)
        out = self.relu2(out)
        out = self.conv2(out)
        return torch.cat([x, out], dim=1)


class Transition(nn.Module):
    """Halves the channels and the image."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, in_channels // 2, kernel_size=1, bias=False)
        self.pool = nn.AvgPool2d(kernel_size=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        x = self.relu(x)
        x = self.conv(x)
        return self.pool(x)


class Densenet121(nn.Module):
    """Densely connected convolutional networks (Huang et al. 2016)."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.features = nn.Sequential(
                OrderedDict(
                    conv0=nn.Conv2d(
                        3, 64, kernel_size=7, stride=2, padding=3, bias=False
                    ),
                    norm0=nn.BatchNorm2d(64),
                    relu0=nn.ReLU(inplace=True),
                    pool0=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
                    denseblock1=nn.Sequential(
                        OrderedDict(
                            {
                                f"denselayer{i + 1}": DenseLayer(64 + 32 * i, 32)
                                for i in range(6)
                            },
                        ),
                    ),
                    transition1=Transition(256),
                    denseblock2=nn.Sequential(
                        OrderedDict(
                            {
                                f"denselayer{i + 1}": DenseLayer(128 + 32 * i, 32)
                                for i in range(12)
                            },
                        ),
                    ),
                    transition2=Transition(512),
                    denseblock3=nn.Sequential(
                        OrderedDict(
                            {
                                f"denselayer{i + 1}": DenseLayer(256 + 32 * i, 32)
                                for i in range(24)
                            },
                        ),
                    ),
                    transition3=Transition(1024),
                    denseblock4=nn.Sequential(
                        OrderedDict(
                            {
                                f"denselayer{i + 1}": DenseLayer(512 + 32 * i, 32)
                                for i in range(16)
                            },
                        ),
                    ),
                    norm5=nn.BatchNorm2d(1024),
                ),
            )
            self.relu = nn.ReLU(inplace=True)
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.flatten = nn.Flatten()
            self.classifier = nn.Linear(1024, num_classes)
        self.to_empty(device=torch.get_default_device())
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise every parameter and buffer anew."""
        for module in reversed(list(self.modules())[1:]):
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                module.reset_parameters()
                nn.init.zeros_(module.bias)
            elif hasattr(module, "reset_parameters"):
                module.reset_parameters()

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        x = self.relu(x)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.classifier(x)


if __name__ == "__main__":
    model = Densenet121().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 224, 224))
    assert output.shape == (2, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1000]")
