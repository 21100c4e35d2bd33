"""Makes Graphviz's SVG a good citizen: titled, described, and fit to any width."""

import re
from html import escape

from netspec.draw.labels import clean
from netspec.draw.model import Drawing
from netspec.draw.style import FAMILIES, FONT

PROLOGUE = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
EDGE_TITLE = re.compile(r"(class=\"edge\">\n)<title>[^<]*</title>\n")
OPENING = re.compile(r"<svg ([^>]*)>")


def finish(svg: str, drawing: Drawing) -> str:
    """The picture with a title and a description for those who cannot see it.

    Text stays text, so that it can be selected, searched and read aloud.
    """
    svg = COMMENT.sub("", PROLOGUE.sub("", svg))
    svg = EDGE_TITLE.sub(r"\1", svg)
    svg = svg.replace(f'font-family="{FONT}"', f'font-family="{FAMILIES}"')
    name = f"netspec-{re.sub(r'[^A-Za-z0-9_-]', '-', drawing.name)}"
    head = (
        f'<title id="{name}-title">{escape(clean(drawing.name))}</title>\n'
        f'<desc id="{name}-desc">{escape(clean(describe(drawing), 2000))}</desc>\n'
    )
    attributes = (
        f'role="img" aria-labelledby="{name}-title {name}-desc" '
        'style="max-width: 100%; height: auto"'
    )
    svg = OPENING.sub(
        lambda match: f"<svg {match.group(1)} {attributes}>\n{head}", svg, count=1
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}'


def describe(drawing: Drawing) -> str:
    """The drawing in words: what it is, and its parts in order."""
    parts = [
        f"{item.times} times {item.head.name} {item.head.type}"
        if item.times > 1
        else f"{item.head.name} {item.head.type}"
        for item in drawing.items
        if item.kind in ("layers", "block")
    ]
    return f"{drawing.doc} {drawing.facts}. In order: {', '.join(parts)}."
