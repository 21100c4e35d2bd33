"""The drawing model: what a picture of a network shows, without where it goes.

A `Drawing` is a tree of items and the edges between its leaves. Which blocks are open
is decided later, so one model serves every depth, and the interactive page.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from netspec.counts import count


class Place(NamedTuple):
    """The line of a spec that an item was written on."""

    file: str
    line: int


class Row(NamedTuple):
    """One operator, or the heading of a block: a line of text in a box.

    `arguments` is the short form for the picture, `details` has them all.
    """

    path: str
    name: str
    type: str
    category: str = ""
    arguments: str = ""
    details: tuple[tuple[str, str], ...] = ()
    shape: str = ""
    parameters: int = 0
    macs: int | None = None
    doc: str = ""
    place: Place | None = None
    link: Place | None = None  # the nearest place in the user's own files


class Item(NamedTuple):
    """A box, a mark or a cluster. `kind` is one of KINDS.

    `times` is how many equal neighbours this one stands for; they are `alike` if
    sizes that are inferred, or rates, differ.
    """

    id: str
    kind: str
    rows: tuple[Row, ...]
    title: Row | None = None
    times: int = 1
    alike: bool = False
    children: tuple["Item", ...] = ()
    key: int = 0  # equal for blocks that differ in numbers alone
    change: str = ""  # in a difference: "added", "removed" or "changed"

    @property
    def head(self) -> Row:
        """The row that names the item."""
        return self.title or self.rows[0]

    @property
    def parameters(self) -> int:
        """The learnable numbers of one of the `times` items."""
        if self.title is not None and self.kind == "block":
            return self.title.parameters
        return sum(row.parameters for row in self.rows)


KINDS = ("input", "output", "layers", "join", "fork", "block")


class Edge(NamedTuple):
    """A value that flows from one leaf to another.

    `main` marks the longest way through the network, which is drawn straight.
    """

    source: str
    target: str
    shape: str
    dtype: str = "float32"
    name: str = ""
    main: bool = False
    change: str = ""


class Drawing(NamedTuple):
    """A network, a block or a difference, ready to be drawn at any level.

    `beside` are blocks that are closed in it and drawn open at its side.
    """

    name: str
    doc: str
    items: tuple[Item, ...]
    edges: tuple[Edge, ...]
    parameters: int = 0
    macs: int | None = None
    input: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    beside: tuple[Item, ...] = ()

    @property
    def facts(self) -> str:
        """Its parameters, cost and input in a line."""
        parts = [f"{count(self.parameters)} parameters"] if self.parameters else []
        parts += [f"{count(self.macs)} multiply-adds"] if self.macs else []
        inputs = "inputs" if ", " in self.input else "input"
        parts += [f"{inputs} {self.input}"] if self.input else []
        return " · ".join(parts)

    def walk(self) -> Iterator[Item]:
        """Every item, parents before children, in drawing order."""
        stack = list(reversed((*self.items, *self.beside)))
        while stack:
            item = stack.pop()
            yield item
            stack.extend(reversed(item.children))

    def parents(self) -> dict[str, str]:
        """The block that holds each item; the outermost have none."""
        return {child.id: item.id for item in self.walk() for child in item.children}

    def to_json(self) -> dict[str, Any]:
        """The model as plain data; defaults and the specs' texts are left out."""
        return _plain(self._replace(sources=()))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if hasattr(value, "_fields"):
        defaults = value._field_defaults
        return {
            name: _plain(part)
            for name, part in zip(value._fields, value, strict=True)
            if name not in defaults or part != defaults[name]
        }
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value
