"""DcganGenerator, emitted by netspec."""

import torch
from torch import Tensor, nn


class DcganGenerator(nn.Module):
    """A generator of 28x28 grey images after DCGAN (Radford et al. 2015)."""

    def __init__(self, latent_dim: int = 100) -> None:
        super().__init__()
        self.fc = nn.Linear(latent_dim, 6272)
        self.relu1 = nn.ReLU(inplace=True)
        self.deconv1 = nn.ConvTranspose2d(128, 64, kernel_size=4, stride=2, padding=1)
        self.relu2 = nn.ReLU(inplace=True)
        self.deconv2 = nn.ConvTranspose2d(64, 1, kernel_size=4, stride=2, padding=1)
        self.tanh = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)
        x = self.relu1(x)
        x = x.reshape(x.shape[0], 128, 7, 7)
        x = self.deconv1(x)
        x = self.relu2(x)
        x = self.deconv2(x)
        return self.tanh(x)


if __name__ == "__main__":
    model = DcganGenerator().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 100))
    assert output.shape == (2, 1, 28, 28), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1, 28, 28]")
