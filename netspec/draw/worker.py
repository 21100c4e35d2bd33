"""Run in a process of its own: DOT on standard input, a picture on standard output.

It imports nothing of netspec, so that it starts fast and can be killed at any time.
"""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from pygraphviz import _graphviz as graphviz

ROOM = 4.0  # between a curve and the frame, in points

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
        """The curve with its points in the frame, and therefore all of it."""
        words = curve.split(" ")
        heads = [word for word in words if word.startswith(("s,", "e,"))]
        points = [_point(word) for word in words[len(heads) :]]
        for at in range(0, len(points), 3):
            points[at] = self.clamp(points[at])
        for at in range(1, len(points) - 1, 3):  # handles stay smooth at their joints
            points[at] = self.pull(points[at], points[at - 1])
            points[at + 1] = self.pull(points[at + 1], points[at + 2])
        return " ".join([*heads, *(f"{x:g},{y:g}" for x, y in points)])

    def clamp(self, point: Point) -> Point:
        """The nearest point in the frame."""
        x, y = point
        return (
            max(self.left, min(x, self.right)),
            max(self.bottom, min(y, self.top)),
        )

    def pull(self, point: Point, joint: Point) -> Point:
        """The point moved straight towards a joint in the frame until it is in, too."""
        share = 1.0
        for given, held, end in zip(point, self.clamp(point), joint, strict=True):
            if given != held:
                share = min(share, (held - end) / (given - end))
        (x, y), (left, low) = point, joint
        return left + share * (x - left), low + share * (y - low)


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

    Graphviz keeps room for a curve but lets it swing out further.
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
