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
    try:
        found = read("netspec: 1\n" + text).findings
    except SpecError as error:
        found = error.findings
    return list(SpecError(*found).findings)


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
    "imports: a.yaml": "`imports` must be a list of files",
    "params: [1]": "`params` must be a mapping",
    "params: {n: {type: integer}}": "the type of `n` must be one of",
    "inputs: {}": "`inputs` must be a mapping of at least one input",
    "input: 3": "the input `input` must be a list without the batch",
    "input: [3, null]": "a size must be a positive integer, a symbol or an expression",
    "graph: ReLU": "a graph must be a mapping of names to nodes, or a list of nodes",
    "graph: {}": "a graph must be a mapping or a list of at least",
    "graph: {a: {type: ReLU, repeat: {over: 1, start: -1}}}": "`start` must be an",
    "graph: {a: {type: Add, from: {add: [a]}}}": "`add` must be a list of at least two",
    "outputs: {}": "`outputs` must be a mapping of at least one output",
    "init: {}": "`init` must be a list of rules",
    "tie: [[a]]": "a tie must be two paths",
    "expect: 3": "`expect` must be a mapping",
    "name: [x]": "`name` must be an identifier",
    "doc: 3": "`doc` must be a text",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_values(text: str) -> None:
    (found,) = findings(text)
    assert found.title.startswith(WRONG[text])
    assert found.span.line == 2


MEANT = {
    "graph: {a: [Conv2d, 3]}": "write `{type: Conv2d, …}`, each argument with its name",
    "graph: [[ReLU]]": "write `ReLU`",
    "graph: {a: {type=ReLU}}": "write `type: ReLU`",
    "graph: {a: {tpye: ReLU}}": "did you mean `type`?",
    "graph: [a: ReLU]": "without the dashes, the graph is a mapping of names to nodes",
    "graph:\na: ReLU\nb: ReLU": "indent what belongs to `graph`",
    "graph:\n  a:\n  type: ReLU\n  b: GELU": "indent what belongs to `a`",
    "graph: {a: {type: ReLU, repeat: {times: 3}}}": (
        "it has `over`, `as`, `index`, `prefix`, `start`, `splice`"
    ),
    "blocks: {B: {grpah: [ReLU]}}": "did you mean `graph`?",
    "blocks: {B: [ReLU, GELU]}": "write `{graph: [ReLU, GELU]}`",
    "blocks: {B: ReLU}": "write `{graph: [ReLU]}`",
    "inputs: {x: {shpe: [3]}}": "did you mean `shape`?",
    "inputs: [3, 32]": "the shape of a single input is `input: [3, 32]`",
    "input: {image: [3, 32]}": "inputs with names stand under `inputs:`",
    "input: 3, 32": "write `[3, 32]`",
    "input: (3, 32)": "write `[3, 32]`",
    "input: 32": "write `[32]`",
    "inputs: {x: {shape: [3], dtype: float}}": "did you mean `float32`?",
    "inputs: {x: {shape: [3], dtype: long}}": "did you mean `int64`?",
    "outputs: {y: {form: a}}": "did you mean `from`?",
    "graph: {a: {type: Add, from: 'b, c'}}": "write `[b, c]`",
    "outputs: conv": "write `{conv: conv}`",
    "outputs: [a, b]": "write `{a: a, b: b}`",
    "imports: netspec:dense": "write `[netspec:dense]`",
    "imports: [netspec: dense]": "write `netspec:dense`, without the space",
    "init: [{tpye: Linear, weight: 0}]": "did you mean `type`?",
    "init: {type: Linear, weight: 0}": "begin each rule with a `-`",
    "params: {p: {tpye: int}}": "did you mean `type`?",
    "params: {p: fast}": "a text as default is written `{type: str, default: fast}`",
    "params: {p: yes}": "did you mean `true`?",
    "params: {p: string}": "did you mean `str`?",
    "params: {p: itn}": "did you mean `int`?",
}


@pytest.mark.parametrize("text", MEANT)
def test_one_mistake_is_one_finding_that_says_what_is_right(text: str) -> None:
    (found,) = findings(text)
    assert found.advice == MEANT[text]


ONE = (
    "graph: {a: ReLU, b: {type: ReLU, from: {add: [null, a]}}}",
    "graph: {a: {type: ReLU, from: {add: [a]}}}",
    "tie: [[null, b]]",
    "params: {p: {tpye: int, default: 2 * $n}}",
    "outputs: {y: [a], z: {from: b, mode: train}}",
    "graph: [{dims: [0, 2]}]",
    "blocks:\n  B:\n  params: {n: 1}\n  graph: [ReLU]\n  C: {graph: [ReLU]}",
    "blocks:\n  B:\n    params: {n: 1}\n  graph: [ReLU]",
    "graph:\n  a:\n    doc: x\n  graph: [ReLU]\n  b: ReLU",
    "graph:\n  a:\n  type: Linear\n  out_features: 8\n  b: ReLU",
    "graph:\n  a: ReLU\nb: {type: ReLU}\nc: {type: ReLU}",
    "inputs:\nx: [3]\ny: [3]",
)


@pytest.mark.parametrize("text", ONE)
def test_one_mistake_is_one_finding(text: str) -> None:
    assert len(findings(text)) == 1


def test_what_is_indented_too_little_is_read_where_it_belongs() -> None:
    document = read("netspec: 1\ngraph:\n  a: ReLU\nb: {type: GELU}\n")
    assert document.graph is not None
    assert [node.name for node in document.graph.nodes] == ["a", "b"]


def test_a_key_near_another_stands_for_none_that_is_missing() -> None:
    found = findings("inputs: {x: {dtpye: int64}}")
    assert [finding.code for finding in found] == ["NS0202", "NS0201"]


def test_a_misspelt_version_is_one_finding() -> None:
    with pytest.raises(SpecError) as caught:
        read("netpsec: 1\ngraph: [ReLU]")
    (found,) = caught.value.findings
    assert found.advice == "did you mean `netspec`?"


def test_a_recipe_is_told_in_one_finding() -> None:
    with pytest.raises(SpecError) as caught:
        read("epochs: 3\nbatch_size: 8\ndata: {}\noptimizer: {}\n")
    (found,) = caught.value.findings
    assert found.advice == "this is a recipe: `netspec train --recipe` reads it"


def test_an_init_rule_is_for_a_type_or_a_path() -> None:
    (found,) = findings("init: [{type: Linear, path: a, weight: 0}]")
    assert (found.code, found.span.column) == ("NS0205", 23)


def test_two_inputs_of_a_block_have_two_names() -> None:
    (found,) = findings("blocks: {B: {inputs: [m, m], graph: [ReLU]}}")
    assert found.title == "two inputs are called `m`"
    assert found.span.column == 26


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
    assert (found.title, found.span.column) == (
        "a choice of `p` must be an integer",
        38,
    )


def test_a_node_is_one_thing() -> None:
    (found,) = findings("graph: {a: {type: ReLU, share: b}}")
    assert found.code == "NS0205"
