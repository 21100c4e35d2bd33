"""Several files: what `extends` changes, what `imports` brings, how it is written."""

from pathlib import Path

import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.limits import Limits
from netspec.link import loads

HEAD = "netspec: 1\ninput: [8]\n"
BASE = """\
netspec: 1
name: base
imports: [units.yaml]
params: {width: 8, tags: [], act: {type: block, default: ReLU}, p: 0.5}
input: [8]
graph:
  a: {type: Linear, out_features: $width}
  b: $act
  c: {type: Dropout, p: $p}
  d: Unit
init:
  - {type: Linear, weight: 0}
expect: {params: 144}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    unit = "blocks: {Unit: {graph: [{type: Linear, out_features: 8}]}}\n"
    Path("units.yaml").write_text(f"netspec: 1\n{unit}")
    Path("base.yaml").write_text(BASE)
    Path("mine.yaml").write_text("netspec: 1\nblocks: {B: {graph: {a: ReLU}}}\n")


def said(text: str) -> str:
    """The one finding of a wrong spec, as a reader sees it."""
    with pytest.raises(SpecError) as caught:
        netspec.compile(loads(text))
    (finding,) = caught.value.findings
    return str(SpecError(finding))


CHILDREN = {
    "nothing": "doc: x",
    "params": "params: {width: 4, act: GELU, p: 0, more: 3}",
    "graph": "graph: {b: GELU, e: Tanh}",
    "inputs": "inputs: {x: {shape: [T, 8], example: {T: 3}}}",
    "expect": "expect: {params: 144}",
    "imports": "imports: [mine.yaml, netspec:residual]\ngraph: {e: B}",
    "init": "init: [{type: Linear, bias: 1}]",
}


@pytest.mark.parametrize("part", CHILDREN)
def test_the_source_text_of_an_extending_spec_is_the_whole_spec(part: str) -> None:
    path = Path("child.yaml")
    path.write_text(f"netspec: 1\nextends: base.yaml\n{CHILDREN[part]}\n")
    network = netspec.compile(path)
    text = network.source_text()
    merged = netspec.compile(loads(text))
    assert merged.graph_text() == network.graph_text()
    assert {**merged.state} == {**network.state}
    assert ("\nexpect:" in text) == (part == "expect")
    assert ("\ninput:" in text, "\ninputs:" in text) == (
        (False, True) if part == "inputs" else (True, False)
    )


def test_a_list_of_nodes_is_changed_by_number() -> None:
    Path("base.yaml").write_text(f"{HEAD}graph: [ReLU, GELU]\n")
    Path("child.yaml").write_text("netspec: 1\nextends: base.yaml\ngraph: [Tanh]\n")
    text = netspec.compile("child.yaml").source_text()
    assert text.endswith("graph:\n  - Tanh\n  - GELU\n")


def test_paths_lead_from_where_the_text_is() -> None:
    Path("in").mkdir()
    Path("in/child.yaml").write_text("netspec: 1\nextends: ../base.yaml\n")
    Path("in/grandchild.yaml").write_text("netspec: 1\nextends: child.yaml\n")
    for name in ("in/child.yaml", "in/grandchild.yaml"):
        text = netspec.compile(name, root=".").source_text()
        assert "imports:\n  - ../units.yaml\n" in text


def test_a_base_may_have_no_graph() -> None:
    Path("base.yaml").write_text("netspec: 1\nparams: {width: 3}\n")
    fc = "{type: Linear, out_features: $width}"
    child = f"{HEAD}extends: base.yaml\ngraph: {{fc: {fc}}}\n"
    assert netspec.compile(loads(child)).outputs == {"output": (3,)}
    message = said(f"{HEAD}extends: base.yaml\n")
    assert "this file has no `graph`" in message


def test_a_list_changes_no_named_nodes() -> None:
    message = said("netspec: 1\nextends: base.yaml\ngraph: [ReLU]")
    assert "a list replaces none of them" in message


def test_a_block_that_an_import_brings_in_too() -> None:
    block = "blocks: {B: {graph: {a: ReLU}}}"
    message = said(f"{HEAD}imports: [mine.yaml]\n{block}\ngraph: {{a: B}}")
    assert "this is the second" in message


def test_every_file_that_is_wrong_is_told_once() -> None:
    Path("wrong.yaml").write_text("netspec: 1\nblocks: {B: {grpah: [ReLU]}}\n")
    Path("twice.yaml").write_text("netspec: 1\nimports: [wrong.yaml]\n")
    with pytest.raises(SpecError) as caught:
        loads(
            "netspec: 1\nextends: bse.yaml\nimports: [wrong.yaml, twice.yaml, no.yaml]"
        )
    found = [(f.code, f.span.source.name) for f in caught.value.findings]
    assert found == [
        ("NS0101", "<text>"),
        ("NS0101", "<text>"),
        ("NS0201", "wrong.yaml"),
    ]


def test_a_file_is_suggested_by_its_name_without_the_suffix() -> None:
    Path("p.yaml").touch()
    assert "did you mean" not in said(f"{HEAD}imports: [nope.yaml]\ngraph: [ReLU]")
    assert "did you mean `mine.yaml`?" in said(
        f"{HEAD}imports: [mien.yml]\ngraph: [ReLU]"
    )


def test_what_a_network_lacks_is_told_with_what_gives_it() -> None:
    assert "`input: [3, H, W]`" in said("netspec: 1\ngraph: [ReLU]")
    assert "under `graph:`" in said("netspec: 1\ninput: [3]")
    assert "for `imports`" in said("netspec: 1\nblocks: {B: {graph: [ReLU]}}")


def test_imports_are_counted_in_bytes() -> None:
    text = "netspec: 1\ndoc: ééé\nblocks: {C: {graph: [ReLU]}}\n"
    Path("c.yaml").write_text(text)
    spec = f"{HEAD}imports: [c.yaml]\ngraph: [C]\n"
    loads(spec, limits=Limits(import_bytes=len(text) + 3))
    with pytest.raises(SpecError, match="bytes of all imports"):
        loads(spec, limits=Limits(import_bytes=len(text) + 2))
