"""A recipe's tree: what it extends, merged under it, and what `--set` changes in it."""

import os
from collections.abc import Mapping
from pathlib import Path

from netspec import source
from netspec.diagnostics import Source, Span, SpecError
from netspec.errors import recipe as errors
from netspec.source import Entry, Scalar, Tree
from netspec.source import Mapping as MappingTree
from netspec.source import Sequence as SequenceTree
from netspec.train.mistakes import wrong_value


def compose(path: str | Path, settings: Mapping[str, str]) -> MappingTree:
    """The tree of a recipe with its bases merged in and `settings` applied.

    Raises SpecError if a file cannot be read or the recipes extend each other.
    """
    tree = _extended(str(path), (), None)
    # A new type clears its section, so it comes before what else is set in there.
    for name in sorted(settings, key=lambda name: not name.endswith(".type")):
        found = _set(tree, name.split("."), _setting(name, settings[name]))
        assert isinstance(found, MappingTree)
        tree = found
    return tree


def _extended(path: str, trail: tuple[str, ...], at: Span | None) -> MappingTree:
    text = source.load(path, at=at)
    tree = source.parse(text)
    if not isinstance(tree, MappingTree):
        raise SpecError(wrong_value(tree, "a recipe", "a mapping"))
    base = tree.entries.get("extends")
    if base is None:
        return tree
    entries = {name: e for name, e in tree.entries.items() if name != "extends"}
    own = tree._replace(entries=entries)
    return _merged(_base(path, (*trail, path), base.value), own)


def _base(path: str, trail: tuple[str, ...], tree: Tree) -> MappingTree:
    if not isinstance(tree, Scalar) or not isinstance(tree.value, str):
        raise SpecError(wrong_value(tree, "`extends`", "the path of a recipe"))
    target = str(Path(path).parent / tree.value)
    if os.path.realpath(target) in map(os.path.realpath, trail):
        circle = " -> ".join((*trail, target))
        raise SpecError(errors.ExtendsCycle(span=tree.span, path=circle))
    return _extended(target, trail, tree.span)


def _merged(base: Tree, own: Tree) -> MappingTree:
    """`own` over `base`; a section of another `type` replaces the base's whole."""
    assert isinstance(base, MappingTree)
    assert isinstance(own, MappingTree)
    entries = dict(base.entries)
    for name, entry in own.entries.items():
        before = entries.get(name)
        if before is not None and _mergeable(before.value, entry.value):
            entry = Entry(entry.key, _merged(before.value, entry.value))
        entries[name] = entry
    return own._replace(entries=entries)


def _mergeable(base: Tree, own: Tree) -> bool:
    if not isinstance(base, MappingTree) or not isinstance(own, MappingTree):
        return False
    kind = own.entries.get("type")
    return kind is None or _text(kind.value) == _type_of(base)


def _type_of(tree: MappingTree) -> str | None:
    return _text(tree.entries["type"].value) if "type" in tree.entries else None


def _text(tree: Tree) -> str | None:
    return tree.text if isinstance(tree, Scalar) else None


def _setting(name: str, value: str) -> Entry:
    place = Source(f"--set {name}", value)
    key = Scalar(name, name, Span(place, 1, 1, 1, len(value) + 1))
    empty = Scalar(None, "", key.span)
    return Entry(key, source.parse(place) if value.strip() else empty)


def _set(tree: Tree, path: list[str], setting: Entry) -> Tree:
    """The tree with one value replaced; a bare type name becomes a mapping first."""
    if isinstance(tree, SequenceTree) and path[0].isdecimal():
        return _set_item(tree, path, setting)
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        kind = Entry(Scalar("type", "type", tree.span), tree)
        tree = MappingTree({"type": kind}, tree.span, 2)
    if not isinstance(tree, MappingTree):
        tree = MappingTree({}, setting.key.span, 1)
    name, rest = path[0], path[1:]
    if path == ["type"] and _text(setting.value) != _type_of(tree):
        tree = tree._replace(entries={})
    key = setting.key._replace(value=name, text=name)
    below = tree.entries.get(name)
    inner: Tree = setting.value
    if rest:
        nothing = Entry(key, _empty(rest[0], key.span))
        key, section = below or nothing
        inner = _set(section, rest, setting)
    return tree._replace(entries={**tree.entries, name: Entry(key, inner)})


def _empty(part: str, span: Span) -> Tree:
    """What a part is to be set in, where nothing is written: a list, or a section."""
    return SequenceTree((), span, 1) if part.isdecimal() else MappingTree({}, span, 1)


def _set_item(tree: SequenceTree, path: list[str], setting: Entry) -> Tree:
    number, rest = int(path[0]), path[1:]
    if number >= len(tree.items):
        what, expected = "a place in this list", f"below {len(tree.items)}, from 0 on"
        if not tree.items:
            expected = "one that it has: the list is empty"
        found = errors.WrongField(
            span=setting.key.span, what=what, expected=expected, found=path[0]
        )
        raise SpecError(found)
    items = list(tree.items)
    items[number] = _set(items[number], rest, setting) if rest else setting.value
    return tree._replace(items=tuple(items))
