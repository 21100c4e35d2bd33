"""What a spec means: findings at once, trails, absence, ties, silence."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from netspec.compiler import compile
from netspec.diagnostics import ERRORS_KEPT, Finding, SpecError
from netspec.link import loads
from netspec.network import Network
from netspec.rendering import render, render_github

HEAD = "netspec: 1\nname: x\ninput: [3, 32, 32]\n"


def network(text: str) -> Network:
    return compile(loads(HEAD + text))


def findings(text: str) -> tuple[Finding, ...]:
    with pytest.raises(SpecError) as caught:
        network(text)
    return caught.value.findings


def test_all_findings_come_in_file_order() -> None:
    found = findings(
        "graph:\n  b: {type: Relu, from: c}\n  a: {type: Gelu, from: input}\n"
        "  c: {type: Sigmod, from: input}\n"
    )
    assert [finding.span.line for finding in found] == [5, 6, 7]


def test_a_wrong_node_silences_what_reads_it() -> None:
    (found,) = findings("graph:\n  a: Relu\n  b: {type: Add, from: [a, input]}\n")
    assert found.code == "NS0501"


def test_a_wrong_block_is_told_once() -> None:
    (found,) = findings(
        "blocks: {B: {graph: [Relu]}}\ngraph:\n  a: B\n  b: {type: B, from: input}\n"
    )
    assert [use.name for use in found.trail] == ["a"]


def test_a_trail_names_every_step() -> None:
    (found,) = findings(
        "blocks:\n"
        "  Inner: {params: {n: int}, graph: [{type: Linear, out_features: $n}]}\n"
        "  Outer: {graph: {one: {type: Inner, n: 1 - $i, repeat: 2}}}\n"
        "graph: {top: Outer}\n"
    )
    assert [use.name for use in found.trail] == ["top", "one", "1"]


def test_findings_end_at_a_number() -> None:
    many = "".join(f"  n{i}: {{type: Relu{i}, from: input}}\n" for i in range(500))
    found = findings("graph:\n" + many)
    assert len(found) == ERRORS_KEPT
    assert render(found).endswith("and at least 80 more\n")
    told = render(found, option="--json")
    assert told.endswith("and at least 80 more; --json lists the first 100\n")


def test_one_mistake_at_many_places_ends_there_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = Mock(return_value=None)
    monkeypatch.setattr("netspec.elaborate.types.type_advice", tried)
    many = "".join(f"  n{i}: {{type: Relu, from: input}}\n" for i in range(500))
    (found,) = findings("graph:\n" + many)
    assert len(list(found.others())) == 8
    assert tried.call_count == ERRORS_KEPT


def test_a_long_trail_is_shortened() -> None:
    blocks = "".join(f"  B{i}: {{graph: [B{i + 1}]}}\n" for i in range(12))
    (found,) = findings(f"blocks:\n{blocks}  B12: {{graph: [Relu]}}\ngraph: [B0]\n")
    assert len(found.trail) == 13
    assert "… 8 more …" in render([found])


def test_absent_outputs_do_not_exist() -> None:
    text = (
        "params: {aux: false}\noutputs: {main: a, extra: b}\n"
        "graph:\n  a: ReLU\n  b: {type: GELU, from: a, when: $aux}\n"
    )
    assert list(network(text).outputs) == ["main"]
    assert list(network(text.replace("false", "true")).outputs) == ["main", "extra"]


def test_an_absent_node_lets_its_input_through() -> None:
    made = network(
        "params: {wide: false}\ngraph:\n  a: {type: ReLU, when: $wide}\n  b: GELU\n"
    )
    assert made.outputs == {"output": (3, 32, 32)}


def test_ties_are_of_the_same_shape() -> None:
    layer = "{type: Linear, out_features: 32}"
    text = f"graph:\n  a: {layer}\n  b: {layer}\n"
    assert network(text + "tie: [[a.weight, b.weight]]\n").elaborated.ties == (
        ("a.weight", "b.weight"),
    )
    (found,) = findings(text + "tie: [[a.weight, b.bias]]\n")
    assert found.code == "NS0608"


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("", {"NS0603"}),
        ("  # netspec: ignore NS0603", set()),
        ("  # netspec: ignore NS0604", {"NS0603"}),
        ("  # netspec: ignore NS0604, NS0603", set()),
    ],
)
def test_a_comment_silences_a_lint(comment: str, codes: set[str]) -> None:
    text = f"graph:\n  a: ReLU{comment}\n  b: {{type: GELU, from: input}}\n"
    assert {finding.code for finding in network(text).warnings} == codes


def test_an_error_cannot_be_silenced() -> None:
    assert findings("graph:\n  a: Relu  # netspec: ignore NS0501\n")


def test_annotations_are_escaped() -> None:
    found = findings('graph:\n  a: "Re%,:\\nLU"\n')
    text = render_github(found)
    assert text.count("\n") == 0
    assert "Re%25%2C%3A%0ALU" in text


def test_paths_are_shown_as_they_were_given(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(HEAD + "graph: [Relu]\n")
    with pytest.raises(SpecError) as caught:
        compile(path)
    assert str(caught.value.findings[0].span) == f"{path}:4:9"
