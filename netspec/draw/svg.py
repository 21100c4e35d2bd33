"""Makes Graphviz's SVG a good citizen: titled, described, and fit to any width."""

import re
from html import escape, unescape

from netspec.draw.labels import clean
from netspec.draw.model import Drawing
from netspec.draw.style import FAMILIES, FONT
from netspec.draw.widths import width

PROLOGUE = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
EDGE_TITLE = re.compile(r"(class=\"edge\">\n)<title>[^<]*</title>\n")
TEXT = re.compile(r"<text ([^>]*?) font-size=\"([\d.]+)\"([^>]*)>([^<]+)</text>")
OPENING = re.compile(r"<svg ([^>]*)>")


def finish(svg: str, drawing: Drawing) -> str:
    """The picture with a title and a description for those who cannot see it.

    Text stays text, so that it can be selected, searched and read aloud.
    """
    svg = COMMENT.sub("", PROLOGUE.sub("", svg))
    svg = EDGE_TITLE.sub(r"\1", svg)
    svg = TEXT.sub(_fitted, svg)
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


def _fitted(match: re.Match[str]) -> str:
    """Text that keeps its width, and so its place, in whatever font a viewer has."""
    before, size, after, text = match.groups()
    bold = 'font-weight="bold"' in before
    length = width(unescape(text), float(size), bold=bold)
    if length is None:
        return match.group()
    fit = f'textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text {before} font-size="{size}" {fit}{after}>{text}</text>'


def describe(drawing: Drawing) -> str:
    """The drawing in words: what it is, and its parts in order."""
    parts = [
        f"{item.times} times {called}" if item.times > 1 else called
        for item in drawing.items
        if item.kind in ("layers", "block")
        for called in (f"{item.head.name} {item.head.type}".strip(),)
    ]
    return f"{drawing.doc} {drawing.facts}. In order: {', '.join(parts)}."
