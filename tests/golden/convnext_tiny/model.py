"""ConvnextTiny, emitted by netspec."""

import torch
from torch import Tensor, nn


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of [N, C, H, W]."""

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x.permute(0, 2, 3, 1))
        return x.permute(0, 3, 1, 2)


class Permute(nn.Module):
    """Puts the dimensions, the batch among them, in another order."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = tuple(dims)

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)

    def extra_repr(self) -> str:
        return f"{self.dims}"


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


class ConvNeXtBlock(nn.Module):
    """A 7x7 convolution of each channel and two linear layers, scaled and added."""

    def __init__(self, in_channels: int, drop: float) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(
                in_channels, in_channels, kernel_size=7, padding=3, groups=in_channels
            ),
            Permute((0, 2, 3, 1)),
            nn.LayerNorm(in_channels, eps=1e-06),
            nn.Linear(in_channels, 4 * in_channels),
            nn.GELU(),
            nn.Linear(4 * in_channels, in_channels),
            Permute((0, 3, 1, 2)),
        )
        self.layer_scale = nn.Parameter(torch.empty(in_channels, 1, 1))
        self.stochastic_depth = StochasticDepth(drop, "row")
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise the tensors of this block."""
        nn.init.constant_(self.layer_scale, 1e-06)

    def forward(self, x: Tensor) -> Tensor:
        block = self.block(x)
        out = self.layer_scale * block
        del block
        out = self.stochastic_depth(out)
        return out + x


class Downsample(nn.Sequential):
    """Halves the image."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            LayerNorm2d(in_channels, eps=1e-06),
            nn.Conv2d(in_channels, width, kernel_size=2, stride=2),
        )


class ConvnextTiny(nn.Module):
    """A ConvNet for the 2020s (Liu et al. 2022)."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.features = nn.Sequential(
                nn.Sequential(
                    nn.Conv2d(3, 96, kernel_size=4, stride=4),
                    LayerNorm2d(96, eps=1e-06),
                ),
                nn.Sequential(
                    ConvNeXtBlock(96, 0.0),
                    ConvNeXtBlock(96, 0.0058823529411764705),
                    ConvNeXtBlock(96, 0.011764705882352941),
                ),
                Downsample(96, 192),
                nn.Sequential(
                    ConvNeXtBlock(192, 0.017647058823529415),
                    ConvNeXtBlock(192, 0.023529411764705882),
                    ConvNeXtBlock(192, 0.029411764705882353),
                ),
                Downsample(192, 384),
                nn.Sequential(
                    ConvNeXtBlock(384, 0.03529411764705883),
                    ConvNeXtBlock(384, 0.0411764705882353),
                    ConvNeXtBlock(384, 0.047058823529411764),
                    ConvNeXtBlock(384, 0.052941176470588235),
                    ConvNeXtBlock(384, 0.058823529411764705),
                    ConvNeXtBlock(384, 0.06470588235294118),
                    ConvNeXtBlock(384, 0.07058823529411766),
                    ConvNeXtBlock(384, 0.07647058823529412),
                    ConvNeXtBlock(384, 0.0823529411764706),
                ),
                Downsample(384, 768),
                nn.Sequential(
                    ConvNeXtBlock(768, 0.08823529411764706),
                    ConvNeXtBlock(768, 0.09411764705882353),
                    ConvNeXtBlock(768, 0.1),
                ),
            )
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.classifier = nn.Sequential(
                LayerNorm2d(768, eps=1e-06), nn.Flatten(), nn.Linear(768, num_classes)
            )
        self.to_empty(device=torch.get_default_device())
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise every parameter and buffer anew."""
        for module in reversed(list(self.modules())[1:]):
            if isinstance(module, nn.Conv2d):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
            elif hasattr(module, "reset_parameters"):
                module.reset_parameters()

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        x = self.avgpool(x)
        return self.classifier(x)


if __name__ == "__main__":
    model = ConvnextTiny().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 224, 224))
    assert output.shape == (2, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1000]")
