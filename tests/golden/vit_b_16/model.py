"""VitB16, emitted by netspec."""

from collections import OrderedDict
from fnmatch import fnmatchcase

import torch
from torch import Tensor, nn


class EncoderBlock(nn.Module):
    """Self-attention and two linear layers, each normalised first and added to its
    input.
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(dim, eps=1e-06)
        self.self_attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.dropout = nn.Dropout(p=0.0)
        self.ln_2 = nn.LayerNorm(dim, eps=1e-06)
        self.mlp = nn.Sequential(
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Dropout(p=0.0),
            nn.Linear(4 * dim, dim),
            nn.Dropout(p=0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.ln_1(x)
        out, _ = self.self_attention(out, out, out, need_weights=False)
        out = self.dropout(out)
        out = out + x
        x = self.ln_2(out)
        mlp = self.mlp(x)
        return out + mlp


class Encoder(nn.Module):
    """The block `Encoder`."""

    def __init__(self) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, 197, 768))
        self.dropout = nn.Dropout(p=0.0)
        self.layers = nn.Sequential(
            OrderedDict(
                {f"encoder_layer_{i}": EncoderBlock(768, 12) for i in range(12)}
            ),
        )
        self.ln = nn.LayerNorm(768, eps=1e-06)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise the tensors of this block."""
        nn.init.normal_(self.pos_embedding, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.pos_embedding
        x = self.dropout(x)
        x = self.layers(x)
        return self.ln(x)


class VitB16(nn.Module):
    """An image is worth 16x16 words (Dosovitskiy et al. 2020), base size, patches of
    16x16.
    """

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        with torch.device("meta"):  # allocated below, once
            self.conv_proj = nn.Conv2d(3, 768, kernel_size=16, stride=16)
            self.patches = nn.Flatten(start_dim=2)
            self.class_token = nn.Parameter(torch.empty(1, 1, 768))
            self.encoder = Encoder()
            self.heads = nn.Sequential(OrderedDict(head=nn.Linear(768, num_classes)))
        self.to_empty(device=torch.get_default_device())
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise every parameter and buffer anew."""
        for module in reversed(list(self.modules())[1:]):
            if isinstance(module, nn.MultiheadAttention):
                module._reset_parameters()
            elif hasattr(module, "reset_parameters"):
                module.reset_parameters()
        nn.init.trunc_normal_(
            self.get_parameter("conv_proj.weight"), std=0.036084391824351615
        )
        nn.init.zeros_(self.get_parameter("conv_proj.bias"))
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear) and fnmatchcase(
                name, "encoder.layers.*.mlp.*"
            ):
                nn.init.xavier_uniform_(module.weight)
                nn.init.normal_(module.bias, std=1e-06)
        nn.init.zeros_(self.get_parameter("heads.head.weight"))
        nn.init.zeros_(self.get_parameter("heads.head.bias"))
        nn.init.zeros_(self.class_token)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv_proj(image)
        x = self.patches(x)
        x = x.transpose(1, 2)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], dim=1)
        x = self.encoder(x)
        x = x.select(1, 0)
        return self.heads(x)


if __name__ == "__main__":
    model = VitB16().eval()
    with torch.inference_mode():
        output = model(torch.rand(2, 3, 224, 224))
    assert output.shape == (2, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [1000]")
