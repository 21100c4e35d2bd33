"""The drawing model -> Mermaid, which renders where Markdown does."""

from collections.abc import Iterator

from netspec.counts import count
from netspec.draw.labels import clean
from netspec.draw.look import DEFAULT, Look
from netspec.draw.model import Drawing, Item, Row
from netspec.draw.statements import SIGNS
from netspec.draw.wires import Wires

SHAPES = {"input": ("([", "])"), "output": ("([", "])"), "join": ("((", "))")}
SPECIAL = {ord(c): f"#{ord(c)};" for c in "\"#<>&\\`'()[]{}|;%:/"}


def to_mermaid(drawing: Drawing, look: Look = DEFAULT) -> str:
    """A Mermaid flowchart of a drawing that was cut to what is to be seen."""
    names = {item.id: f"n{number}" for number, item in enumerate(drawing.walk())}
    lines = [f"flowchart {look.direction}"]
    for item in (*drawing.items, *drawing.beside):
        lines += _item(item, names, look, "  ")
    wires = Wires(drawing)
    labelled = wires.labelled()
    for edge in drawing.edges:
        label = f'|"{quote(edge.shape)}"|' if edge in labelled else ""
        lines.append(f"  {names[edge.source]} -->{label} {names[edge.target]}")
    for category, fill in look.theme.fills.items():
        members = [
            names[item.id]
            for item in drawing.walk()
            if item.kind == "layers" and item.rows[0].category == category
        ]
        if members:
            style = f"fill:{fill},stroke:{look.theme.line},color:{look.theme.text}"
            lines.append(f"  classDef {category} {style}")
            lines.append(f"  class {','.join(members)} {category}")
    return "\n".join(lines) + "\n"


def quote(given: str) -> str:
    """Text as it can stand between quotes: every sign of Mermaid's own as a code."""
    return clean(given).translate(SPECIAL)


def _item(item: Item, names: dict[str, str], look: Look, pad: str) -> Iterator[str]:
    name = names[item.id]
    if item.children:
        yield f'{pad}subgraph {name}["{_line(item.head, item.times, look)}"]'
        for child in item.children:
            yield from _item(child, names, look, pad + "  ")
        yield f"{pad}end"
        return
    if item.kind == "fork":
        yield f'{pad}{name}(("·"))'
        return
    left, right = SHAPES.get(item.kind, ("[", "]"))
    yield f'{pad}{name}{left}"{_label(item, look)}"{right}'


def _label(item: Item, look: Look) -> str:
    if item.kind == "join":
        return quote(SIGNS.get(item.rows[0].type, item.rows[0].type))
    if item.kind in ("input", "output"):
        return quote(f"{item.rows[0].name} {item.rows[0].arguments}")
    rows = [row for row in (item.title, *item.rows) if row is not None]
    return "<br/>".join(
        _line(row, item.times if row is item.head else 1, look) for row in rows
    )


def _line(row: Row, times: int, look: Look) -> str:
    words = [row.name if "names" in look.show else "", row.type, row.arguments]
    words.append(f"×{times}" if times > 1 else "")
    if "params" in look.show and row.parameters:
        words.append(f"· {count(row.parameters)}")
    return quote(" ".join(word for word in words if word))
