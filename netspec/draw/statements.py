"""Single statements of DOT: what the file and the interactive page are made of.

Everything is quoted and escaped here, by the `graphviz` package.
"""

import math
import re
from typing import Any

import graphviz

from netspec.draw.labels import ON_TINT, Labels, bold, clean, quote
from netspec.draw.look import Look
from netspec.draw.model import Drawing, Edge, Item
from netspec.draw.style import FONT

SIGNS = {"Add": "+", "Sub": "−", "Mul": "×", "Div": "÷", "Concat": "⧺"}
LETTER = 4.6  # the width of a letter of a label, in points
PATCH = (
    '<<TABLE BORDER="0" CELLPADDING="1" CELLSPACING="0">'
    '<TR><TD BGCOLOR="{}">{}</TD></TR></TABLE>>'
)
BLANK = '<<TABLE BORDER="0"><TR><TD HEIGHT="28"></TD></TR></TABLE>>'


def attributes(**given: str | None) -> str:
    """`a=1 b="two words"`, what is None left out."""
    return str(graphviz.quoting.a_list(attributes=given))


def name(given: str) -> str:
    """A name, quoted where DOT needs that."""
    return str(graphviz.quoting.quote(given))


class Statements:
    """Writes the statements of one drawing."""

    def __init__(self, drawing: Drawing, look: Look) -> None:
        self.look = look
        self.theme = look.theme
        self.labels = Labels(drawing, look)
        self.parents = drawing.parents()

    def opening(self, drawing: Drawing, **given: str | None) -> str:
        """The head of the file with all defaults."""
        theme = self.theme
        dpi = str(self.look.dpi) if self.look.dpi else None
        graph = attributes(
            rankdir=self.look.direction, bgcolor=theme.background, fontname=FONT,
            fontsize="13", fontcolor=theme.text, nodesep="0.3", ranksep="0.28",
            pad="0.15", newrank="true", compound="true", dpi=dpi, **given,
        )  # fmt: skip
        node = attributes(
            shape="plain", fontname=FONT, fontsize="10", fontcolor=theme.text,
            color=theme.line,
        )  # fmt: skip
        edge = attributes(
            fontname=FONT, fontsize="8.5", fontcolor=theme.muted, color=theme.edge,
            arrowsize="0.5", penwidth="0.9",
        )  # fmt: skip
        called = re.sub(r"[^A-Za-z0-9_]", "_", drawing.name) or "_"
        head = f"digraph {name(called)} {{"
        return f"{head}\n\tgraph [{graph}]\n\tnode [{node}]\n\tedge [{edge}]"

    def leaf(self, item: Item) -> str:
        """A box, a mark, or a closed block."""
        return f"{name(item.id)} [{attributes(**self._leaf(item))}]"

    def _leaf(self, item: Item) -> dict[str, Any]:
        tip = graphviz.escape(self.labels.tooltip(item))
        mark = {
            "fillcolor": self.labels.mark(item),
            "fontcolor": ON_TINT if item.change else None,
            "URL": self.labels.address(item.head) or None,
            "tooltip": tip,
        }
        match item.kind:
            case "fork":
                size = {"label": "", "width": "0.05", "color": self.theme.edge}
                return {"shape": "point", "tooltip": tip, **size}
            case "join":
                sign = SIGNS.get(item.rows[0].type, item.rows[0].type)
                size = {"fixedsize": "true", "width": "0.26", "fontsize": "13"}
                label = f"<{bold(sign)}>"
                return (
                    {"shape": "circle", "style": "filled", "label": label} | size | mark
                )
            case "input" | "output":
                size = {"margin": "0.1,0.04", "height": "0.28"}
                label = f"<{self.labels.door(item.rows[0])}>"
                style = "rounded,filled"
                return {"shape": "box", "style": style, "label": label} | size | mark
        return {"label": f"<{self.labels.box(item)}>", "tooltip": tip}

    def cluster(self, item: Item, level: int) -> str:
        """The head of an open block; its children and a brace follow."""
        theme, tip = self.theme, graphviz.escape(self.labels.tooltip(item))
        text = attributes(
            label=f"<{self.labels.cluster(item)}>", labelloc="t", labeljust="l",
            style="rounded,filled", color=self.labels.border(item),
            fillcolor=theme.inner if level % 2 else theme.cluster,
            fontsize="10", margin="12", penwidth="1", tooltip=tip,
        )  # fmt: skip
        return f"subgraph {name(f'cluster:{item.id}')} {{\n\tgraph [{text}]"

    def edge(self, edge: Edge, label: str, **given: str | None) -> str:
        """An edge; `label` is from `beside` or `across`."""
        ends = f"{name(edge.source)} -> {name(edge.target)}"
        parts = (label, self.rest(edge), attributes(**given))
        return f"{ends} [{' '.join(part for part in parts if part)}]"

    def rest(self, edge: Edge) -> str:
        """What is said of an edge wherever it ends."""
        tip = clean(f"{edge.name} {edge.shape} {edge.dtype}")
        color = self.labels.edge_color(edge)
        return attributes(edgetooltip=graphviz.escape(tip), color=color)

    def words(self, edge: Edge) -> str:
        """What is written at an edge."""
        shape = edge.shape if "shapes" in self.look.show else ""
        dtype = edge.dtype if "dtype" in self.look.show else ""
        return clean(" ".join(word for word in (edge.name, shape, dtype) if word))

    def across(self, edge: Edge) -> str:
        """The label of an edge, for which Graphviz keeps room.

        An edge off the main line may slant, and would run through it: it is hidden.
        """
        words = self.words(edge)
        if not words:
            return ""
        if edge.main:
            return attributes(label=f" {graphviz.escape(words)}")
        return attributes(label=PATCH.format(self.behind(edge), quote(words)))

    def behind(self, edge: Edge) -> str:
        """The colour behind an edge: of the innermost block with both its ends."""
        level = len(self._around(edge.source) & self._around(edge.target))
        theme = self.theme
        return (theme.inner, theme.cluster)[level % 2] if level else theme.background

    def _around(self, name: str) -> set[str]:
        found = set()
        while name in self.parents:
            name = self.parents[name]
            found.add(name)
        return found

    def room(self) -> str:
        """A blank label: left to right, it keeps a skip low and off the heading."""
        return attributes(label=BLANK)

    def beside(self, edge: Edge) -> str:
        """The label to the right of an edge that goes straight down.

        No room is kept for it, so the edge stays straight in narrow clusters too.
        """
        words = self.words(edge)
        if not words:
            return ""
        right, down = LETTER * len(words) / 2 + 4, 9
        return attributes(
            taillabel=graphviz.escape(words),
            labelangle=f"{math.degrees(math.atan2(right, down)):.0f}",
            labeldistance=f"{math.hypot(right, down) / 10:.2f}",
        )
