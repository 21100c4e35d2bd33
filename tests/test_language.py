"""The language in small: what odd specs mean, and what is said of wrong ones."""

import math
from typing import Any

import pytest
import torch

import netspec
from netspec.declarations import GraphDecl
from netspec.diagnostics import Finding, Source, Span, SpecError
from netspec.elaborate.body import Body
from netspec.elaborate.scope import Env
from netspec.elaborate.walk import Elaborator
from netspec.link import loads

NOWHERE = Span(Source("", ""), 1, 1, 1, 1)
HEAD = "netspec: 1\ninput: [8]\n"


def compiled(text: str, **params: Any) -> netspec.Network:
    """The network of a spec's text."""
    return netspec.compile(loads(text), **params)


def wrong(text: str, **params: Any) -> list[Finding]:
    """What is said of a wrong spec."""
    with pytest.raises(SpecError) as caught:
        compiled(text, **params)
    return list(caught.value.findings)


def said(text: str, **params: Any) -> str:
    """The one finding of a wrong spec, as a reader sees it."""
    (finding,) = wrong(text, **params)
    return str(SpecError(finding))


# `where` -------------------------------------------------------------------------


def image(where: str) -> str:
    return (
        f"netspec: 1\ninputs: {{x: {{shape: [3, H, W], where: {where}}}}}\n"
        "graph: {pool: {type: MaxPool2d, kernel_size: 2}}\n"
    )


def test_each_part_of_a_where_counts_for_its_own_symbols() -> None:
    network = compiled(image("H % 32 == 0 and W % 32 == 0"))
    assert list(network.constraints) == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("Q > 3", "there is no symbol `Q` here"),
        ("H % $patch == 0", "there is no param `patch` here"),
        ("H + 1", "`where` must be true or false"),
        ("H < 0", "no sizes meet this `where`"),
    ],
)
def test_a_wrong_where_is_a_finding(where: str, message: str) -> None:
    assert message in said(image(where))


# Wrong values, each said once and with what to write ------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("params: {type: 3}\ngraph: {a: ReLU}", "it is a key of every node"),
        ("graph: []", "at least one node"),
        ("graph: {a: {type: ReLU, repeat: {over: 2, as: i}}}", "the same name"),
        ("params: {a: 3 * $b}\ngraph: {a: ReLU}", "{type: int, default: 3 * $b}"),
        ("params: {a: relu}\ngraph: {a: ReLU}", "{type: str, default: relu}"),
    ],
)
def test_a_wrong_value_is_one_finding(lines: str, message: str) -> None:
    assert message in said(HEAD + lines)


def test_a_pair_is_one_of_its_choices() -> None:
    conv = "conv: {type: Conv2d, out_channels: 4, kernel_size: $k}"
    param = "k: {type: pair, default: [3, 5], choices: [[3, 5], [1, 1]]}"
    text = f"netspec: 1\ninput: [3, 8, 8]\nparams: {{{param}}}\ngraph: {{{conv}}}"
    assert compiled(text).outputs == {"output": (4, 6, 4)}
    assert compiled(text, k=1).outputs == {"output": (4, 8, 8)}
    assert "found 2" in said(text, k=2)


CONDITIONS = {
    "$not1 > 0": False,
    "$not1 == 'true'": False,
    "1 > 2 if true else 3 > 1": True,
    "not true or false": True,
    "'a' == 'b'": True,
    "true": True,
}


@pytest.mark.parametrize("when", CONDITIONS)
def test_a_condition_without_names_is_constant(when: str) -> None:
    node = (
        f'{{type: ReLU, when: "{when}"}}'
        if when != "true"
        else "{when: true, type: ReLU}"
    )
    network = compiled(f"{HEAD}params: {{not1: 1}}\ngraph: {{a: ReLU, b: {node}}}")
    codes = [warning.code for warning in network.warnings]
    assert ("NS0611" in codes) == CONDITIONS[when]


def test_a_condition_of_an_unused_block_may_be_wrong() -> None:
    block = "{graph: {a: {type: ReLU, when: 1 +}}}"
    network = compiled(f"{HEAD}blocks: {{B: {block}}}\ngraph: {{a: ReLU}}")
    assert [warning.code for warning in network.warnings] == ["NS0609"]


def test_a_row_is_called_a_row() -> None:
    fc = "{type: Linear, out_features: $r}"
    assert "found a row" in said(f"{HEAD}params: {{r: {{a: 1}}}}\ngraph: {{fc: {fc}}}")


def test_a_bare_size_is_no_input() -> None:
    assert "a list without the batch" in said("netspec: 1\ninput: 8\ngraph: {a: ReLU}")


def test_a_misspelt_word_is_no_symbol() -> None:
    conv = "{type: Conv2d, out_channels: 4, kernel_size: 3, padding: smae}"
    message = said(f"netspec: 1\ninput: [3, 8, 8]\ngraph: {{conv: {conv}}}")
    assert "did you mean `same`?" in message


def test_advice_on_channels_promises_no_more_than_it_does() -> None:
    graph = "{a: {type: Conv2d, out_channels: 4, kernel_size: 3}, "
    graph += "s: {type: Add, from: [a, input]}}"
    message = said(f"netspec: 1\ninput: [3, 8, 8]\ngraph: {graph}")
    assert "`out_channels: 3` and `padding: 1` for `a` make them fit" in message


def test_expect_is_of_the_specs_own_sizes() -> None:
    text = (
        "netspec: 1\ninputs: {x: {shape: [3, H], example: {H: 8}}}\n"
        "graph: {a: {type: Conv1d, out_channels: 4, kernel_size: 1}}\n"
        "expect: {params: 16, macs: 96, output: [4, 8]}"
    )
    assert netspec.compile(loads(text)).macs == 96
    assert netspec.compile(loads(text), sizes={"H": 16}).macs == 192
    assert "`params: 17`" in said(text.replace("16", "17"))


# Shared nodes and outputs -----------------------------------------------------------


@pytest.mark.parametrize("key", ["out_features: 9", "repeat: 3", "inputs: [x]"])
def test_a_node_that_shares_takes_nothing_but_an_input(key: str) -> None:
    nodes = f"{{a: {{type: Linear, out_features: 8}}, b: {{share: a, {key}}}}}"
    assert "a node that shares has no key" in said(f"{HEAD}graph: {nodes}")


def test_something_comes_out_in_evaluation_too() -> None:
    message = said(
        f"{HEAD}graph: {{a: ReLU}}\noutputs: {{a: {{from: a, mode: train}}}}"
    )
    assert "an output without a `mode`" in message


def test_a_tensor_is_called_by_a_word() -> None:
    nodes = "[{type: Linear, out_features: 8}, {type: Parameter, shape: [8]}]"
    assert "give it a word" in said(f"{HEAD}graph: {nodes}")


# Repeats of operators that nn.Sequential cannot hold ---------------------------------

PAIR = (
    "B: {inputs: [x, m], outputs: {y: s, n: t}, graph: {s: {type: Add, from: [x, m]}, "
)
PAIR += "t: {type: Linear, out_features: 8, from: s}}}"


REPEATS = {
    "a: {type: LSTM, hidden_size: 8, repeat: 2}": "a",
    "a: {type: GRU, hidden_size: 8, repeat: 2}": "a.hidden",
    "a: {type: MultiheadAttention, num_heads: 2, repeat: 2}": "a",
    "a: {type: Roll, shifts: $i + 1, dims: 2, repeat: 3}": "a",
    "a: {type: Chunk, chunks: 2, dim: 2, repeat: 2}": "a.1",
    "a: {type: Add, from: [input, input], repeat: 2}": "a",
    "a: {type: B, from: [input, input], repeat: 2}": "a.n",
}


@pytest.mark.parametrize(("node", "output"), REPEATS.items(), ids=str)
def test_repeats_run(node: str, output: str) -> None:
    graph = f"{{{node}, relu: {{type: ReLU, from: {output}}}}}"
    network = compiled(f"netspec: 1\ninput: [5, 8]\nblocks: {{{PAIR}}}\ngraph: {graph}")
    found = network.to_module()(torch.rand(3, 5, 8))
    assert tuple(found.shape) == (3, *network.outputs["output"])


def test_children_that_grow_by_a_sum() -> None:
    grow = "{type: Linear, out_features: $width * ($k + 1), repeat: {over: 4, as: k}}"
    nodes = "fc: {type: Linear, out_features: $size + 2}, "
    nodes += f"grow: {grow.replace('$width', '($size + 2)')}"
    block = f"B: {{params: {{size: int}}, graph: {{{nodes}}}}}"
    graph = "{a: {type: B, size: 4}, b: {type: B, size: 6}}"
    network = compiled(f"{HEAD}blocks: {{{block}}}\ngraph: {graph}")
    assert "(size + 2) * i" in network.to_source()
    assert network.to_module()(torch.rand(3, 8)).shape == (3, 32)


@pytest.mark.parametrize(
    "size",
    ["($n ** 2) ** 3", "2 ** ($n ** 2)", "$n if ($n > 1) != ($n > 2) else 5"],
)
def test_brackets_stay_where_python_needs_them(size: str) -> None:
    nodes = f"fc: {{type: Linear, out_features: '{size}'}}, end: {{type: Linear, "
    block = f"B: {{params: {{n: int}}, graph: {{{nodes}out_features: 8}}}}}}"
    graph = "{a: {type: B, n: 1}, b: {type: B, n: 2}, c: {type: B, n: 3}}"
    network = compiled(f"{HEAD}blocks: {{{block}}}\ngraph: {graph}")
    state = network.to_module().state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == network.state


# Names of classes ---------------------------------------------------------------------

RESIDUAL = (
    "graph: {fc: {type: Linear, out_features: 8}, s: {type: Add, from: [fc, input]}}"
)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (f"graph: {{layer: {{repeat: 2, {RESIDUAL}}}}}", "class Layer("),
        (f"name: net\ngraph: [{{{RESIDUAL}}}]", "class Net0("),
        (f"name: net\ngraph: [{{repeat: 2, {RESIDUAL}}}]", "class Net0("),
        ("name: none\ngraph: {a: ReLU}", "class NetworkNone("),
        ("name: tensor\ngraph: {a: ReLU}", "class NetworkTensor("),
    ],
)
def test_every_class_has_a_name(spec: str, name: str) -> None:
    network = compiled(HEAD + spec)
    assert name in network.to_source()
    assert network.to_module()(torch.rand(2, 8)).shape == (2, 8)


def test_an_output_begins_with_a_letter() -> None:
    (first,) = wrong(f"{HEAD}graph: {{a: ReLU}}\noutputs: {{_fields: a, x: input}}")
    assert "a leading underscore" in str(SpecError(first))


# Values from Python -------------------------------------------------------------

DEEP: list[Any] = []
DEEP.append(DEEP)


@pytest.mark.parametrize(
    "value",
    [10**400, 10**5000, -(2**60), math.nan, math.inf, object(), b"x", DEEP, {1: {2}}],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("default", ["1", "1.5", "[1]", "{a: 1}"])
def test_a_value_that_no_spec_could_write_is_refused(default: str, value: Any) -> None:
    text = f"netspec: 1\nparams: {{n: {default}}}\ninput: [8]\ngraph: [ReLU]\n"
    (finding,) = wrong(text, n=value)
    assert finding.code == "NS0504"
    assert finding.span.source.text.startswith("n=")


# Names ----------------------------------------------------------------------------


def test_a_symbol_has_no_parts() -> None:
    text = (
        "netspec: 1\ninput: [3, H, W]\ngraph: {d: {type: Dropout, p: $H.width.foo}}\n"
    )
    assert "the symbol `H` is a size, and has no parts" in said(text)


def test_children_of_a_repeat_may_be_called_like_inputs() -> None:
    network = compiled(
        "netspec: 1\ninputs: {a: [8], b: [8]}\nblocks:\n"
        "  Two: {inputs: [x, y], graph: {d: {type: Sub, from: [x, y]}}}\n"
        "graph:\n"
        "  r: {type: Two, from: [a, b], repeat: {over: 3, prefix: input, start: 1}}\n"
    )
    (repeat,) = network.graph.nodes
    assert repeat.body is not None
    assert all(
        repeat.body.resolve(n.inputs[1]) == n.inputs[1] for n in repeat.body.nodes
    )
    names = {port.name for port in repeat.body.inputs}
    assert not names & repeat.body.by_name.keys()
    a, b = torch.rand(2, 8), torch.rand(2, 8)
    assert torch.equal(network.to_module()(a, b), a - b - b - b)


def test_a_failure_in_training_only_parts_leaves_no_trace() -> None:
    elaborator = Elaborator()
    body = Body(GraphDecl((), NOWHERE), Env({}, {}), {}, elaborator.reports)
    kept = elaborator.assume
    with elaborator.quiet(), elaborator.mode(body, True):
        raise SpecError
    assert elaborator.assume is kept
    with pytest.raises(KeyError), elaborator.quiet(), elaborator.mode(body, True):
        raise KeyError
    assert elaborator.assume is kept


def test_a_share_of_the_channels_is_written_as_such() -> None:
    """A param that no use sets is a number in the block's class, not a parameter."""
    squeeze = "out_features: $input.features // $reduction"
    nodes = f"fc: {{type: Linear, {squeeze}}}, up: {{type: Linear, out_features: 8}}"
    block = f"S: {{params: {{reduction: 4}}, graph: {{{nodes}}}}}"
    graph = "{a: {type: Linear, out_features: 16}, s: S, t: S}"
    source = compiled(f"{HEAD}blocks: {{{block}}}\ngraph: {graph}").to_source()
    assert "def __init__(self, in_features: int) -> None:" in source
    assert "nn.Linear(in_features, in_features // 4)" in source
