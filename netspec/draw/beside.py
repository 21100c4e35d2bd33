"""Blocks drawn open beside the network that uses them, as papers do."""

from collections.abc import Iterator, Sequence

from netspec.draw.model import Drawing, Item

OPEN = "+open"  # added to the name of a block that is drawn closed as well


def beside(drawing: Drawing, whole: Drawing, blocks: Sequence[str]) -> Drawing:
    """The drawing with these blocks of `whole` at its side, open."""
    known = {item.id: item for item in whole.walk()}
    apart = [known[name] for name in blocks]
    edges = list(drawing.edges)
    for block in apart:
        inside = set(_within(block))
        edges += [e for e in whole.edges if e.source in inside and e.target in inside]
    return drawing._replace(edges=tuple(edges), beside=tuple(map(_headed, apart)))


def _within(block: Item) -> Iterator[str]:
    for child in block.children:
        yield child.id
        yield from _within(child)


def _headed(block: Item) -> Item:
    """Under its full path, for it is not where it belongs, and a name of its own."""
    title = block.head._replace(name=block.head.path)
    return block._replace(id=block.id + OPEN, title=title)
