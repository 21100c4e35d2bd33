"""What is written in boxes: Graphviz's HTML-like labels, all text escaped."""

import re
from html import escape
from urllib.parse import quote as percent

from netspec.counts import count
from netspec.draw.look import Look
from netspec.draw.model import Drawing, Edge, Item, Row

UNPRINTABLE = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
SMALL = 8.5
LONGEST = 60
CHANGES = {"added": "#1a7f37", "removed": "#cf222e", "changed": "#9a6700"}
TINTS = {"added": "#aceebb", "removed": "#ffc9c3", "changed": "#fae17d"}
ON_TINT = "#1b1f24"  # text on a tint, in any theme
CHANGE_SIGNS = {"added": "+ ", "removed": "− ", "changed": "~ "}


def clean(given: str, most: int = LONGEST) -> str:
    """One line of text that XML can hold, cut to `most` characters."""
    line = " ".join(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", given).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def quote(given: str, most: int = LONGEST) -> str:
    """Text as it can stand in a label."""
    return escape(clean(given, most))


def small(given: str, color: str, most: int = LONGEST) -> str:
    """Muted small text; nothing for no text, which Graphviz refuses."""
    words = quote(given, most)
    if not words:
        return ""
    return f'<FONT POINT-SIZE="{SMALL}" COLOR="{color}">{words}</FONT>'


def bold(given: str, most: int = LONGEST) -> str:
    """Bold text; nothing for no text."""
    words = quote(given, most)
    return f"<B>{words}</B>" if words else ""


class Labels:
    """Writes the labels of one drawing."""

    def __init__(self, drawing: Drawing, look: Look) -> None:
        self.look = look
        self.theme = look.theme
        boxes = [item for item in drawing.walk() if not item.children]
        costs = [self._cost(item, row) for item in boxes for row in _rows(item)]
        self.most = max(costs, default=0) or 1

    def tooltip(self, item: Item) -> str:
        """All that is known of an item's heading, a line each."""
        return self.facts(item.head) if item.kind != "fork" else item.head.name

    def facts(self, row: Row) -> str:
        """All that is known of a row, a line each."""
        cost = [f"{count(row.parameters)} parameters"] if row.parameters else []
        cost += [f"{count(row.macs)} multiply-adds"] if row.macs else []
        lines = [
            f"{row.path}  {row.type}",
            row.doc,
            ", ".join(f"{name} {given}" for name, given in row.details),
            f"→ {row.shape}" if row.shape else "",
            ", ".join(cost),
            f"{row.place.file}:{row.place.line}" if row.place else "",
        ]
        return "\n".join(clean(line, 400) for line in lines if line)

    def _cost(self, item: Item, row: Row) -> int:
        if self.look.heat is None or (row is item.title and item.rows):
            return 0
        cost = row.parameters if self.look.heat == "params" else row.macs or 0
        return cost if item.alike else cost * item.times

    def fill(self, item: Item, row: Row) -> str:
        """The colour behind a row: of its category, or of its cost."""
        if self.look.heat is not None and (row.category or item.kind == "block"):
            return self.theme.heat((self._cost(item, row) / self.most) ** 0.5)
        return self.theme.fills.get(row.category, self.theme.block)

    def mark(self, item: Item) -> str:
        """The colour of a join, an input or an output."""
        return TINTS.get(item.change, self.theme.block)

    def border(self, item: Item) -> str:
        """The colour of the border of an open block."""
        return CHANGES.get(item.change, self.theme.border)

    def edge_color(self, edge: Edge) -> str | None:
        """The colour of an edge, where it is not like the others."""
        return CHANGES.get(edge.change)

    def box(self, item: Item) -> str:
        """A stack of layers, or a closed block, as one table."""
        rows = [self.row(item, row) for row in _rows(item)]
        width = 3 if item.change else 2 if item.kind == "block" else 1
        color = CHANGES.get(item.change, self.theme.line)
        return (
            f'<TABLE BORDER="{width}" COLOR="{color}" CELLBORDER="0" '
            f'CELLSPACING="-1" CELLPADDING="3">{"".join(rows)}</TABLE>'
        )

    def row(self, item: Item, row: Row) -> str:
        """Name, type with arguments, and cost as one row of a table."""
        fill = self.fill(item, row)
        times = item.times if row is item.head else 1
        sign = CHANGE_SIGNS.get(item.change, "") if row is item.head else ""
        name = small(sign + self.name(row), self.theme.faint)
        words = self.words(row, times)
        cost = small(self.cost(row, times, item.alike), self.theme.faint)
        left = f'ALIGN="LEFT" BGCOLOR="{fill}"'
        if row is item.title and item.rows:  # a heading, not in the columns below it
            said = "  ".join(part for part in (name, words.strip()) if part) or " "
            inside = f'<TD COLSPAN="2" {left}{self.anchor(row)}>{said}</TD>'
        else:
            inside = f"<TD {left}>{name}</TD><TD {left}{self.anchor(row)}>{words}</TD>"
        inside += f'<TD ALIGN="RIGHT" BGCOLOR="{fill}">{cost}</TD>'
        return f"<TR>{inside}</TR>"

    def name(self, row: Row) -> str:
        """The node's name, if names are wanted."""
        return row.name if "names" in self.look.show else ""

    def anchor(self, row: Row) -> str:
        """The attributes that make a cell a link to the line it was written on."""
        title = (
            escape(self.facts(row)).replace("\n", "&#10;").replace("\\", "&#92;&#92;")
        )
        address = escape(self.address(row)).replace("\\", "%5C")
        return (f' HREF="{address}"' if address else "") + f' TITLE="{title}"'

    def address(self, row: Row) -> str:
        """Where the row links to; empty where nothing is known."""
        if not self.look.link or row.link is None:
            return ""
        path, line = percent(clean(row.link.file, 4096)), str(row.link.line)
        return self.look.link.replace("{path}", path).replace("{line}", line)

    def words(self, row: Row, times: int = 1) -> str:
        """`Conv2d 7×7, 64 ×2` with the type in bold."""
        parts = (
            bold(row.type),
            quote(row.arguments),
            f"<B>×{times}</B>" if times > 1 else "",
        )
        return " ".join(part for part in parts if part) or " "

    def cost(self, row: Row, times: int = 1, alike: bool = False) -> str:
        """Parameters and multiply-adds, as far as they are wanted.

        Of equal neighbours each one's; of those that are merely alike the sum.
        """
        sign = ("Σ " if alike else f"{times} × ") if times > 1 else ""
        parts = []
        if "params" in self.look.show and row.parameters:
            parts.append(f"{sign}{count(row.parameters)}")
        if "macs" in self.look.show and row.macs:
            parts.append(f"{sign}{count(row.macs)} MACs")
        return " · ".join(parts)

    def cluster(self, item: Item) -> str:
        """The heading of an open block."""
        row = item.head
        kind = clean(f"{row.type} {row.arguments}", 40)
        cost = self.cost(row, item.times, item.alike)
        parts = (
            bold(CHANGE_SIGNS.get(item.change, "") + row.name),
            small(kind, self.theme.muted),
            f"<B>×{item.times}</B>" if item.times > 1 else "",
            small(cost, self.theme.muted),
        )
        return "  ".join(part for part in parts if part) or " "

    def door(self, row: Row) -> str:
        """An input or output of the network."""
        rest = small(row.arguments, self.theme.muted)
        return bold(row.name) + (f"  {rest}" if rest else "")


def _rows(item: Item) -> list[Row]:
    return [row for row in (item.title, *item.rows) if row is not None]
