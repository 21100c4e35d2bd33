"""What is indented too little: read where it belongs, and told of once."""

import re
from collections.abc import Callable
from typing import NamedTuple

from netspec.grammar.keys import BLOCK_KEYS, DOCUMENT_KEYS, KINDS, NODE_KEYS
from netspec.grammar.reader import is_empty
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree
from netspec.spelling import suggest


class Strayed(NamedTuple):
    """The first key that stands beside the one it belongs to, `owner`."""

    key: Scalar
    owner: str


Belongs = Callable[[Entry, Entry], bool]  # whether the first does to the second


def gathered(tree: Mapping, belongs: Belongs) -> tuple[Mapping, list[Strayed]]:
    """Each entry that belongs to the one above put below it."""
    entries: dict[str, Entry] = {}
    strayed: list[Strayed] = []
    owner, inside = "", entries
    for name, entry in tree.entries.items():
        if owner and belongs(entry, entries[owner]):
            if not strayed or strayed[-1].owner != owner:
                strayed.append(Strayed(entry.key, owner))
                inside = dict(_entries(entries[owner].value))
                entries[owner] = _holding(entries[owner], inside)
            inside[name] = entry
        else:
            entries[name] = entry
            owner = name
    return tree._replace(entries=entries), strayed


def _holding(owner: Entry, inside: dict[str, Entry]) -> Entry:
    tree = owner.value
    return Entry(owner.key, Mapping(inside, tree.span, tree.size))


def is_of_section(entry: Entry, owner: Entry) -> bool:
    """Whether a key of the document is a part of the section above it."""
    name, section = entry.key.text, owner.key.text
    if name in DOCUMENT_KEYS or name in _entries(owner.value) or section not in _PARTS:
        return False
    is_open = is_empty(owner.value) or _is_left(owner)
    fits = is_open or _PARTS[section](entry.value)
    return fits and not suggest(name, DOCUMENT_KEYS)


def is_of_block(entry: Entry, owner: Entry) -> bool:
    """Whether a block is a key of the block above it."""
    name, above = entry.key.text, _entries(owner.value)
    is_open = is_empty(owner.value) or isinstance(owner.value, Mapping)
    return is_open and name in BLOCK_KEYS and not {"graph", name} & above.keys()


def is_of_node(entry: Entry, owner: Entry) -> bool:
    """Whether a node is a key of the node above it, which has begun with another."""
    name, above = entry.key.text, _entries(owner.value)
    if is_empty(owner.value):
        return name in NODE_KEYS
    if not isinstance(owner.value, Mapping) or name in above:
        return False
    if _is_left(owner):
        return name in NODE_KEYS or not is_node(entry.value)
    return name == "graph" and above.keys().isdisjoint(KINDS)


def _is_left(owner: Entry) -> bool:
    """Whether something was put below this that stands beside it."""
    last = next(reversed(_entries(owner.value).values()), None)
    return last is not None and last.key.span.column <= owner.key.span.column


def is_node(tree: Tree) -> bool:
    """Whether a value is like a node: the name of a type, or a mapping with one."""
    if isinstance(tree, Scalar):
        return re.match("[A-Z]", tree.text) is not None
    return not _entries(tree).keys().isdisjoint(KINDS)


def _has(key: str) -> Callable[[Tree], bool]:
    return lambda tree: key in _entries(tree)


_PARTS: dict[str, Callable[[Tree], bool]] = {
    "params": _has("default"),
    "inputs": lambda tree: isinstance(tree, Sequence) or "shape" in _entries(tree),
    "blocks": _has("graph"),
    "graph": lambda tree: isinstance(tree, Mapping) and is_node(tree),
    "outputs": lambda tree: False,
    "expect": lambda tree: False,
}  # what a value is like that stands in each section


def _entries(tree: Tree) -> dict[str, Entry]:
    return tree.entries if isinstance(tree, Mapping) else {}
