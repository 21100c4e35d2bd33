"""What a document may say, and what is said where it says something else."""

import pytest

from netspec import grammar
from netspec.declarations import Document
from netspec.diagnostics import Finding, Source, SpecError
from netspec.grammar.keys import DOCUMENT_KEYS, NODE_KEYS
from netspec.source import parse


def read(text: str) -> Document:
    return grammar.document(parse(Source("spec", text)))


def findings(text: str) -> list[Finding]:
    with pytest.raises(SpecError) as caught:
        read("netspec: 1\n" + text)
    return list(caught.value.findings)


def test_a_whole_document() -> None:
    document = read(
        "netspec: 1\nname: x\nparams: {n: 1, p: float, w: [1], r: {a: 1}, b: true}\n"
        "inputs: {a: [3], b: {shape: [T], dtype: int64, example: {T: 4}}}\n"
        "blocks: {B: {params: {k: int}, inputs: [q, k], graph: [ReLU]}}\n"
        "graph:\n  a: {type: ReLU, when: true, doc: x}\n  '0': {graph: [GELU]}\n"
        "outputs: {y: a, z: {from: '0', mode: train}}\n"
        "init: [{type: Linear, weight: 0}]\ntie: [[a.w, b.w]]\nexpect: {params: 1}\n"
    )
    kinds = {name: decl.kind for name, decl in document.params.items()}
    assert kinds == {"n": "int", "p": "float", "w": "list", "r": "row", "b": "bool"}
    assert [decl.dtype for decl in document.inputs] == ["float32", "int64"]
    assert document.graph is not None
    assert [node.name for node in document.graph.nodes] == ["a", "0"]
    assert document.outputs is not None
    assert [output.mode for output in document.outputs] == [None, "train"]


@pytest.mark.parametrize("key", DOCUMENT_KEYS)
def test_every_key_misspelt_is_suggested(key: str) -> None:
    misspelt = key[:-1] + "x" if len(key) > 3 else key + "s"
    (found,) = [f for f in findings(f"{misspelt}: 1\n") if f.code == "NS0201"]
    assert found.advice
    assert found.span.line == 2


WRONG = {
    "imports: a.yaml": "`imports` is a list of files",
    "params: [1]": "`params` is a mapping",
    "params: {n: {type: integer}}": "the type of `n` is one of",
    "inputs: {}": "`inputs` is a mapping of at least one input",
    "input: 3": "the input `input` is a list without the batch",
    "input: [3, null]": "a size is a positive integer, a symbol or an expression",
    "graph: ReLU": "a graph is a mapping of names to nodes, or a list of nodes",
    "graph: {}": "a graph is at least one node",
    "graph: {a: {type: ReLU, repeat: {over: 1, start: -1}}}": "`start` is an integer",
    "graph: {a: {type: Add, from: {add: [a]}}}": "`add` is a list of at least two",
    "outputs: {}": "`outputs` is a mapping of at least one output",
    "init: {}": "`init` is a list of rules",
    "tie: [[a]]": "a tie is two paths",
    "expect: 3": "`expect` is a mapping",
    "name: [x]": "`name` is an identifier",
    "doc: 3": "`doc` is a text",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_values(text: str) -> None:
    (found,) = findings(text)
    assert found.title.startswith(WRONG[text])
    assert found.span.line == 2


@pytest.mark.parametrize("name", NODE_KEYS)
def test_no_param_is_called_like_a_node_key(name: str) -> None:
    assert "NS0204" in {found.code for found in findings(f"params: {{{name}: 1}}")}


@pytest.mark.parametrize("key", ["type", "graph", "share"])
def test_a_misspelt_kind_is_found_at_its_key(key: str) -> None:
    (found,) = findings(f"graph: {{a: {{{key}e: ReLU}}}}")
    assert (found.code, found.advice) == ("NS0201", f"did you mean `{key}`?")


def test_a_repeat_names_its_element_and_its_index() -> None:
    document = read(
        "netspec: 1\ninput: [8]\n"
        "graph: {a: {type: ReLU, repeat: {over: 2, as: i, index: k}}}\n"
    )
    assert document.graph is not None
    (node,) = document.graph.nodes
    assert node.repeat is not None
    assert (node.repeat.item, node.repeat.counter) == ("i", "k")


@pytest.mark.parametrize("names", ["as: x, index: x", "as: i", "index: item"])
def test_an_element_and_its_index_have_two_names(names: str) -> None:
    repeat = f"{{over: 2, {names}}}"
    (found,) = findings(f"graph: {{a: {{type: ReLU, repeat: {repeat}}}}}")
    assert "the same name" in found.title


def test_choices_are_settled_as_values_are() -> None:
    text = "netspec: 1\nparams: {p: {type: %s, default: %s, choices: %s}}\n"
    pair = read(text % ("pair", "[3, 5]", "[[3, 5], [1, 1], 2]"))
    assert pair.params["p"].choices == ((3, 5), 1, 2)
    listed = read(text % ("list", "[a]", "[[a], [[b]]]"))
    assert listed.params["p"].choices == (("a",), (("b",),))


def test_a_choice_of_another_type_is_found_at_its_place() -> None:
    (found,) = findings("params: {p: {type: int, choices: [1, b]}}")
    assert (found.title, found.span.column) == ("a choice of `p` is an integer", 38)


def test_a_node_is_one_thing() -> None:
    (found,) = findings("graph: {a: {type: ReLU, share: b}}")
    assert found.code == "NS0205"
