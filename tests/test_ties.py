"""Tied parameters are one tensor under two keys, however the network is initialised."""

from pathlib import Path

import pytest
import torch

import netspec

SPEC = """\
netspec: 1
name: tied
inputs:
  tokens: {{shape: [T], dtype: int64, example: {{T: 4}}}}
graph:
  embedding: {{type: Embedding, num_embeddings: 20, embedding_dim: 8}}
  layers:
    graph:
      - {{type: Linear, out_features: 8}}
      - ReLU
  fc: {{type: Linear, out_features: 20, bias: false}}
tie: [[fc.weight, embedding.weight]]
{init}
expect: {{params: 232}}
"""
INIT = "init: [{type: Linear, weight: {normal_: {std: 0.1}}}]"


@pytest.mark.parametrize("init", ["", INIT])
def test_both_keys_hold_one_tensor(init: str, tmp_path: Path) -> None:
    path = tmp_path / "tied.yaml"
    path.write_text(SPEC.format(init=init))
    network = netspec.compile(path)
    module = network.to_module()
    assert module.fc.weight is module.embedding.weight
    assert sum(p.numel() for p in module.parameters()) == network.parameters == 232
    assert network.state.keys() == module.state_dict().keys()
    module(torch.tensor([[1, 2, 3]])).sum().backward()
    assert module.embedding.weight.grad is module.fc.weight.grad
    other = network.to_module()
    other.load_state_dict(module.state_dict(), strict=True)
    assert torch.equal(other.fc.weight, module.embedding.weight)
