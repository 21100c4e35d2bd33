"""The shipped JSON Schema: valid, current, true of every spec, and able to refuse."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from netspec import link, source
from netspec.grammar import NODE_KEYS
from netspec.operators import OPERATORS
from netspec.schema import schema

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "specs" / "netspec.schema.json"
SPECS = sorted(
    path
    for folder in ("specs", "netspec/blocks")
    for path in (ROOT / folder).rglob("*.yaml")
    if "recipes" not in path.parts
)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SHIPPED.read_text()))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_shipped_schema_is_current() -> None:
    assert json.loads(SHIPPED.read_text()) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_shipped_spec_is_valid(
    path: Path, validator: Draft202012Validator
) -> None:
    tree = source.plain(source.read(path))
    assert [error.message for error in validator.iter_errors(tree)] == []


@pytest.mark.parametrize(
    ("node", "path", "word"),
    [
        (
            {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "strid": 2},
            [],
            "strid",
        ),
        ({"type": "Conv2d", "kernel_size": 3}, [], "out_channels"),
        (
            {"type": "Conv2d", "out_channels": 0, "kernel_size": 3},
            ["out_channels"],
            "0",
        ),
        ({"form": "input"}, [], "under any of the given"),
        (7, [], "7"),
    ],
)
def test_a_wrong_node_is_refused_at_its_place(
    node: object, path: list[str], word: str, validator: Draft202012Validator
) -> None:
    spec = {"netspec": 1, "input": [3, 8, 8], "graph": {"wrong": node}}
    found = [(list(e.absolute_path), e.message) for e in validator.iter_errors(spec)]
    place = ["graph", "wrong", *path]
    assert any(at == place and word in message for at, message in found), found


def test_a_specs_own_schema_knows_its_blocks() -> None:
    spec = link.load(ROOT / "specs" / "resnet50.yaml", root=ROOT)
    own = Draft202012Validator(schema(spec))
    node = {"type": "Bottleneck", "width": 64, "strde": 2}
    document = {"netspec": 1, "input": [3, 8, 8], "graph": {"a": node}}
    (error,) = own.iter_errors(document)
    assert "strde" in error.message
    assert list(own.iter_errors({**document, "graph": {"a": {"type": "Botleneck"}}}))


def test_every_operator_and_key_is_in_the_schema() -> None:
    definitions = schema()["$defs"]
    cases = {
        c["if"]["properties"]["type"]["const"]
        for c in definitions["node"]["then"]["allOf"][2:]
    }
    assert cases == set(OPERATORS)
    assert set(definitions["common"]["properties"]) == set(NODE_KEYS)
