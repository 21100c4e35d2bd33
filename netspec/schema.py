"""The JSON Schema of specs, made from the grammar's keys and the operators' fields.

Editors read it for completion and hover. With a spec given, the schema also knows the
blocks in that spec's scope. What it cannot say (wiring, shapes), `netspec check` does.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from netspec import grammar
from netspec.declarations import ParamDecl
from netspec.fills import FillKind
from netspec.kinds import PARAM_KINDS
from netspec.link import Spec
from netspec.operators import OPERATORS, Operator
from netspec.tensors import DTYPES

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
LITERAL: Schema = {"type": ["integer", "number", "boolean", "string"]}
NAME: Schema = {"type": ["string", "integer"]}


def schema(spec: Spec | None = None) -> Schema:
    """The schema of all specs, or of one that knows its own blocks."""
    blocks = (
        {} if spec is None else {name: b.decl.params for name, b in spec.scope.items()}
    )
    document = {
        "netspec": {"const": 1},
        "name": TEXT,
        "doc": TEXT,
        "extends": TEXT,
        "imports": {"type": "array", "items": TEXT},
        "params": _named("param"),
        "inputs": _named("input"),
        "input": _reference("shape"),
        "blocks": _named("block"),
        "graph": _reference("graph"),
        "outputs": _named("output"),
        "init": {"type": "array", "items": _reference("init")},
        "tie": {
            "type": "array",
            "items": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
        },
        "expect": _reference("expect"),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "netspec, language version 1",
        **_closed(document, grammar.DOCUMENT_KEYS, ["netspec"]),
        "$defs": _definitions(blocks),
    }


def _definitions(blocks: Mapping[str, Mapping[str, ParamDecl]]) -> Schema:
    return {
        "param": {
            "anyOf": [
                _closed(_param(), grammar.PARAM_KEYS),
                {"not": {"type": ["object", "null"]}},
                {
                    "type": "object",
                    "not": {
                        "anyOf": [{"required": ["type"]}, {"required": ["default"]}]
                    },
                },
            ]
        },
        "shape": {"type": "array", "items": NAME},
        "input": {
            "anyOf": [
                _reference("shape"),
                _closed(_input(), grammar.INPUT_KEYS, ["shape"]),
            ]
        },
        "block": _closed(_block(), grammar.BLOCK_KEYS, ["graph"]),
        "output": {"anyOf": [NAME, _output()]},
        "names": {"type": "array", "items": NAME},
        "from": {
            "anyOf": [NAME, _reference("names"), *map(_connection, grammar.JOINS)]
        },
        "repeat": {
            "anyOf": [
                NAME,
                {"type": "array"},
                _closed(_repeat(), grammar.REPEAT_KEYS, ["over"]),
            ]
        },
        "graph": {
            "if": {"type": "array"},
            "then": {"items": _reference("node"), "minItems": 1},
            "else": {
                "type": "object",
                "additionalProperties": _reference("node"),
                "minProperties": 1,
            },
        },
        "fill": FillKind().schema(),
        "init": _init(),
        "expect": _closed(_expect(), grammar.EXPECT_KEYS),
        "common": {"properties": _described(_node(), grammar.NODE_KEYS)},
        "node": _dispatch(blocks),
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _named(name: str) -> Schema:
    return {"type": "object", "additionalProperties": _reference(name)}


def _described(properties: Mapping[str, Schema], docs: Mapping[str, str]) -> Schema:
    return {
        name: {**properties[name], "description": docs[name]} for name in properties
    }


def _closed(
    properties: Mapping[str, Schema],
    docs: Mapping[str, str],
    required: Iterable[str] = (),
) -> Schema:
    """An object of exactly these keys, which must be those the grammar documents."""
    return {
        "type": "object",
        "properties": _described(properties, docs),
        "required": list(required),
        "additionalProperties": False,
    }


def _param() -> dict[str, Schema]:
    return {
        "type": {"enum": list(grammar.PARAM_TYPES)},
        "default": {},
        "choices": {"type": "array"},
        "doc": TEXT,
    }


def _input() -> dict[str, Schema]:
    return {
        "shape": _reference("shape"),
        "dtype": {"enum": list(DTYPES)},
        "where": TEXT,
        "example": {
            "type": "object",
            "additionalProperties": {"type": "integer", "minimum": 1},
        },
    }


def _block() -> dict[str, Schema]:
    return {
        "doc": TEXT,
        "params": _named("param"),
        "inputs": _reference("names"),
        "outputs": _named("output"),
        "graph": _reference("graph"),
    }


def _output() -> Schema:
    properties = {"from": NAME, "mode": {"enum": list(grammar.MODES)}}
    return {
        "type": "object",
        "properties": properties,
        "required": ["from"],
        "additionalProperties": False,
    }


def _connection(join: str) -> Schema:
    operator = OPERATORS[grammar.JOINS[join]]
    names = {"type": "array", "items": NAME, "minItems": 2}
    return {
        "type": "object",
        "properties": {join: names, **_fields(operator)},
        "required": [join],
        "additionalProperties": False,
    }


def _repeat() -> dict[str, Schema]:
    return {
        "over": {"anyOf": [NAME, {"type": "array"}]},
        "as": TEXT,
        "index": TEXT,
        "prefix": TEXT,
        "start": {"type": "integer", "minimum": 0},
        "splice": {"type": "boolean"},
    }


def _node() -> dict[str, Schema]:
    return {
        "type": TEXT,
        "graph": _reference("graph"),
        "inputs": _reference("names"),
        "outputs": _named("output"),
        "share": NAME,
        "from": _reference("from"),
        "when": {"type": ["string", "boolean"]},
        "else": NAME,
        "repeat": _reference("repeat"),
        "doc": TEXT,
    }


def _init() -> Schema:
    return {
        "type": "object",
        "properties": {"type": {"enum": list(OPERATORS)}, "path": TEXT},
        "oneOf": [{"required": ["type"]}, {"required": ["path"]}],
        "additionalProperties": _reference("fill"),
    }


def _expect() -> dict[str, Schema]:
    return {
        "params": {"type": "integer"},
        "macs": {"type": "integer"},
        "output": _reference("shape"),
        "outputs": _named("shape"),
    }


# Nodes, by their type -----------------------------------------------------------------


def _dispatch(blocks: Mapping[str, Mapping[str, ParamDecl]]) -> Schema:
    """A node: a bare type's name, or a mapping whose arguments its type decides."""
    names = [*OPERATORS, *blocks]
    known: Schema = {"enum": names} if blocks else {"anyOf": [{"enum": names}, TEXT]}
    kind = {"anyOf": [known, {"type": "string", "pattern": r"^\$|^python:"}]}
    cases = [_case(name, _arguments(operator)) for name, operator in OPERATORS.items()]
    cases += [_case(name, _params(params)) for name, params in blocks.items()]
    inline = {"if": {"required": ["graph"]}, "then": _exactly({})}
    return {
        "if": {"type": "object"},
        "then": {
            "properties": {"type": kind},
            "anyOf": [{"required": [key]} for key in ("type", "graph", "share")],
            "allOf": [_reference("common"), inline, *cases],
        },
        "else": kind,
    }


def _case(name: str, then: Schema) -> Schema:
    condition = {"properties": {"type": {"const": name}}, "required": ["type"]}
    return {"if": condition, "then": _exactly(then)}


def _exactly(arguments: Schema) -> Schema:
    return {"allOf": [_reference("common"), arguments], "unevaluatedProperties": False}


def _arguments(operator: type[Operator]) -> Schema:
    required = [field.name for field in operator.fields.values() if field.required]
    return {
        "description": operator.__doc__,
        "properties": _fields(operator),
        "required": required,
    }


def _fields(operator: type[Operator]) -> Schema:
    return {
        field.name: {
            **field.kind.schema(),
            "description": field.kind.description,
            **_default(field.default, field.required),
        }
        for field in operator.fields.values()
    }


def _default(value: Any, required: bool) -> Schema:
    plain = isinstance(value, bool | int | float | str | type(None))
    return {"default": value} if plain and not required else {}


def _params(params: Mapping[str, ParamDecl]) -> Schema:
    properties = {name: _param_value(decl) for name, decl in params.items()}
    required = [name for name, decl in params.items() if decl.default is None]
    return {"properties": properties, "required": required}


def _param_value(decl: ParamDecl) -> Schema:
    kind = PARAM_KINDS.get(decl.kind)
    described = {"description": decl.doc} if decl.doc else {}
    return {**(kind.schema() if kind is not None else {}), **described}
