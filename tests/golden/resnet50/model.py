"""Resnet50, emitted by netspec."""

import torch
from torch import Tensor, nn


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions and a shortcut, the stride on the 3x3 (v1.5)."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(
            width, width, kernel_size=3, stride=stride, padding=1, bias=False
        )
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(width, 4 * width, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample: nn.Module | None = None
        if stride != 1 or in_channels != 4 * width:
            self.downsample = nn.Sequential(
                nn.Conv2d(
                    in_channels, 4 * width, kernel_size=1, stride=stride, bias=False
                ),
                nn.BatchNorm2d(4 * width),
            )
        self.relu3 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv1(x)
        out = self.bn1(out)
        out = self.relu1(out)
        out = self.conv2(out)
        out = self.bn2(out)
        out = self.relu2(out)
        out = self.conv3(out)
        out = self.bn3(out)
        if self.downsample is not None:
            x = self.downsample(x)
        out += x
        return self.relu3(out)


class Resnet50(nn.Module):
    """Deep residual learning (He et al. 2015), v1.5 bottleneck."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.conv1 = nn.Conv2d(
                3, 64, kernel_size=7, stride=2, padding=3, bias=False
            )
            self.bn1 = nn.BatchNorm2d(64)
            self.relu = nn.ReLU(inplace=True)
            self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
            self.layer1 = nn.Sequential(
                Bottleneck(64, 64), Bottleneck(256, 64), Bottleneck(256, 64)
            )
            self.layer2 = nn.Sequential(
                Bottleneck(256, 128, stride=2),
                *(Bottleneck(512, 128) for _ in range(3)),
            )
            self.layer3 = nn.Sequential(
                Bottleneck(512, 256, stride=2),
                *(Bottleneck(1024, 256) for _ in range(5)),
            )
            self.layer4 = nn.Sequential(
                Bottleneck(1024, 512, stride=2),
                Bottleneck(2048, 512),
                Bottleneck(2048, 512),
            )
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.flatten = nn.Flatten()
            self.fc = nn.Linear(2048, num_classes)
        self.to_empty(device=torch.get_default_device())
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise every parameter and buffer anew."""
        for module in reversed(list(self.modules())[1:]):
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif hasattr(module, "reset_parameters"):
                module.reset_parameters()

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv1(image)
        x = self.bn1(x)
        x = self.relu(x)
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.fc(x)


if __name__ == "__main__":
    model = Resnet50().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 224, 224))
    assert output.shape == (2, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1000]")
