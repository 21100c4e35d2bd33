"""What the `help` of a finding says to write."""

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
