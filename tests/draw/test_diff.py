"""What turns one network into another: told, counted and painted."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import netspec
from netspec.cli import main
from netspec.draw.compare import compare
from netspec.draw.labels import CHANGES
from netspec.draw.merge import changed_blocks, merge
from netspec.draw.options import Options
from netspec.draw.picture import difference, model
from netspec.link import loads

BEFORE = """
netspec: 1
name: before
input: [3, 8, 8]
blocks:
  Block:
    params: {width: int}
    graph:
      conv: {type: Conv2d, out_channels: $width, kernel_size: 3, padding: 1}
      bn: BatchNorm2d
      act: ReLU
graph:
  stem: {type: Block, width: 8}
  body: {type: Block, width: 8, repeat: 3}
  pool: {type: MaxPool2d, kernel_size: 2}
  flatten: Flatten
  fc: {type: Linear, out_features: 10}
"""
AFTER = (
    BEFORE.replace("name: before", "name: after")
    .replace("  pool: {type: MaxPool2d, kernel_size: 2}\n", "")
    .replace("out_features: 10", "out_features: 5")
    .replace("repeat: 3", "repeat: 5")
)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    paths = []
    for name, text in (("before", BEFORE), ("after", AFTER)):
        (tmp_path / f"{name}.yaml").write_text(text)
        paths.append(str(tmp_path / f"{name}.yaml"))
    return paths[0], paths[1]


def test_changes_are_told(pair: tuple[str, str]) -> None:
    found = compare(*map(netspec.compile, pair))
    told = {change.path: change for change in found.changes}
    assert told["pool"].kind == "removed"
    assert {told["body.3"].kind, told["body.4"].kind} == {"added"}
    assert told["fc"].facts == (("out_features", "10", "5"), ("output", "10", "5"))
    assert "body.3.conv" not in told


def test_checkpoint_keys_that_survive(pair: tuple[str, str]) -> None:
    keys = compare(*map(netspec.compile, pair)).checkpoint
    assert "stem.conv.weight" in keys.kept
    assert ("fc.bias", (10,), (5,)) in keys.reshaped
    assert "body.4.bn.running_mean" in keys.new
    assert keys.lost == ()


def test_other_wires_are_told() -> None:
    fork = """
netspec: 1
name: fork
input: [8]
outputs: {y: join}
graph:
  a: {type: Linear, out_features: 8, from: input}
  b: {type: Linear, out_features: 8, from: input}
  join: {type: ReLU, from: {add: [a, b]}}
"""
    before = netspec.compile(loads(fork))
    after = netspec.compile(loads(fork.replace("[a, b]", "[a, input]")))
    (change,) = compare(before, after).changes
    assert change.facts == (("from", "a, b", "a, input"),)
    taken = netspec.compile(loads(fork.replace("{y: join}", "{y: b}")))
    (change,) = compare(before, taken).changes
    assert (change.path, change.facts) == ("y", (("from", "join", "b"),))


def test_nothing_changed(pair: tuple[str, str]) -> None:
    found = compare(netspec.compile(pair[0]), netspec.compile(pair[0]))
    assert found.is_same
    assert found.changes == ()


def test_command(pair: tuple[str, str], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["diff", *pair])
    assert result.exit_code == 0
    assert "- pool  MaxPool2d" in result.output
    assert "~ fc  Linear  out_features 10 -> 5" in result.output
    assert "keys survive" in result.output
    told = json.loads(CliRunner().invoke(main, ["diff", *pair, "--json"]).output)
    assert told["parameters"] == [8146, 6434] or len(told["parameters"]) == 2


@pytest.mark.parametrize("format", ["svg", "html", "png", "mmd", "dot", "json"])
def test_pictures(pair: tuple[str, str], tmp_path: Path, format: str) -> None:
    path = tmp_path / f"diff.{format}"
    result = CliRunner().invoke(main, ["diff", *pair, "-o", str(path)])
    assert result.exit_code == 0
    assert path.stat().st_size > 500


def test_changes_are_painted(pair: tuple[str, str]) -> None:
    before, after = (netspec.compile(path).elaborated for path in pair)
    svg = str(difference(before, after, "svg", Options()))
    assert ElementTree.fromstring(svg) is not None
    assert CHANGES["removed"] in svg
    assert CHANGES["changed"] in svg
    assert "− pool" in svg
    assert "10 → 5" in svg


def test_merged_drawing_is_whole(pair: tuple[str, str]) -> None:
    before, after = (netspec.compile(path).elaborated for path in pair)
    merged = merge(model(before, Options()), model(after, Options()))
    names = [item.id for item in merged.walk()]
    assert len(names) == len(set(names))
    ends = {end for edge in merged.edges for end in (edge.source, edge.target)}
    assert ends <= set(names)
    assert changed_blocks(merged) <= set(names)


def test_any_two_networks_can_be_compared() -> None:
    specs = Path(__file__).parents[2] / "specs"
    before, after = (
        netspec.compile(specs / f"{name}.yaml").elaborated
        for name in ("resnet18", "googlenet")
    )
    assert str(difference(before, after, "dot", Options())).startswith("digraph")
