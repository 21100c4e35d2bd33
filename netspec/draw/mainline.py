"""The longest way through a network, which a drawing keeps straight."""

from collections.abc import Sequence

from netspec.draw.model import Edge


def mark_main(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges, those on the longest way to each output marked.

    An edge comes after all edges that lead to its source.
    """
    depth: dict[str, int] = {}
    entry: dict[str, int] = {}  # the edge by which the longest way reaches an item
    for position, edge in enumerate(edges):
        length = depth.get(edge.source, 0) + 1
        if length > depth.get(edge.target, 0):
            depth[edge.target] = length
            entry[edge.target] = position
    sources = {edge.source for edge in edges}
    main: set[int] = set()
    for end in dict.fromkeys(edge.target for edge in edges):
        if end in sources:
            continue
        while end in entry and entry[end] not in main:
            main.add(entry[end])
            end = edges[entry[end]].source
    return tuple(
        edge._replace(main=True) if position in main else edge
        for position, edge in enumerate(edges)
    )
