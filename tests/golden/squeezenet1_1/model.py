"""Squeezenet11, emitted by netspec."""

import torch
from torch import Tensor, nn


class Fire(nn.Module):
    """A 1x1 convolution that squeezes, a 1x1 and a 3x3 side by side that expand."""

    def __init__(self, in_channels: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(in_channels, squeeze, kernel_size=1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze, expand, kernel_size=1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze, expand, kernel_size=3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x)
        squeeze_activation = self.squeeze_activation(x)
        x = self.expand1x1(squeeze_activation)
        expand1x1_activation = self.expand1x1_activation(x)
        x = self.expand3x3(squeeze_activation)
        del squeeze_activation
        expand3x3_activation = self.expand3x3_activation(x)
        return torch.cat([expand1x1_activation, expand3x3_activation], dim=1)


class Squeezenet11(nn.Module):
    """SqueezeNet 1.1 (Iandola et al. 2016), 2.4 times less to compute."""

    def __init__(self, dropout: float = 0.5, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.features = nn.Sequential(
                nn.Conv2d(3, 64, kernel_size=3, stride=2),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
                Fire(64, 16, 64),
                Fire(128, 16, 64),
                nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
                Fire(128, 32, 128),
                Fire(256, 32, 128),
                nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
                Fire(256, 48, 192),
                Fire(384, 48, 192),
                Fire(384, 64, 256),
                Fire(512, 64, 256),
            )
            self.classifier = nn.Sequential(
                nn.Dropout(p=dropout),
                nn.Conv2d(512, num_classes, kernel_size=1),
                nn.ReLU(inplace=True),
                nn.AdaptiveAvgPool2d(1),
            )
            self.flatten = nn.Flatten()
        self.to_empty(device=torch.get_default_device())
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise every parameter and buffer anew."""
        for module in reversed(list(self.modules())[1:]):
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_uniform_(module.weight)
                nn.init.zeros_(module.bias)
            elif hasattr(module, "reset_parameters"):
                module.reset_parameters()
        nn.init.normal_(self.get_parameter("classifier.1.weight"), std=0.01)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        x = self.classifier(x)
        return self.flatten(x)


if __name__ == "__main__":
    model = Squeezenet11().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 224, 224))
    assert output.shape == (2, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1000]")
