"""What `forward` computes where variables are taken over, in values and not in shapes.

Each network is held to one that says the same in other words, with the same weights.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netspec.compiler import compile
from netspec.link import loads

PAIR = """
  Pair:
    inputs: [x, m]
    outputs: {sum: s, twice: t}
    graph:
      fc: {type: Linear, out_features: 8, from: x}
      s: {type: Add, from: [fc, m]}
      t: {type: Linear, out_features: 8, from: s}
  Mix:
    inputs: [x, m]
    graph:
      fc: {type: Linear, out_features: 8, from: x}
      s: {type: Add, from: [fc, m]}
"""


def built(graph: str, blocks: str = PAIR) -> nn.Module:
    """A network of named or listed nodes over a vector of 8."""
    text = f"netspec: 1\ninput: [8]\nblocks:\n{blocks}\ngraph: {graph}"
    return compile(loads(text)).to_module()


def run(first: nn.Module, second: nn.Module) -> tuple[Tensor, Tensor]:
    """What both give with the weights of the first, in the order they are listed."""
    values = first.state_dict().values()
    second.load_state_dict(dict(zip(second.state_dict(), values, strict=True)))
    given = torch.rand(3, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return first(given), second(given)


STEM = "a: {type: Linear, out_features: 8}, b: {type: Linear, out_features: 8}, "
CHAIN = f"{STEM}c: {{type: Linear, out_features: 8, from: input}}, "
SOURCES = [
    ("", "input", "input"),
    (STEM, "a", "b"),
    (STEM, "b", "b"),
    (CHAIN, "c", "b"),
]


@pytest.mark.parametrize("block", ["Mix", "Pair"])
@pytest.mark.parametrize(("stem", "carried", "kept"), SOURCES)
def test_a_repeat_reads_its_further_inputs_as_they_were(
    block: str, stem: str, carried: str, kept: str
) -> None:
    end = "s: {type: Add, from: [r.twice, r]}" if block == "Pair" else "s: ReLU"
    use = f"type: {block}, from: [{carried}, {kept}]"
    again = f"type: {block}, from: [p, {kept}]"
    repeated = built(f"{{{stem}r: {{{use}, repeat: 2}}, {end}}}")
    unrolled = built(f"{{{stem}p: {{{use}}}, r: {{{again}}}, {end}}}")
    first, second = run(repeated, unrolled)
    assert torch.equal(first, second)


def test_a_repeated_join_does_too() -> None:
    thrice = built("{a: {type: Add, from: [input, input], repeat: 2}}")
    assert thrice(torch.ones(1, 8)).tolist() == [[3.0] * 8]


def test_a_decoder_reads_its_memory_in_every_layer() -> None:
    layer = "type: TransformerDecoderLayer, nhead: 2, dropout: 0.0"
    head = "netspec: 1\ninputs: {source: [4, 8], target: [4, 8]}\ngraph:\n"
    head += "  encoder: {type: Linear, out_features: 8, from: source}\n"
    head += "  memory: {type: Linear, out_features: 8}\n"
    head += "  start: {type: Linear, out_features: 8, from: target}\n"
    text = f"{head}  decoder: {{{layer}, from: [start, memory], repeat: 2}}"
    model = compile(loads(text)).to_module().eval()
    source, target = torch.rand(2, 4, 8), torch.rand(2, 4, 8)
    expected, memory = model.start(target), model.memory(model.encoder(source))
    for decoder in model.decoder:
        expected = decoder(expected, memory)
    assert torch.equal(model(source, target), expected)


def test_two_outputs_of_a_block_are_two_variables() -> None:
    pair = "p: {type: Pair, from: [a, b]}"
    both = built(f"{{{STEM}{pair}, s: {{type: Sub, from: [p, p.twice]}}}}")
    other = both.p(*_stem(both))
    given = torch.ones(2, 8)
    assert torch.equal(both(given), other[0] - other[1])


def _stem(model: nn.Module) -> tuple[Tensor, Tensor]:
    a = model.a(torch.ones(2, 8))
    return a, model.b(a)


LONG = "a_form_of_two_values_whose_name_leaves_no_room_in_a_line"
OPTIONAL = f"""
  Maybe:
    params: {{on: true}}
    inputs: [feed, m]
    graph:
      first: {{type: Linear, out_features: 8, from: feed}}
      second: {{type: Linear, out_features: 8}}
      {LONG}: {{type: Bilinear, out_features: 8, when: $on, from: [m, second], else: m}}
      last: {{type: Linear, out_features: 8}}
"""


def test_an_optional_node_reads_its_inputs_as_they_were() -> None:
    graph = "{a: {type: Maybe, from: [input, input]}, "
    graph += "b: {type: Maybe, on: false, from: [a, a]}}"
    model = built(graph, OPTIONAL)
    given = torch.rand(2, 8)
    inside = model.a.second(model.a.first(given))
    expected = model.a.last(getattr(model.a, LONG)(given, inside))
    assert torch.equal(model.a(given, given), expected)
    assert torch.equal(model.b(given, given), model.b.last(given))


Expected = Callable[[Any, Tensor, Tensor], Tensor]
NODES: dict[str, Expected] = {
    "{type: LSTM, hidden_size: 8, when: $on}": lambda n, x, _: n(x)[0],
    "{type: GRU, hidden_size: 8, repeat: 2, when: $on}": (
        lambda n, x, _: n[1](n[0](x)[0])[0]
    ),
    "{type: MultiheadAttention, num_heads: 2, when: $on}": lambda n, x, _: n(x, x, x)[
        0
    ],
    "{type: Add, from: [fc, x], repeat: 2, when: $on, else: fc}": (
        lambda n, x, given: x + given + given
    ),
    "{type: Roll, shifts: 1, dims: 1, repeat: 2, when: $on}": lambda n, x, _: x.roll(
        2, 1
    ),
    "{type: Chunk, chunks: 1, dim: 1, when: $on}": lambda n, x, _: x,
}


@pytest.mark.parametrize(("node", "expected"), NODES.items())
def test_an_optional_node_is_left_out_where_it_is_not(
    node: str, expected: Expected
) -> None:
    nodes = f"{{fc: {{type: Linear, out_features: 8}}, n: {node}, relu: ReLU}}"
    block = f"Unit: {{params: {{on: true}}, inputs: [x], graph: {nodes}}}"
    text = f"netspec: 1\ninput: [4, 8]\nblocks: {{{block}}}\n"
    text += "graph: {first: Unit, second: {type: Unit, on: false}}"
    model = compile(loads(text)).to_module().eval()
    given = torch.rand(2, 4, 8)
    there, absent = model.first, model.second
    value = expected(getattr(there, "n", None), there.fc(given), given)
    torch.testing.assert_close(there(given), value.relu())
    torch.testing.assert_close(absent(given), absent.fc(given).relu())


def test_local_response_norm_takes_volumes_that_were_turned() -> None:
    text = (
        "netspec: 1\ninput: [3, 4, 5, 6]\ngraph:\n"
        "  turned: {type: Permute, dims: [0, 2, 3, 1, 4]}\n"
        "  norm: {type: LocalResponseNorm, size: 2}\n"
    )
    image = torch.rand(2, 3, 4, 5, 6)
    expected = torch.nn.LocalResponseNorm(2)(image.permute(0, 2, 3, 1, 4).contiguous())
    assert torch.equal(compile(loads(text)).to_module()(image), expected)
