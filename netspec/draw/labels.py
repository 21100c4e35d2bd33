"""What is written in boxes: Graphviz's HTML-like labels, all text escaped."""

import re
from html import escape

from netspec.draw import text
from netspec.draw.model import Item, Row
from netspec.draw.style import Theme

UNPRINTABLE = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SMALL = 8.5
LONGEST = 60


def clean(given: str, most: int = LONGEST) -> str:
    """One line of text that XML can hold, cut to `most` characters."""
    line = " ".join(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", given).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def quote(given: str) -> str:
    """Text as it can stand in a label."""
    return escape(clean(given))


def small(given: str, color: str) -> str:
    """Muted small text; nothing for no text, which Graphviz refuses."""
    if not given:
        return ""
    return f'<FONT POINT-SIZE="{SMALL}" COLOR="{color}">{quote(given)}</FONT>'


class Labels:
    """Writes labels in a theme; `show` says which facts are wanted."""

    def __init__(self, theme: Theme, show: frozenset[str]) -> None:
        self.theme = theme
        self.show = show

    def box(self, item: Item) -> str:
        """A stack of layers, or a closed block: one table."""
        rows = []
        if item.title is not None:
            badge = f" ×{item.times}" if item.times > 1 else ""
            rows.append(self.row(item.title, self.theme.block, bold=True, badge=badge))
        for row in item.rows:
            badge = f" ×{item.times}" if item.times > 1 and item.title is None else ""
            rows.append(self.row(row, self.fill(row), badge=badge))
        width = 2 if item.kind == "block" and item.rows == () else 1
        return (
            f'<TABLE BORDER="{width}" COLOR="{self.theme.line}" CELLBORDER="0" '
            f'CELLSPACING="-1" CELLPADDING="3">{"".join(rows)}</TABLE>'
        )

    def fill(self, row: Row) -> str:
        """The colour behind a row."""
        return self.theme.fills.get(row.category, self.theme.block)

    def row(self, row: Row, fill: str, *, bold: bool = False, badge: str = "") -> str:
        """Name, type with arguments, and cost as one row of a table."""
        names = row.name if "names" in self.show else ""
        cells = [
            small(names, self.theme.muted),
            self.words(row, badge),
            small(self.cost(row), self.theme.muted),
        ]
        sides = ("LEFT", "LEFT", "RIGHT")
        inside = "".join(
            f'<TD ALIGN="{side}" BGCOLOR="{fill}">{cell}</TD>'
            for side, cell in zip(sides, cells, strict=True)
        )
        return f"<TR>{inside}</TR>"

    def words(self, row: Row, badge: str = "") -> str:
        """`Conv2d 7×7, 64` with the type in bold."""
        name = f"<B>{quote(row.type)}</B>" if row.type else ""
        rest = f" {quote(row.arguments)}" if row.arguments else ""
        return (
            name + rest + (f" <B>{quote(badge.strip())}</B>" if badge else "")
        ) or " "

    def cost(self, row: Row) -> str:
        """Parameters and multiply-adds, as far as they are wanted."""
        parts = []
        if "params" in self.show and row.parameters:
            parts.append(text.count(row.parameters))
        if "macs" in self.show and row.macs:
            parts.append(f"{text.count(row.macs)} MACs")
        return " · ".join(parts)

    def cluster(self, item: Item) -> str:
        """The heading of an open block."""
        row = item.head
        name = f"<B>{quote(row.name)}</B>" if row.name else ""
        kind = f"{row.type} {row.arguments}".strip()
        badge = f"<B>×{item.times}</B>" if item.times > 1 else ""
        parts = [name, small(kind, self.theme.muted), badge]
        parts.append(small(self.cost(row), self.theme.muted))
        return "  ".join(part for part in parts if part)

    def door(self, row: Row) -> str:
        """An input or output of the network."""
        parts = [f"<B>{quote(row.name)}</B>"]
        if "shapes" in self.show:
            parts.append(small(row.shape, self.theme.muted))
        parts.append(small(row.arguments, self.theme.muted))
        return "  ".join(part for part in parts if part)
