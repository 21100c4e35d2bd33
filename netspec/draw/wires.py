"""How edges are drawn: which carry a label, which are straight, where they end."""

from collections import Counter, defaultdict

from netspec.draw.model import Drawing, Edge

MAIN, CHAIN, NEAR, PLAIN, JOINING = 500, 200, 3, 2, 1


class Wires:
    """What is to be known of a drawing's edges, each as a whole."""

    def __init__(self, drawing: Drawing) -> None:
        self.edges = drawing.edges
        self.homes = drawing.parents()
        kinds = {item.id: item.kind for item in drawing.walk()}
        self.forks = {name for name, kind in kinds.items() if kind == "fork"}
        self.joins = {name for name, kind in kinds.items() if kind == "join"}
        begin = {edge.source for edge in self.edges if edge.main}
        self._doors = {  # where the main line goes into each open block
            item.id: next(
                (child.id for child in item.children if child.id in begin & self.forks),
                item.children[0].id,
            )
            for item in drawing.walk()
            if item.children
        }
        self._outs = Counter(edge.source for edge in self.edges)
        self._ins = Counter(edge.target for edge in self.edges)

    def weight(self, edge: Edge) -> int:
        """How much an edge wants to be short and straight.

        Clusters are kept compact with a weight of 128; only the main line beats that.
        """
        if self._is_side_door(edge.target):
            return JOINING
        if self._is_side_door(edge.source):
            return NEAR
        if edge.main:
            return MAIN
        if self._outs[edge.source] == 1 == self._ins[edge.target]:
            return CHAIN
        return JOINING if edge.target in self.joins else PLAIN

    def is_plain(self, edge: Edge) -> bool:
        """Whether an edge is straight and crosses no border: a label fits beside it.

        One of several outputs, which have names, may be crossed by the next.
        """
        near = self.homes.get(edge.source) == self.homes.get(edge.target)
        return near and not edge.name and self.weight(edge) >= CHAIN

    def is_skip(self, edge: Edge) -> bool:
        """Whether an edge goes past others inside one block, in a curve."""
        near = self.homes.get(edge.source) == self.homes.get(edge.target)
        return near and self.weight(edge) == JOINING

    def _is_side_door(self, name: str) -> bool:
        """A block's further input; it stands where it is read, not where it is made."""
        return name in self.forks and self._doors[self.homes[name]] != name

    def head(self, edge: Edge) -> str | None:
        """The cluster at whose border the edge ends, which leaves its heading free.

        Edges to a block's further inputs come in from the side and go all the way.
        """
        home = self.homes.get(edge.target)
        if home is None or self._doors[home] != edge.target:
            return None
        inside = self.homes.get(edge.source)
        while inside is not None and inside != home:
            inside = self.homes.get(inside)
        return home if inside is None else None

    def labelled(self) -> set[Edge]:
        """The edges that carry their shape: one for each value that is new.

        What only passes through, inside one block, is not said again.
        """
        feeds: dict[str, set[str]] = defaultdict(set)
        for edge in self.edges:
            feeds[edge.target].add(edge.shape)
        chosen: dict[tuple[str, str, str], Edge] = {}
        for edge in sorted(self.edges, key=lambda edge: not edge.main):
            near = self.homes.get(edge.source) == self.homes.get(edge.target)
            same = feeds[edge.source] == {edge.shape} and not edge.name
            if edge.source not in self.forks and not (near and same):
                chosen.setdefault((edge.source, edge.name, edge.shape), edge)
        return set(chosen.values())
