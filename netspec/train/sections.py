"""From a YAML tree to records: each value checked, each finding with its place.

A recipe's sections are records whose fields name a kind; the same declarations give
the check and the JSON Schema.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from netspec.diagnostics import Finding
from netspec.kinds import EXPRESSION, Kind, KindError, ListOf, Null, OneOf
from netspec.record import MISSING, Field, Record
from netspec.source import Entry, Scalar, Tree, plain
from netspec.source import Mapping as MappingTree
from netspec.source import Sequence as SequenceTree
from netspec.spelling import suggest
from netspec.train.mistakes import (
    missing_field,
    unknown_field,
    unknown_kind,
    wrong_value,
)

INVALID: Any = object()
_REFERENCE = {"type": "string", "pattern": r"\$"}


class TypedRecord(Record):
    """A record that a `type` names: a data source, an optimizer, a transform."""

    type_name: ClassVar[str]


class TreeKind(Kind):
    """A kind of value read from the tree, so that its parts keep their places."""

    reads = "never"

    def read(self, tree: Tree, what: str, findings: list[Finding]) -> Any:
        """The value, or INVALID with the reason added to `findings`."""
        raise NotImplementedError(f"{type(self).__name__} reads nothing")

    def has(self, name: str) -> bool:
        """Whether a mapping of this kind may have a field."""
        return False


class Section(TreeKind):
    """A mapping read into one record class."""

    def __init__(self, record: type[Record]) -> None:
        self.record = record
        self.description = f"a mapping with {', '.join(record.fields)}"

    def read(self, tree: Tree, what: str, findings: list[Finding]) -> Any:
        if not isinstance(tree, MappingTree):
            return _refuse(tree, what, self, findings)
        return read_record(self.record, tree, tree.entries, what, findings)

    def has(self, name: str) -> bool:
        return name in self.record.fields

    def schema(self) -> dict[str, Any]:
        return record_schema(self.record)


class Variant(TreeKind):
    """A mapping whose `type` chooses the record; a bare name takes its defaults."""

    def __init__(self, what: str, records: Sequence[type[TypedRecord]]) -> None:
        self.what = what
        self.records = {record.type_name: record for record in records}
        self.description = "one of " + ", ".join(f"`{name}`" for name in self.records)

    def read(self, tree: Tree, what: str, findings: list[Finding]) -> Any:
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            name, entries = tree, {}
        elif isinstance(tree, MappingTree) and "type" in tree.entries:
            entries = dict(tree.entries)
            chosen = entries.pop("type").value
            if not isinstance(chosen, Scalar):
                return _refuse(chosen, f"the type of {what}", self, findings)
            name = chosen
        elif isinstance(tree, MappingTree):
            findings.append(missing_field(tree, "type", what, self.description))
            return INVALID
        else:
            return _refuse(tree, what, self, findings)
        record = self.records.get(name.text)
        if record is None:
            findings.append(unknown_kind(name, self.what, self.records))
            return INVALID
        where = f"the {self.what} {name.text}"
        return read_record(record, tree, entries, where, findings)

    def has(self, name: str) -> bool:
        return any(name in record.fields for record in self.records.values())

    def schema(self) -> dict[str, Any]:
        chosen = {"properties": {"type": {"enum": list(self.records)}}}
        bare = [n for n, r in self.records.items() if not _required(r)]
        rules = [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": record_schema(record, {"type": {"const": name}}),
            }
            for name, record in self.records.items()
        ]
        mapping = {"type": "object", "required": ["type"], **chosen, "allOf": rules}
        return {"anyOf": [{"enum": bare}, mapping]} if bare else mapping


class Several(TreeKind):
    """A list whose items are all of one kind."""

    def __init__(self, item: Kind) -> None:
        self.item = item
        self.description = f"a list, each {item.description}"

    def read(self, tree: Tree, what: str, findings: list[Finding]) -> Any:
        if not isinstance(tree, SequenceTree):
            return _refuse(tree, what, self, findings)
        items = [
            read_value(self.item, item, f"item {number} of {what}", findings)
            for number, item in enumerate(tree.items)
        ]
        return INVALID if INVALID in items else tuple(items)

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": value_schema(self.item)}


class Named(TreeKind):
    """A mapping from free names to values of one kind; `None` takes any plain data."""

    def __init__(self, value: Kind | None = None) -> None:
        self.value = value
        inside = value.description if value else "a value"
        self.description = f"a mapping from names, each to {inside}"

    def read(self, tree: Tree, what: str, findings: list[Finding]) -> Any:
        if not isinstance(tree, MappingTree):
            return _refuse(tree, what, self, findings)
        if self.value is None:
            return plain(tree)
        values = {
            name: read_value(self.value, entry.value, f"`{name}` of {what}", findings)
            for name, entry in tree.entries.items()
        }
        return INVALID if INVALID in values.values() else values

    def schema(self) -> dict[str, Any]:
        inside = value_schema(self.value) if self.value else True
        return {"type": "object", "additionalProperties": inside}


class Nullable(TreeKind):
    """A section that may be switched off with `null`."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.description = f"{kind.description}, or null"

    def read(self, tree: Tree, what: str, findings: list[Finding]) -> Any:
        if isinstance(tree, Scalar) and tree.value is None:
            return None
        return read_value(self.kind, tree, what, findings)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [value_schema(self.kind), {"type": "null"}]}


def read_value(kind: Kind, tree: Tree, what: str, findings: list[Finding]) -> Any:
    """A value of a kind, or INVALID with the reason added to `findings`."""
    if isinstance(kind, TreeKind):
        return kind.read(tree, what, findings)
    if (
        isinstance(kind, ListOf)
        and isinstance(tree, SequenceTree)
        and Several(kind.item).read(tree, what, findings) is INVALID
    ):
        return INVALID
    try:
        return kind.accept(_frozen(plain(tree)))
    except KindError:
        return _refuse(tree, what, kind, findings)


def read_record(
    record: type[Record],
    tree: Tree,
    entries: Mapping[str, Entry],
    where: str,
    findings: list[Finding],
) -> Any:
    """A record from a mapping's entries, or INVALID if any of them is wrong."""
    before = len(findings)
    values: dict[str, Any] = {}
    meant = set()  # what misspelt fields were meant to be is not missing
    for name, entry in entries.items():
        field = record.fields.get(name)
        if field is None:
            meant.add(suggest(name, record.fields))
            home = _home(name, record)
            findings.append(unknown_field(entry, where, record.fields, home))
        else:
            values[name] = read_value(field.kind, entry.value, f"`{name}`", findings)
    findings += [
        missing_field(tree, field.name, where, field.kind.description)
        for field in record.fields.values()
        if field.required and field.name not in entries and field.name not in meant
    ]
    return record(**values) if len(findings) == before else INVALID


def _home(name: str, record: type[Record]) -> str | None:
    """The section of a record that a field belongs in."""
    for field in record.fields.values():
        if isinstance(field.kind, TreeKind) and field.kind.has(name):
            return field.name
    return None


def _refuse(tree: Tree, what: str, kind: Kind, findings: list[Finding]) -> Any:
    fits = not isinstance(kind, ListOf) or (
        read_value(kind.item, tree, what, []) is not INVALID
    )
    found = wrong_value(tree, what, kind.description, kind.words, fits_item=fits)
    findings.append(found)
    return INVALID


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _required(record: type[Record]) -> list[str]:
    return [f.name for f in record.fields.values() if f.default is MISSING]


def record_schema(
    record: type[Record], extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The JSON Schema of a record's mapping; `extra` holds further properties."""
    fields = record.fields.values()
    properties = {field.name: _field_schema(field) for field in fields}
    return {
        "type": "object",
        "description": (record.__doc__ or "").strip().split("\n")[0],
        "properties": {**(extra or {}), **properties},
        "required": _required(record),
        "additionalProperties": False,
    }


def _field_schema(field: Field) -> dict[str, Any]:
    schema = value_schema(field.kind)
    default = to_plain(field.default) if field.default is not MISSING else None
    return schema if default is None else {**schema, "default": default}


def value_schema(kind: Kind) -> dict[str, Any]:
    """A kind's JSON Schema, less the forms of expressions: a recipe has none."""
    if isinstance(kind, TreeKind):
        return kind.schema()
    if isinstance(kind, OneOf):
        return {"anyOf": [value_schema(one) for one in kind.kinds]}
    if isinstance(kind, Null):
        return kind.schema()
    return _without_expressions(kind.schema())


def _without_expressions(schema: dict[str, Any]) -> dict[str, Any]:
    schema = dict(schema)
    if "items" in schema:
        schema["items"] = _without_expressions(schema["items"])
    if "anyOf" not in schema:
        return schema
    forms = [_without_expressions(f) for f in schema["anyOf"] if not _is_expression(f)]
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _is_expression(form: dict[str, Any]) -> bool:
    return form in (EXPRESSION, _REFERENCE)


def to_plain(value: Any) -> Any:
    """A record as plain data that reads back as the same record."""
    if isinstance(value, Record):
        kind = {"type": value.type_name} if isinstance(value, TypedRecord) else {}
        return kind | {name: to_plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: to_plain(item) for name, item in value.items()}
    return value
