"""LstmLm, emitted by netspec."""

import torch
from torch import Tensor, nn


class LstmLm(nn.Module):
    """A language model of LSTM layers (Zaremba et al. 2014)."""

    def __init__(
        self,
        vocab_size: int = 1000,
        embedding_dim: int = 64,
        hidden_dim: int = 128,
        num_layers: int = 2,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(
            embedding_dim, hidden_dim, num_layers=num_layers, batch_first=True
        )
        self.fc = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens)
        x, _ = self.lstm(x)
        return self.fc(x)


if __name__ == "__main__":
    model = LstmLm().eval()
    with torch.inference_mode():
        output = model(torch.zeros(2, 32, dtype=torch.int64))
    assert output.shape == (2, 32, 1000), output.shape
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters; output [32, 1000]")
