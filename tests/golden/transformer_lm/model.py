"""TransformerLm, emitted by netspec."""

import torch
from torch import Tensor, nn


class TransformerLm(nn.Module):
    """A language model of Transformer encoder layers (Vaswani et al. 2017), causal
    by default.
    """

    def __init__(self, vocab_size: int = 1000) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 64)
        self.layers = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(
                    64, 4, dim_feedforward=256, batch_first=True
                ),
                nn.TransformerEncoderLayer(
                    64, 4, dim_feedforward=256, batch_first=True
                ),
            ],
        )
        self.fc = nn.Linear(64, vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(
                x,
                src_mask=torch.ones(
                    x.shape[1], x.shape[1], dtype=torch.bool, device=x.device
                ).triu(1),
            )
        return self.fc(x)


if __name__ == "__main__":
    model = TransformerLm().eval()
    with torch.inference_mode():
        output = model(torch.zeros(2, 32, dtype=torch.int64))
    assert output.shape == (2, 32, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [32, 1000]")
