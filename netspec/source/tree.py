"""What is read: scalars, lists and mappings, each with its place."""

from typing import Any, NamedTuple

from netspec.diagnostics import Span
from netspec.scalars import Plain


class Scalar(NamedTuple):
    """A leaf: its value, the text it was read from, and its place."""

    value: Plain
    text: str
    span: Span
    quoted: bool = False
    size: int = 1


class Sequence(NamedTuple):
    """A list, in block or flow style."""

    items: tuple["Tree", ...]
    span: Span
    size: int


class Entry(NamedTuple):
    """A key of a mapping with its value."""

    key: Scalar
    value: "Tree"


class Mapping(NamedTuple):
    """An ordered mapping; its keys are the texts as written."""

    entries: dict[str, Entry]
    span: Span
    size: int


Tree = Scalar | Sequence | Mapping


def plain(tree: Tree) -> Any:
    """The tree as Python's own dicts, lists and scalars."""
    match tree:
        case Scalar():
            return tree.value
        case Sequence():
            return [plain(item) for item in tree.items]
        case Mapping():
            return {name: plain(entry.value) for name, entry in tree.entries.items()}
