"""Tied parameters are one tensor under two keys, however the network is initialised."""

from pathlib import Path

import pytest
import torch

import netspec
from netspec.draw.build import build

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


LAYERS = "  {0}: {{type: Linear, out_features: 8, bias: false}}\n"
CASES = {
    "a tensor of its own": (
        "  t: {type: Parameter, shape: [8]}\n  u: {type: Parameter, shape: [8]}\n"
        "  sum: {type: Add, from: [input, t, u]}\n",
        ["u, t"],
    ),
    "a layer's and a tensor of a block's own": (
        "  part: {graph: {t: {type: Parameter, shape: [8, 8]},"
        " m: {type: MatMul, from: [input, t]}}}\n" + LAYERS.format("fc"),
        ["fc.weight, part.t"],
    ),
    "a block's own from a layer": (
        LAYERS.format("fc") + "  part: {graph: {t: {type: Parameter, shape: [8, 8]},"
        " m: {type: MatMul, from: [input, t]}}}\n",
        ["part.t, fc.weight"],
    ),
    "several to one": (
        LAYERS.format("a") + LAYERS.format("b") + LAYERS.format("c"),
        ["a.weight, c.weight", "b.weight, c.weight"],
    ),
    "names that are numbers": (
        "  - {type: Linear, out_features: 8}\n  - ReLU\n"
        "  - {type: Linear, out_features: 8}\n",
        ["2.weight, 0.weight", "2.bias, 0.bias"],
    ),
    "a repeat that begins at one": (
        "  r: {type: Linear, out_features: 8, repeat: {over: 3, start: 1}}\n",
        ["r.3.weight, r.2.weight"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_counted_is_what_is_built(case: str) -> None:
    graph, pairs = CASES[case]
    ties = ", ".join(f"[{pair}]" for pair in pairs)
    spec = netspec.loads(f"netspec: 1\ninput: [4, 8]\ngraph:\n{graph}tie: [{ties}]\n")
    network = netspec.compile(spec)
    module = network.to_module()
    state = module.state_dict(keep_vars=True)
    for tied, to in network.elaborated.ties:
        assert state[tied] is state[to]
    assert network.parameters == sum(p.numel() for p in module.parameters())
    assert f"parameters: {network.parameters:,}\n" in network.summary()
    assert build(network.elaborated).parameters == network.parameters
    assert network.state.keys() == state.keys()
    module(torch.rand(2, 4, 8))


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ("[a.weight, b.weight], [b.weight, c.weight]", "tie both to `c.weight`"),
        ("[b.weight, c.weight], [a.weight, b.weight]", "itself tied to `c.weight`"),
        ("[a.weight, b.weight], [b.weight, a.weight]", "the same already"),
        ("[a.weight, a.weight]", "the same already"),
        ("[a.weight, b.weight], [a.weight, c.weight]", "tied already"),
    ],
)
def test_no_tied_parameter_is_another_s_target(pairs: str, reason: str) -> None:
    layers = "".join(map(LAYERS.format, "abc"))
    text = f"netspec: 1\ninput: [4, 8]\ngraph:\n{layers}tie: [{pairs}]\n"
    with pytest.raises(netspec.SpecError) as caught:
        netspec.compile(netspec.loads(text))
    (finding,) = caught.value.findings
    assert reason in finding.note
