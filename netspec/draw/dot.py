"""The drawing model -> DOT."""

import math
from typing import NamedTuple

import graphviz

from netspec.draw.labels import Labels, clean, quote, small
from netspec.draw.model import Drawing, Edge, Item
from netspec.draw.style import FONT, LIGHT, Theme
from netspec.draw.wires import Wires

SIGNS = {"Add": "+", "Sub": "−", "Mul": "×", "Concat": "⧺"}
LETTER = 4.6  # the width of a letter of a label, in points
SHOWN = frozenset({"names", "shapes", "params"})


class Look(NamedTuple):
    """How a drawing is to look."""

    theme: Theme = LIGHT
    direction: str = "TB"
    show: frozenset[str] = SHOWN
    title: str | None = None
    dpi: int | None = None


DEFAULT = Look()


def to_dot(drawing: Drawing, look: Look = DEFAULT) -> str:
    """DOT text of a drawing that was cut to what is to be seen."""
    return _Writer(drawing, look).write()


class _Writer:
    def __init__(self, drawing: Drawing, look: Look) -> None:
        self.drawing = drawing
        self.look = look
        self.theme = look.theme
        self.labels = Labels(look.theme, look.show)
        self.graph = graphviz.Digraph(drawing.name)
        self.wires = Wires(drawing)
        self.labelled = self.wires.labelled()

    def write(self) -> str:
        theme, graph = self.theme, self.graph
        graph.attr(
            rankdir=self.look.direction, bgcolor=theme.background, fontname=FONT,
            fontsize="13", fontcolor=theme.text, labelloc="t", label=self.heading(),
            nodesep="0.25", ranksep="0.28", pad="0.15", newrank="true", compound="true",
        )  # fmt: skip
        if self.look.dpi:
            graph.attr(dpi=str(self.look.dpi))
        graph.attr(
            "node", shape="plain", fontname=FONT, fontsize="10",
            fontcolor=theme.text, color=theme.line,
        )  # fmt: skip
        graph.attr(
            "edge", fontname=FONT, fontsize="8.5", fontcolor=theme.muted,
            color=theme.edge, arrowsize="0.5", arrowhead="normal", penwidth="0.9",
        )  # fmt: skip
        with graph.subgraph(name="cluster:legend") as inner:
            inner.attr(label=self.legend(), labelloc="b", penwidth="0", margin="4")
            for item in self.drawing.items:
                self.item(inner, item, 0)
        for edge in self.drawing.edges:
            self.edge(edge)
        return str(graph.source)

    def heading(self) -> str:
        title = self.look.title if self.look.title is not None else self.drawing.name
        return f"<<B>{quote(title)}</B>>" if title else ""

    def legend(self) -> str:
        seen = {row.category for item in self.drawing.walk() for row in item.rows}
        entries = [name for name in self.theme.fills if name in seen and name != "join"]
        fills, color = self.theme.fills, self.theme.text
        cells = [
            f'<TD BGCOLOR="{fills[name]}">{small(name, color)}</TD>' for name in entries
        ]
        lines = [cells[start : start + 4] for start in range(0, len(cells), 4)]
        rows = "".join(f"<TR>{''.join(line)}</TR>" for line in lines)
        return f'<<TABLE BORDER="0" CELLSPACING="4">{rows}</TABLE>>' if rows else ""

    def item(self, graph: graphviz.Digraph, item: Item, level: int) -> None:
        if item.children:
            self.cluster(graph, item, level)
        elif item.kind == "join":
            sign = SIGNS.get(item.rows[0].type, item.rows[0].type)
            graph.node(
                item.id, f"<<B>{quote(sign)}</B>>", shape="circle", fixedsize="true",
                width="0.26", height="0.26", style="filled", fontsize="13",
                fillcolor=self.theme.mark, margin="0",
            )  # fmt: skip
        elif item.kind == "fork":
            graph.node(item.id, "", shape="point", width="0.05", color=self.theme.edge)
        elif item.kind in ("input", "output"):
            graph.node(
                item.id, f"<{self.labels.door(item.rows[0])}>", shape="box",
                style="rounded,filled", fillcolor=self.theme.door, margin="0.1,0.04",
                height="0.28",
            )  # fmt: skip
        else:
            graph.node(item.id, f"<{self.labels.box(item)}>")

    def cluster(self, graph: graphviz.Digraph, item: Item, level: int) -> None:
        fill = self.theme.clusters[level % len(self.theme.clusters)]
        with graph.subgraph(name=f"cluster:{item.id}") as inner:
            inner.attr(
                label=f"<{self.labels.cluster(item)}>", labelloc="t", labeljust="l",
                style="rounded,filled", fillcolor=fill, color=self.theme.cluster_line,
                fontsize="10", margin="8",
            )  # fmt: skip
            for child in item.children:
                self.item(inner, child, level + 1)

    def edge(self, edge: Edge) -> None:
        head = self.wires.head(edge)
        label = self.edge_label(edge)
        beside = self.look.direction == "TB" and self.wires.is_plain(edge)
        self.graph.edge(
            edge.source,
            edge.target,
            weight=str(self.wires.weight(edge)),
            lhead=f"cluster:{head}" if head else None,
            **(_beside(label) if beside else {"label": f" {label}" if label else None}),
        )

    def edge_label(self, edge: Edge) -> str:
        if edge not in self.labelled:
            return ""
        dtype = edge.dtype if "dtype" in self.look.show else ""
        shape = edge.shape if "shapes" in self.look.show else ""
        label = " ".join(word for word in (edge.name, shape, dtype) if word)
        return str(graphviz.escape(clean(label)))


def _beside(label: str) -> dict[str, str]:
    """A label to the right of an edge that goes straight down.

    Graphviz keeps no room for it, so the edge stays straight in narrow clusters too.
    """
    if not label:
        return {}
    right, down = LETTER * len(label) / 2 + 4, 9
    angle = math.degrees(math.atan2(right, down))
    distance = math.hypot(right, down) / 10
    return {
        "taillabel": label,
        "labelangle": f"{angle:.0f}",
        "labeldistance": f"{distance:.2f}",
    }
