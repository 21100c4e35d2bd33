"""The drawing model -> DOT."""

from typing import NamedTuple

import graphviz

from netspec.draw.labels import Labels, quote, small
from netspec.draw.model import Drawing, Edge, Item
from netspec.draw.style import FONT, LIGHT, Theme

SIGNS = {"Add": "+", "Sub": "−", "Mul": "×", "Concat": "⧺"}
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
        self.forks = {item.id for item in drawing.walk() if item.kind == "fork"}
        self.joins = {item.id for item in drawing.walk() if item.kind == "join"}
        self.homes = drawing.parents()
        self.labelled = self.choose_labels()

    def write(self) -> str:
        theme, graph = self.theme, self.graph
        graph.attr(
            rankdir=self.look.direction, bgcolor=theme.background, fontname=FONT,
            fontsize="13", fontcolor=theme.text, labelloc="t", label=self.heading(),
            nodesep="0.25", ranksep="0.14", pad="0.15", newrank="true", compound="true",
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
        head = self.homes.get(edge.target) if edge.target in self.forks else None
        label = edge.shape if edge in self.labelled else ""
        self.graph.edge(
            edge.source,
            edge.target,
            f" {label}" if label else "",
            weight="500" if edge.main else "1" if edge.target in self.joins else "2",
            lhead=f"cluster:{head}" if head else None,
        )

    def choose_labels(self) -> set[Edge]:
        """The edges that carry their shape: one for each value that is new."""
        if "shapes" not in self.look.show:
            return set()
        feeds: dict[str, set[str]] = {}
        for edge in self.drawing.edges:
            feeds.setdefault(edge.target, set()).add(edge.shape)
        chosen: dict[tuple[str, str], Edge] = {}
        for edge in sorted(self.drawing.edges, key=lambda edge: not edge.main):
            near = self.homes.get(edge.source) == self.homes.get(edge.target)
            same = feeds.get(edge.source) == {edge.shape}
            if edge.source not in self.forks and not (near and same):
                chosen.setdefault((edge.source, edge.shape), edge)
        return set(chosen.values())
