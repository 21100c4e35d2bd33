"""The drawing model -> DOT."""

from collections.abc import Iterator

from netspec.draw.labels import ON_TINT, TINTS, bold, small
from netspec.draw.look import DEFAULT, Look
from netspec.draw.model import Drawing, Item
from netspec.draw.statements import Statements, attributes
from netspec.draw.wires import Wires


def to_dot(drawing: Drawing, look: Look = DEFAULT) -> str:
    """DOT text of a drawing that was cut to what is to be seen."""
    write = Statements(drawing, look)
    lines = [write.opening(drawing, label=_title(drawing, look), labelloc="t")]
    legend = attributes(
        label=_legend(drawing, look), labelloc="b", penwidth="0", margin="4"
    )
    lines.append(f"\tsubgraph {{\n\tcluster=true\n\tgraph [{legend}]")
    lines += _parts(write, drawing)
    lines.append("\t}")
    lines += _edges(write, drawing, look)
    return "\n".join([*lines, "}"]) + "\n"


def _parts(write: Statements, drawing: Drawing) -> Iterator[str]:
    """The network; with blocks beside it, each in an unseen frame, from the left."""
    parts = (drawing.items, *((block,) for block in drawing.beside))
    apart = attributes(label="", style="solid", penwidth="0", margin="6")
    for items in parts:
        if drawing.beside:
            yield f"\t\tsubgraph {{\n\tcluster=true\n\tgraph [{apart}]"
        for item in items:
            yield from _item(write, item, 0)
        if drawing.beside:
            yield "\t\t}"


def _item(write: Statements, item: Item, level: int) -> Iterator[str]:
    pad = "\t" * (level + 2)
    if not item.children:
        yield pad + write.leaf(item)
        return
    yield pad + write.cluster(item, level)
    for child in item.children:
        yield from _item(write, child, level + 1)
    yield pad + "}"


def _edges(write: Statements, drawing: Drawing, look: Look) -> Iterator[str]:
    wires = Wires(drawing)
    labelled = wires.labelled()
    for edge in drawing.edges:
        label = ""
        if edge in labelled:
            straight = look.direction == "TB" and wires.is_plain(edge)
            label = write.beside(edge) if straight else write.across(edge)
        elif look.direction == "LR" and wires.is_skip(edge):
            label = write.room()
        head = wires.head(edge)
        yield "\t" + write.edge(
            edge,
            label,
            weight=str(wires.weight(edge)),
            lhead=f"cluster:{head}" if head else None,
        )


def _title(drawing: Drawing, look: Look) -> str:
    title = drawing.name if look.title is None else look.title
    if not bold(title):
        return ""
    lines = [bold(title, 80), small(drawing.facts, look.theme.muted, 120)]
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines if line)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>>'


def _legend(drawing: Drawing, look: Look) -> str:
    entries = legend(drawing, look)
    if not entries:
        return ""
    cells = [
        f'<TD BGCOLOR="{fill}">{small(word, _ink(fill, look))}</TD>'
        for word, fill in entries
    ]
    lines = [cells[start : start + 4] for start in range(0, len(cells), 4)]
    rows = "".join(f"<TR>{''.join(line)}</TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLSPACING="4">{rows}</TABLE>>'


def _ink(fill: str, look: Look) -> str:
    return ON_TINT if fill in TINTS.values() else look.theme.text


def legend(drawing: Drawing, look: Look) -> list[tuple[str, str]]:
    """What the colours mean: words and colours, for those that are seen."""
    theme = look.theme
    changes = {item.change for item in drawing.walk()}
    if any(changes):
        return [(word, tint) for word, tint in TINTS.items() if word in changes]
    if look.heat:
        what = {"params": "parameters", "macs": "multiply-adds"}[look.heat]
        steps = (("none", 0.0), ("", 0.25), ("", 0.5), (f"most {what}", 1.0))
        return [(word or " ", theme.heat(share)) for word, share in steps]
    seen = {
        row.category
        for item in drawing.walk()
        for row in item.rows
        if item.kind == "layers"
    }
    return [(name, fill) for name, fill in theme.fills.items() if name in seen]
