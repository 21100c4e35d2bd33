"""Two drawings -> one that shows what was added, removed and changed."""

from difflib import SequenceMatcher

from netspec.draw.model import Drawing, Edge, Item, Row

OLD = "+old"  # added to the name of a removed item whose name means another thing now


def merge(before: Drawing, after: Drawing) -> Drawing:
    """The second drawing with what it lost from the first, all changes marked."""
    merger = _Merger()
    items = merger.items(before.items, after.items)
    return after._replace(
        name=f"{before.name} → {after.name}",
        items=items,
        edges=merger.edges(before.edges, after.edges),
        sources=tuple(dict((*before.sources, *after.sources)).items()),
    )


def changed_blocks(drawing: Drawing) -> set[str]:
    """The blocks to open so that every change is seen."""
    parents = drawing.parents()
    found: set[str] = set()
    for item in drawing.walk():
        at = parents.get(item.id, "") if item.change else ""
        while at and at not in found:
            found.add(at)
            at = parents.get(at, "")
    whole = {item.id for item in drawing.walk() if item.change in ("added", "removed")}
    return found - whole


class _Merger:
    def __init__(self) -> None:
        self.renamed: dict[str, str] = {}  # what is gone, by its name before

    def items(self, old: tuple[Item, ...], new: tuple[Item, ...]) -> tuple[Item, ...]:
        """The new items with the old ones that are gone where they were."""
        first, second = [_key(item) for item in old], [_key(item) for item in new]
        match = SequenceMatcher(None, first, second, autojunk=False)
        merged: list[Item] = []
        taken = set(first) & set(second)
        by_key = {_key(item): item for item in old}
        for _, start, end, begin, stop in match.get_opcodes():
            merged += [
                self.removed(item) for item in old[start:end] if _key(item) not in taken
            ]
            for item in new[begin:stop]:
                known = by_key.get(_key(item))
                merged.append(self.both(known, item) if known else _added(item))
        return tuple(merged)

    def both(self, old: Item, new: Item) -> Item:
        """An item that is in both, marked if it says other things."""
        title, rows = new.title, new.rows
        if title is not None and old.title is not None:
            title = _both_ways(old.title, title)
            if old.times != new.times:
                words = f"{title.arguments} (was ×{old.times})".strip()
                title = title._replace(arguments=words)
        if len(old.rows) == len(rows):
            pairs = zip(old.rows, rows, strict=True)
            rows = tuple(_both_ways(was, row) for was, row in pairs)
        same = _said(old) == _said(new) and old.times == new.times
        children = self.items(old.children, new.children)
        return new._replace(
            title=title, rows=rows, children=children, change="" if same else "changed"
        )

    def removed(self, item: Item) -> Item:
        """An item that is gone, with all that is in it, under names of its own."""
        name = item.id + OLD
        self.renamed[item.id] = name
        children = tuple(self.removed(child) for child in item.children)
        return item._replace(id=name, children=children, change="removed")

    def edges(self, old: tuple[Edge, ...], new: tuple[Edge, ...]) -> tuple[Edge, ...]:
        """The edges of both, those of one alone marked."""
        named = [
            e._replace(source=self.name(e.source), target=self.name(e.target))
            for e in old
        ]
        before = {(edge.source, edge.target): edge for edge in named}
        after = {(edge.source, edge.target) for edge in new}
        merged = [
            edge
            if (edge.source, edge.target) in before
            else edge._replace(change="added")
            for edge in new
        ]
        gone = [
            edge._replace(change="removed", main=False)
            for ends, edge in before.items()
            if ends not in after
        ]
        return (*merged, *gone)

    def name(self, given: str) -> str:
        """What an item of the first drawing is called in the merged one."""
        return self.renamed.get(given, given)


def _key(item: Item) -> tuple[str, bool, str]:
    return item.id, bool(item.children), item.kind


def _added(item: Item) -> Item:
    children = tuple(_added(child) for child in item.children)
    return item._replace(change="added", children=children)


def _said(item: Item) -> list[tuple[str, str]]:
    rows = [row for row in (item.title, *item.rows) if row is not None]
    return [(row.type, row.arguments) for row in rows]


def _both_ways(old: Row, new: Row) -> Row:
    kind = new.type if old.type == new.type else f"{old.type} → {new.type}"
    if old.arguments == new.arguments:
        return new._replace(type=kind)
    return new._replace(type=kind, arguments=f"{old.arguments} → {new.arguments}")
