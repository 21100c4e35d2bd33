"""Unet, emitted by netspec."""

import torch
from torch import Tensor, nn


class DoubleConv(nn.Sequential):
    """Two 3x3 convolutions, each with batch normalisation and ReLU."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, width, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )


class Up(nn.Module):
    """Doubles the image, joins it to an earlier one of that size and convolves both."""

    def __init__(self, in_channels: int, width: int, skip_channels: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, width, kernel_size=2, stride=2)
        self.conv = DoubleConv(skip_channels + width, width)

    def forward(self, image: Tensor, skip: Tensor) -> Tensor:
        up = self.up(image)
        x = torch.cat([skip, up], dim=1)
        return self.conv(x)


class Unet(nn.Module):
    """Convolutional networks for biomedical image segmentation (Ronneberger et al.
    2015), padded.
    """

    def __init__(self, num_classes: int = 2) -> None:
        super().__init__()
        self.down1 = DoubleConv(3, 64)
        self.pool1 = nn.MaxPool2d(kernel_size=2)
        self.down2 = DoubleConv(64, 128)
        self.pool2 = nn.MaxPool2d(kernel_size=2)
        self.down3 = DoubleConv(128, 256)
        self.pool3 = nn.MaxPool2d(kernel_size=2)
        self.down4 = DoubleConv(256, 512)
        self.pool4 = nn.MaxPool2d(kernel_size=2)
        self.bottom = DoubleConv(512, 1024)
        self.up4 = Up(1024, 512, 512)
        self.up3 = Up(512, 256, 256)
        self.up2 = Up(256, 128, 128)
        self.up1 = Up(128, 64, 64)
        self.head = nn.Conv2d(64, num_classes, kernel_size=1)

    def forward(self, image: Tensor) -> Tensor:
        down1 = self.down1(image)
        x = self.pool1(down1)
        x = self.down2(x)
        out = self.pool2(x)
        out = self.down3(out)
        pool3 = self.pool3(out)
        down4 = self.down4(pool3)
        del pool3
        pool4 = self.pool4(down4)
        bottom = self.bottom(pool4)
        del pool4
        up4 = self.up4(bottom, down4)
        del bottom, down4
        up3 = self.up3(up4, out)
        del up4
        up2 = self.up2(up3, x)
        del up3
        x = self.up1(up2, down1)
        return self.head(x)


if __name__ == "__main__":
    model = Unet().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 256, 256))
    assert output.shape == (2, 2, 256, 256), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [2, 256, 256]")
