"""EfficientnetB0, emitted by netspec."""

import torch
from torch import Tensor, nn


def _make_divisible(value: float, divisor: int = 8) -> int:
    """Round to a multiple of `divisor`, never losing over 10 %."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


class StochasticDepth(nn.Module):
    """Zeroes whole samples (`row`) or the whole batch with probability p in training.

    What stays is divided by 1 - p, so that the expected value is unchanged.
    """

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        samples = x.shape[0] if self.mode == "row" else 1
        shape = [samples] + [1] * (x.ndim - 1)
        kept = torch.empty(shape, dtype=x.dtype, device=x.device).bernoulli_(1 - self.p)
        if self.p < 1.0:
            kept.div_(1.0 - self.p)
        return x * kept

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode}"


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
        linear: bool = False,
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
            *([nn.SiLU(inplace=True)] if not linear else []),
        )


class SqueezeExcitation(nn.Module):
    """Weighs each channel by what all of them are on average (Hu et al. 2017)."""

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, kernel_size=1)
        self.activation = nn.SiLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, kernel_size=1)
        self.scale_activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.avgpool(x)
        out = self.fc1(out)
        out = self.activation(out)
        out = self.fc2(out)
        out = self.scale_activation(out)
        return out * x


class MBConv(nn.Module):
    """An inverted residual with squeeze and excitation, dropped at random in
    training.
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        kernel_size: int,
        stride: int,
        expand: int,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        hidden_channels = _make_divisible(expand * in_channels, 8)
        self.block = nn.Sequential(
            *([ConvNormAct(in_channels, hidden_channels)] if expand != 1 else []),
            ConvNormAct(
                hidden_channels,
                hidden_channels,
                kernel_size=kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                groups=hidden_channels,
            ),
            SqueezeExcitation(hidden_channels, max(1, in_channels // 4)),
            ConvNormAct(hidden_channels, width, linear=True),
        )
        self.stochastic_depth: nn.Module | None = None
        if stride == 1 and in_channels == width:
            self.stochastic_depth = StochasticDepth(drop, "row")
        self.has_sum = stride == 1 and in_channels == width

    def forward(self, x: Tensor) -> Tensor:
        block = self.block(x)
        stochastic_depth = block
        if self.stochastic_depth is not None:
            stochastic_depth = self.stochastic_depth(block)
        out = stochastic_depth + x if self.has_sum else block
        return out


class EfficientnetB0(nn.Module):
    """Rethinking model scaling for convolutional neural networks (Tan and Le 2019)."""

    def __init__(self, dropout: float = 0.2, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.features = nn.Sequential(
                ConvNormAct(3, 32, kernel_size=3, stride=2, padding=1),
                nn.Sequential(MBConv(32, 16, 3, 1, 1)),
                nn.Sequential(
                    MBConv(16, 24, 3, 2, 6, drop=0.0125),
                    MBConv(24, 24, 3, 1, 6, drop=0.025),
                ),
                nn.Sequential(
                    MBConv(24, 40, 5, 2, 6, drop=0.037500000000000006),
                    MBConv(40, 40, 5, 1, 6, drop=0.05),
                ),
                nn.Sequential(
                    MBConv(40, 80, 3, 2, 6, drop=0.0625),
                    MBConv(80, 80, 3, 1, 6, drop=0.07500000000000001),
                    MBConv(80, 80, 3, 1, 6, drop=0.08750000000000001),
                ),
                nn.Sequential(
                    MBConv(80, 112, 5, 1, 6, drop=0.1),
                    MBConv(112, 112, 5, 1, 6, drop=0.1125),
                    MBConv(112, 112, 5, 1, 6, drop=0.125),
                ),
                nn.Sequential(
                    MBConv(112, 192, 5, 2, 6, drop=0.1375),
                    MBConv(192, 192, 5, 1, 6, drop=0.15000000000000002),
                    MBConv(192, 192, 5, 1, 6, drop=0.1625),
                    MBConv(192, 192, 5, 1, 6, drop=0.17500000000000002),
                ),
                nn.Sequential(MBConv(192, 320, 3, 1, 6, drop=0.1875)),
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
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.uniform_(
                    module.weight, a=-0.03162277660168379, b=0.03162277660168379
                )
                nn.init.zeros_(module.bias)
            elif hasattr(module, "reset_parameters"):
                module.reset_parameters()

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.classifier(x)


if __name__ == "__main__":
    model = EfficientnetB0().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 224, 224))
    assert output.shape == (2, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1000]")
