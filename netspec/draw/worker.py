"""Run in a process of its own: DOT on standard input, a picture on standard output.

It imports nothing of netspec, so that it starts fast and can be killed at any time.
"""

import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from pygraphviz import _graphviz as graphviz

ROOM = 4.0  # between a curve and the frame, in points
STEPS = 16  # of a curve, where it is looked at

Point = tuple[float, float]


class Frame(NamedTuple):
    """The room that a block has for curves: within its border, below its heading."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def of(cls, block: Any) -> "Frame":
        """The frame of a block that was laid out."""
        left, bottom, right, top = map(float, graphviz.agget(block, b"bb").split(b","))
        height = 72 * float(graphviz.agget(block, b"lheight") or 0)
        return cls(left + ROOM, bottom + ROOM, right - ROOM, top - height - 2 * ROOM)

    def hold(self, curve: str) -> str:
        """The curve in the frame, as far as may be as it was."""
        words = curve.split(" ")
        heads = [word for word in words if word.startswith(("s,", "e,"))]
        points = [_point(word) for word in words[len(heads) :]]
        for at in range(0, len(points) - 1, 3):
            points[at : at + 4] = self.bend(*points[at : at + 4])
        return " ".join([*heads, *(f"{x:g},{y:g}" for x, y in points)])

    def bend(self, a: Point, b: Point, c: Point, d: Point) -> tuple[Point, ...]:
        """A part of a curve, its handles as long as the frame allows.

        Only their lengths change, so the parts stay smooth where they meet.
        """
        for step in range(STEPS, 0, -1):
            share = step / STEPS
            bent = (a, _between(a, b, share), _between(d, c, share), d)
            if all(self.holds(_on(bent, at / STEPS)) for at in range(STEPS + 1)):
                return bent
        return a, b, c, d

    def holds(self, point: Point) -> bool:
        """Whether a point is in the frame."""
        x, y = point
        return self.left <= x <= self.right and self.bottom <= y <= self.top


def _between(start: Point, end: Point, share: float) -> Point:
    return (
        start[0] + share * (end[0] - start[0]),
        start[1] + share * (end[1] - start[1]),
    )


def _on(curve: tuple[Point, ...], share: float) -> Point:
    """The point of a Bézier curve at a share of its way, by de Casteljau."""
    while len(curve) > 1:
        curve = tuple(_between(a, b, share) for a, b in pairwise(curve))
    return curve[0]


def _point(word: str) -> Point:
    x, y = word.split(",")
    return float(x), float(y)


def blocks(graph: Any) -> Iterator[Any]:
    """The open blocks, however deep."""
    inner = graphviz.agfstsubg(graph)
    while inner:
        if (graphviz.agnameof(inner) or b"").startswith(b"cluster:"):
            yield inner
        yield from blocks(inner)
        inner = graphviz.agnxtsubg(inner)


def edges(graph: Any, block: Any) -> Iterator[Any]:
    """The edges that begin and end in a block."""
    node = graphviz.agfstnode(block)
    while node:
        edge = graphviz.agfstout(graph, node)
        while edge:
            if graphviz.agsubnode(block, graphviz.aghead(edge), 0):
                yield edge
            edge = graphviz.agnxtout(graph, edge)
        node = graphviz.agnxtnode(block, node)


def tame(graph: Any) -> None:
    """Keep the curves between what is in a block inside it.

    Graphviz keeps room for a curve but lets it swing out further. Where even its
    joints are outside, it stays as it is.
    """
    for block in blocks(graph):
        frame = Frame.of(block)
        for edge in edges(graph, block):
            parts = graphviz.agget(edge, b"pos").decode().split(";")
            held = ";".join(frame.hold(part) for part in parts)
            graphviz.agset(edge, b"pos", held.encode())


def main(format: str) -> int:
    """Lay the graph out with Graphviz's `dot` and write it in the given format."""
    graph = graphviz.agread(sys.stdin, None)
    context = graphviz.gvContextWithBuiltins()
    if graphviz.gvLayout(context, graph, b"dot"):
        return 1
    graphviz.gvRenderData(context, graph, b"dot:dot:core")  # writes positions down
    tame(graph)
    graphviz.gvFreeLayout(context, graph)
    if graphviz.gvLayout(context, graph, b"nop2"):
        return 1
    status, data = graphviz.gvRenderData(context, graph, format.encode())
    if status:
        return 1
    sys.stdout.buffer.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
