"""A name that is allowed works in any role: it hides nothing the file needs itself."""

import pytest
import torch

from netspec.compiler import compile
from netspec.diagnostics import SpecError
from netspec.link import loads

SPEC = """
netspec: 1
name: {network}
params: {{{given}: 8}}
inputs: {{{input}: [8], side: [8]}}
blocks:
  {block}:
    params: {{{param}: int, flag: true, rep: 3}}
    inputs: [{argument}, memory]
    outputs: {{y: s, {output}: {inner}}}
    graph:
      {inner}: {{type: Linear, out_features: 8, from: memory}}
      wide: {{type: Linear, out_features: "${param}", from: {argument}}}
      mid: {{type: Linear, out_features: 8, repeat: $rep}}
      grow:
        type: Linear
        out_features: ${param} * ($k + 1)
        repeat: {{over: 4, as: k}}
      least: {{type: Linear, out_features: "min(${param}, 14)"}}
      act: {{type: ReLU, when: $flag}}
      twice: {{type: Add, from: [act, least], when: $flag, else: act}}
      back: {{type: Linear, out_features: 8}}
      s: {{type: Add, from: [back, {argument}]}}
  Outer:
    params: {{{param}: int}}
    inputs: [x]
    graph:
      cell: {{type: {block}, {param}: "${param}", from: [x, x]}}
      end: {{type: Linear, out_features: "${param}"}}
outputs: {{first: last, {field}: {node}, third: one.{output}}}
graph:
  {node}: {{type: Linear, out_features: "${given}", from: {input}}}
  stack: {{type: {block}, {param}: 12, from: [{node}, side], repeat: 3}}
  one: {{type: {block}, {param}: 16, flag: false, rep: 2, from: [{node}, side]}}
  narrow: {{type: Outer, {param}: 8, from: {node}}}
  wider: {{type: Outer, {param}: 16, from: {node}}}
  fc: {{type: Linear, out_features: 8}}
  last: {{type: Add, from: [stack, one, {node}, narrow, fc]}}
"""
PLAIN = {
    "network": "net",
    "given": "width",
    "input": "feed",
    "block": "Cell",
    "param": "size",
    "argument": "start",
    "output": "other",
    "inner": "proj",
    "node": "stem",
    "field": "second",
}
NAMES = """
    _ layer range torch nn Tensor F math self x out input super len list tuple int float
    bool str partial NamedTuple OrderedDict init min max abs id open exec isinstance
    Cell Outer Net NetOutput Module Sequential Linear Exception model base step depth
    has_twice has_mid index count
""".split()
# A name that is bad, given twice, or an operator's.
REFUSED = {"NS0103", "NS0204", "NS0305"}


def results(names: dict[str, str]) -> list[list[int]] | set[str]:
    """What the network gives, or the codes of what is said of it."""
    try:
        network = compile(loads(SPEC.format(**names)))
    except SpecError as error:
        return {finding.code for finding in error.findings}
    torch.manual_seed(0)
    model = network.to_module().eval()
    assert list(model.state_dict()) == list(network.state)
    return [value.tolist() for value in model(torch.ones(2, 8), torch.ones(2, 8))]


@pytest.fixture(scope="module")
def expected() -> list[list[int]] | set[str]:
    return results(PLAIN)


@pytest.mark.parametrize("role", PLAIN)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_works_or_is_refused(
    role: str, name: str, expected: list[list[int]]
) -> None:
    found = results({**PLAIN, role: name})
    if isinstance(found, set):
        assert found <= REFUSED
    else:
        assert found == expected


def test_an_input_called_x_stays_apart_from_one_called_input() -> None:
    text = "netspec: 1\ninputs: {input: [8], x: [8]}\n"
    text += "graph: {s: {type: Sub, from: [input, x]}}"
    model = compile(loads(text)).to_module()
    assert model(torch.ones(1, 8), torch.zeros(1, 8)).tolist() == [[1.0] * 8]


@pytest.mark.parametrize("prefix", ["self", "in", "class", "torch", "NetworkOutput"])
def test_what_names_share_becomes_a_variable_only_if_it_can(prefix: str) -> None:
    branches = [f"{prefix}_{letter}" for letter in "abcdef"]
    sources = ["input" if i % 2 == 0 else branches[i - 1] for i in range(6)]
    nodes = [
        f"{name}: {{type: Linear, out_features: 8, from: {source}}}"
        for name, source in zip(branches, sources, strict=True)
    ]
    end = f"end: {{type: Add, from: [{', '.join(branches[1::2])}]}}"
    text = "netspec: 1\ninput: [8]\noutputs: {y: end, z: end}\n"
    model = compile(loads(f"{text}graph: {{{', '.join([*nodes, end])}}}")).to_module()
    y, z = model(torch.ones(1, 8))
    assert torch.equal(y, z)


def test_blocks_whose_classes_would_be_called_the_same() -> None:
    blocks = ["res_net", "ResNet", "resNet", "Net", "net"]
    listed = ", ".join(
        f"{name}: {{graph: {{fc: {{type: Linear, out_features: {i + 1}}}}}}}"
        for i, name in enumerate(blocks)
    )
    nodes = ", ".join(f"{name}_: {name}" for name in blocks)
    text = (
        f"netspec: 1\nname: net\ninput: [8]\nblocks: {{{listed}}}\ngraph: {{{nodes}}}"
    )
    network = compile(loads(text))
    assert network.to_source().count("\nclass ") == 6
    assert network.to_module()(torch.ones(1, 8)).shape == (1, 5)


def test_what_comes_into_a_layer_may_be_a_part_of_the_input() -> None:
    half = "parts: {type: Chunk, chunks: 2, dim: 1}"
    conv = "conv: {type: Conv1d, out_channels: $n, kernel_size: 1, from: parts.1}"
    source = compile(
        loads(
            "netspec: 1\nname: net\ninput: [8, 6]\n"
            f"blocks: {{B: {{params: {{n: int}}, graph: {{{half}, {conv}}}}}}}\n"
            "graph: [{type: B, n: 12}, {type: B, n: 4}]\n"
        )
    ).to_source()
    assert "def __init__(self, n: int, conv_in_channels: int)" in source
