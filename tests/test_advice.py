"""What the `help` of a finding says to write."""

import re

import pytest

from netspec.compiler import compile
from netspec.diagnostics import Finding, SpecError
from netspec.link import loads


def findings(text: str) -> tuple[Finding, ...]:
    """What is wrong with a spec, without its first line."""
    with pytest.raises(SpecError) as caught:
        compile(loads(f"netspec: 1\n{text}"))
    return caught.value.findings


def advice(text: str) -> str | None:
    """The help of the one finding about a spec."""
    (finding,) = findings(text)
    return finding.advice


WORDS = {
    "{type: ReLU, inputs: input}": "did you mean `from`?",
    "{type: ReLU, repat: 2}": "did you mean `repeat`?",
    "{type: LeakyReLU, alpha: 0.2}": "did you mean `negative_slope`?",
    "{type: Dropout, rate: 0.5}": "did you mean `p`?",
    "{type: Linear, units: 4}": "did you mean `out_features`?",
    "{type: Conv2d, filters: 4, kernel_size: 1}": "did you mean `out_channels`?",
    "{type: MaxPool2d, pool_size: 2}": "did you mean `kernel_size`?",
    "{type: Linear, 10}": "it needs `out_features`",
    "Dense": "did you mean `Linear`?",
    "View": "did you mean `Reshape`?",
    "BMM": "did you mean `MatMul`?",
    "Swish": "did you mean `SiLU`?",
    "torch.nn.ReLU()": "did you mean `ReLU`?",
    "Sequential": "write a list in place of the `type`: `graph: [ReLU, …]`",
    "BasicBlock": "`imports: [netspec:residual]` brings it in",
    "act": "a param is written `$act`",
}


@pytest.mark.parametrize("node", WORDS)
def test_words_of_others(node: str) -> None:
    params = "params: {act: {type: block, default: ReLU}}\n"
    text = f"{params}input: [3, 8, 8]\ngraph:\n  a: {node}\n"
    assert advice(text) == WORDS[node]


CHEAP = (
    "input: [3, H, W]\ngraph: {a: {type: Conv2d, out_channels: 3, kernel_size: 3}}\n"
)
EXPECTED = {
    "{macs: 3}": "give them one at the input: `example: {H: 32, W: 32}`",
    "{output: [3, H - 1, W - 2]}": (
        "write `output: [3, H - 2, W - 2]` if the network is right"
    ),
    "{outputs: {probabilities: [3]}}": "write its shape as `output`",
    "{output: [3, h - 2, W - 2]}": "did you mean `H`?",
}


@pytest.mark.parametrize("expect", EXPECTED)
def test_expectations(expect: str) -> None:
    assert advice(f"{CHEAP}expect: {expect}\n") == EXPECTED[expect]


def test_a_size_may_be_expected_in_other_words() -> None:
    compile(loads(f"netspec: 1\n{CHEAP}expect: {{output: [3, -2 + H, W - 2 * 1]}}\n"))


INSIDE = """
input: [8]
graph:
  b:
    graph: {fc: {type: Linear, out_features: 4}, act: ReLU}
  c: {type: ReLU, from: READ}
"""


def test_what_is_inside_a_node_is_named_there() -> None:
    assert advice(INSIDE.replace("READ", "fc")) == (
        "it is inside `b`; read it as `b.fc`"
    )
    assert advice(INSIDE.replace("READ", "b.fc")) == (
        "`fc` is inside `b`: give that `outputs: {output: act, fc: fc}`"
    )
    assert advice(INSIDE.replace("READ", "prev")) == "there are `input`, `b`, `c`"


def test_a_wrong_wire_hides_nothing_else() -> None:
    text = """
input: [8]
graph:
  a: {type: RelU, from: nowhere}
  b: {type: ReLU, from: c}
  c: {type: ReLU, from: b}
  d: {type: ReLU, from: d}
  e: {type: Linear, from: c, units: 3}
"""
    codes = [finding.code for finding in findings(text)]
    assert codes == ["NS0501", "NS0401", "NS0402", "NS0402", "NS0502"]


CONV = "{type: Conv2d, out_channels: 8, kernel_size: 3}"


def test_no_node_is_told_to_read_itself() -> None:
    graph = "graph: {conv1: ReLU, conv2: {type: ReLU, from: conv3}}"
    assert advice(f"input: [3]\n{graph}") == "did you mean `conv1`?"


SAME = "{type: Conv2d, out_channels: 16, kernel_size: 3, padding: 1, from: input}"
HALF = "{type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1, stride: 2}"
UP = "{type: ConvTranspose2d, out_channels: 8, kernel_size: 2, stride: 2}"
TWICE = "{type: Upsample, scale_factor: 2}"
SKIP = "{type: Concat, from: [b, input]}"
LAST = "{type: Concat, from: [a, input]}"
ADD = "{type: Add, from: [a, b]}"
MISFITS = {  # the shape of the input, and nodes of which the last refuses what it gets
    "channels": ("[3, 9, 9]", CONV, SAME.replace(", padding: 1", ""), ADD),
    "padding": ("[3, 9, 9]", CONV, SAME.replace("16", "8"), ADD),
    "both and stride": ("[3, 9, 9]", HALF.replace("1, s", "0, s"), SAME, ADD),
    "both": ("[3, 9, 9]", CONV, SAME, ADD),
    "stride": ("[3, 9, 9]", SAME, HALF.replace("}", ", from: input}"), ADD),
    "concat": ("[3, 9, 9]", CONV, SAME, "{type: Concat, from: [a, b]}"),
    "odd": ("[3, 9, 9]", HALF.replace("1, s", "0, s"), UP, SKIP),
    "odd resize": ("[3, 9, 9]", HALF.replace("1, s", "0, s"), TWICE, SKIP),
    "features": (
        "[8]",
        "{type: Linear, out_features: 8}",
        "{type: Linear, out_features: 4, from: input}",
        "{type: Mul, from: [a, b]}",
    ),
    "window": ("[3, 9, 9]", "{type: MaxPool2d, kernel_size: 5}", CONV),
    "pool": ("[3, 3, 3]", "{type: MaxPool2d, kernel_size: 4}"),
    "dilated": ("[3, 9, 9]", CONV.replace("}", ", dilation: 8}")),
    "one axis": ("[3, 9, 9]", "{type: Conv1d, out_channels: 8, kernel_size: 3}"),
    "three axes": ("[3, 9, 9]", "{type: BatchNorm3d}"),
    "dim": ("[4, 8]", "{type: Linear, out_features: 4}", LAST),
    "batch": ("[1, 3, 9, 9]", CONV),
    "symbolic batch": ("[N, 3, 9, 9]", CONV),
    "channels last": ("[9, 9, 3]", CONV.replace("3}", "4}")),
    "integers": ("[9]", "{type: Embedding, num_embeddings: 4, embedding_dim: 2}"),
}  # fmt: skip


def written(shape: str, nodes: dict[str, str]) -> str:
    lines = "".join(f"  {name}: {node}\n" for name, node in nodes.items())
    return f"input: {shape}\ngraph:\n{lines}"


def applied(help: str, shape: str, nodes: dict[str, str]) -> str:
    """The spec once it is changed as a help says."""
    if found := re.search(r"(?:write|as) `?([\[{][^`]+[\]}])`?$", help):
        return written(found[1], nodes)
    name = found[1] if (found := re.search(r"for `(\w+)` ", help)) else [*nodes][-1]
    if found := re.match(r"`(\w+)` takes", help):
        return written(shape, nodes | {name: re.sub(r"\w+\dd", found[1], nodes[name])})
    gone = re.search(r"in place of `(\w+)`", help)
    if gone:
        nodes = nodes | {name: re.sub(rf", {gone[1]}: \w+", "", nodes[name])}
    for key, value in re.findall(r"`(\w+): (\[.*\]|\w+)`", help):
        node = re.sub(rf", {key}: (\[.*\]|\w+)", "", nodes[name])
        nodes = nodes | {name: f"{node[:-1]}, {key}: {value}}}"}
    return written(shape, nodes)


@pytest.mark.parametrize("case", MISFITS)
def test_what_is_advised_fits(case: str) -> None:
    shape, *listed = MISFITS[case]
    nodes = dict(zip("abc", listed, strict=False))
    help = advice(written(shape, nodes))
    assert help is not None
    compile(loads(f"netspec: 1\n{applied(help, shape, nodes)}"))


VALUES = {
    "{type: Linear, out_features: 8, bias: no}": "write `false`",
    "{type: Linear, out_features: $n / 2}": (
        "`//` divides without a remainder: `$n // 2`"
    ),
    '{type: ReLU, when: "True"}': "write `true`",
    "{type: ReLU, when: yes}": "write `true`",
    "B": (
        "the spec has it: declare `n` in the block's `params`, "
        "and give it `n: $n` where used"
    ),
    "C": "`from: [input, …]` gives `a` and `b` one each",
}
BLOCKS = """
params: {n: 3}
input: [8]
blocks:
  B: {graph: [{type: Linear, out_features: $n}]}
  C: {inputs: [a, b], graph: {sum: {type: Add, from: [a, b]}}}
"""


@pytest.mark.parametrize("node", VALUES)
def test_values(node: str) -> None:
    assert advice(f"{BLOCKS}graph:\n  a: {node}\n") == VALUES[node]


def test_a_wrong_param_hides_nothing_else() -> None:
    text = """
params: {n: {type: int, default: x}, m: {type: int, default: $n + 1}}
input: [$n, H]
graph:
  a: {type: Linear, out_features: $m}
  b: {type: ReLU, when: $n > 3}
  c: {type: Relu}
"""
    assert [finding.code for finding in findings(text)] == ["NS0504", "NS0501"]


def test_what_is_wrong_within_a_fill_is_pointed_at() -> None:
    rule = "{type: Conv2d, weight: {kaiming_normal_: {mode: fan_outt}}}"
    (finding,) = findings(f"input: [3, 9, 9]\ngraph: {{a: {CONV}}}\ninit: [{rule}]\n")
    span, line = finding.span, finding.span.source.line(finding.span.line)
    assert line[span.column - 1 : span.end_column - 1] == "fan_outt"
    assert finding.advice == "did you mean `fan_out`?"
