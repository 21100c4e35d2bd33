"""Which blocks are open, and the drawing cut down to what is then seen."""

from collections.abc import Iterable

from netspec.diagnostics import SpecError
from netspec.draw.asked import option
from netspec.draw.model import Drawing, Edge, Item
from netspec.draw.options import Options
from netspec.errors.draw import UnknownPath
from netspec.spelling import did_you_mean

SMALL = 24  # a network of so few boxes is drawn whole
READABLE = 60  # and no drawing has more than this many unless asked to


def opened(drawing: Drawing, options: Options) -> set[str]:
    """The blocks that the options ask to be open. Raises SpecError."""
    found = (
        automatic(drawing)
        if options.depth is None
        else by_depth(drawing, options.depth)
    )
    for path in options.expand:
        block = find(drawing, path, "expand")
        found |= {block} | around(drawing, block)
    return found - {find(drawing, path, "collapse") for path in options.collapse}


def find(drawing: Drawing, path: str, asked_by: str) -> str:
    """The block at a path. Raises SpecError where there is none."""
    known = {item.head.path: item.id for item in blocks(drawing)}
    return _known(known, path, asked_by, "block")


def place(drawing: Drawing, path: str) -> str:
    """The item that shows a path. Raises SpecError where there is none."""
    known = {row.path: item.id for item in drawing.walk() for row in item.rows}
    known |= {item.head.path: item.id for item in drawing.walk()}
    return _known(known, path, "focus", "node")


def around(drawing: Drawing, name: str) -> set[str]:
    """The blocks that hold an item."""
    parents, found = drawing.parents(), set()
    while name in parents:
        name = parents[name]
        found.add(name)
    return found


def _known(known: dict[str, str], path: str, asked_by: str, what: str) -> str:
    if path in known:
        return known[path]
    span, advice = option(asked_by, path), did_you_mean(path, known)
    raise SpecError(UnknownPath(span=span, what=what, name=path, advice_text=advice))


def blocks(drawing: Drawing) -> list[Item]:
    """The blocks that can be opened, parents first."""
    return [item for item in drawing.walk() if item.children]


def automatic(drawing: Drawing) -> set[str]:
    """The blocks to open so that each kind is explained once and the page is read.

    A small network is drawn whole. Else the first block of each kind is open, as long
    as it can all be read; later ones that differ only in numbers are closed.
    """
    every = {item.id for item in blocks(drawing)}
    if boxes(drawing, every) <= SMALL:
        return every
    parents = drawing.parents()
    seen: set[int] = set()
    found: set[str] = set()
    count = boxes(drawing, found)
    for item in blocks(drawing):
        inside_closed = item.id in parents and parents[item.id] not in found
        if inside_closed or (item.head.type and item.key in seen):
            continue
        more = sum(child.kind != "fork" for child in item.children) - 1
        if count + more <= READABLE:
            count += more
            found.add(item.id)
            seen.add(item.key)
    return found


def by_depth(drawing: Drawing, depth: int) -> set[str]:
    """The blocks nested in fewer than `depth` others."""
    level: dict[str, int] = {}
    parents = drawing.parents()
    for item in drawing.walk():
        level[item.id] = level[parents[item.id]] + 1 if item.id in parents else 0
    return {item.id for item in blocks(drawing) if level[item.id] < depth}


def boxes(drawing: Drawing, opened: Iterable[str]) -> int:
    """How many boxes are drawn with these blocks open."""
    opened, count, stack = set(opened), 0, list(drawing.items)
    while stack:
        item = stack.pop()
        if item.id in opened:
            stack.extend(item.children)
        else:
            count += item.kind != "fork"
    return count


def cut(drawing: Drawing, opened: Iterable[str]) -> Drawing:
    """The drawing with every other block closed, its edges led to what is seen."""
    opened = set(opened)
    shown: dict[str, str] = {}
    items = tuple(_close(item, opened, shown) for item in drawing.items)
    edges: dict[tuple[str, str, str], Edge] = {}
    for edge in drawing.edges:
        source, target = shown[edge.source], shown[edge.target]
        if source == target:
            continue
        key = (source, target, edge.shape)
        main = edge.main or (key in edges and edges[key].main)
        edges[key] = edge._replace(source=source, target=target, main=main)
    return drawing._replace(items=items, edges=tuple(edges.values()))


def _close(item: Item, opened: set[str], shown: dict[str, str]) -> Item:
    shown[item.id] = item.id
    if item.id in opened:
        children = tuple(_close(child, opened, shown) for child in item.children)
        return item._replace(children=children)
    stack = list(item.children)
    while stack:
        inner = stack.pop()
        shown[inner.id] = item.id
        stack.extend(inner.children)
    return item._replace(children=())
