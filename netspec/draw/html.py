"""The interactive page: one file that makes no request.

Everything is in it: the model, Graphviz as WebAssembly, and the scripts. A strict
content security policy names each script and style by its hash, so that nothing a spec
says could ever run.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from netspec.draw.dot import legend
from netspec.draw.labels import clean
from netspec.draw.look import Look
from netspec.draw.model import Drawing, Edge, Item, Row
from netspec.draw.render import FONTS
from netspec.draw.statements import Statements
from netspec.draw.style import DARK, FONT, Theme

METRICS = "Arial"  # the sans-serif whose widths Graphviz knows without a font
FOLDER = Path(__file__).parent / "page"
SCRIPTS = (
    "vendor/viz-global.js", "vendor/svg-pan-zoom.min.js",
    "model.js", "panel.js", "canvas.js", "app.js",
)  # fmt: skip


def page(drawing: Drawing, opened: Iterable[str], look: Look, live: str = "") -> str:
    """The page of a drawing with all its blocks; those `opened` are so at first.

    `live` is the address at which `netspec view` tells of changes.
    """
    model = json.dumps(page_model(drawing, opened, look, live), ensure_ascii=False)
    style = f"{_font_faces()}\n{_read('page.css')}"
    scripts = [_read(name) for name in SCRIPTS]
    parts = {
        "policy": _policy(style, scripts, live),
        "title": escape(clean(drawing.name)),
        "style": style,
        "model": _harmless(model),
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    return _read("page.html").format_map(parts)


def page_model(
    drawing: Drawing, opened: Iterable[str], look: Look, live: str = ""
) -> dict[str, Any]:
    """What the scripts work on: DOT for each item, open and closed, and its facts."""
    token, colors = _tokens(look)
    write = Statements(drawing, look._replace(theme=token, link="", direction="TB"))
    parents = drawing.parents()
    return {
        "name": clean(drawing.name),
        "title": clean(drawing.name if look.title is None else look.title),
        "doc": drawing.doc,
        "facts": drawing.facts,
        "opening": write.opening(drawing).replace(FONT, METRICS),
        "items": [_item(write, item, parents) for item in drawing.walk()],
        "edges": [_edge(write, edge) for edge in drawing.edges],
        "room": write.room(),
        "open": sorted(opened),
        "legend": legend(drawing, write.look),
        "sources": dict(drawing.sources),
        "colors": colors,
        "direction": look.direction,
        "theme": "dark" if look.theme.name == "dark" else "auto",
        "live": live,
    }


def _item(write: Statements, item: Item, parents: dict[str, str]) -> dict[str, Any]:
    rows = [row for row in (item.title, *item.rows) if row is not None]
    words = (word for row in rows for word in (row.path, row.type, row.arguments))
    closed = {
        "id": item.id,
        "parent": parents.get(item.id, ""),
        "kind": item.kind,
        "times": item.times,
        "leaf": write.leaf(item._replace(children=())),
        "rows": [_row(row) for row in rows],
        "tip": write.labels.tooltip(item),
        "label": clean(f"{item.head.name} {item.head.type} {item.head.arguments}"),
        "find": " ".join(words).lower() if item.kind != "fork" else "",
    }
    if not item.children:
        return closed
    return closed | {"cluster": write.cluster(item, 0), "inner": write.cluster(item, 1)}


def _row(row: Row) -> dict[str, Any]:
    place = row.place and {"file": row.place.file, "line": row.place.line}
    facts = {
        "path": row.path, "type": f"{row.type} {row.arguments}".strip(),
        "details": row.details, "shape": row.shape, "parameters": row.parameters,
        "macs": row.macs, "doc": row.doc, "place": place,
    }  # fmt: skip
    return {name: fact for name, fact in facts.items() if fact}


def _edge(write: Statements, edge: Edge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "target": edge.target,
        "shape": edge.shape,
        "name": edge.name,
        "main": edge.main,
        "beside": write.beside(edge),
        "across": write.across(edge),
        "rest": write.rest(edge),
    }


def _tokens(look: Look) -> tuple[Theme, dict[str, dict[str, str]]]:
    """A theme of stand-ins, and what each stands for in a light and a dark page."""
    theme, codes = look.theme, (f"#fe{number:04x}" for number in range(0x10000))
    names = [name for name in Theme._fields if name not in ("name", "fills")]
    fixed = {"cold", "hot"} if look.heat else set()
    tokens = {name: next(codes) for name in names if name not in fixed}
    fills = {category: next(codes) for category in theme.fills}
    others = {"light": theme, "dark": theme if look.heat else DARK}
    colors = {
        name: {token: getattr(other, field) for field, token in tokens.items()}
        | {token: other.fills[category] for category, token in fills.items()}
        for name, other in others.items()
    }
    return theme._replace(**tokens, fills=fills), colors


@cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _font_faces() -> str:
    faces = []
    for file, weight in (("Roboto-Regular", 400), ("Roboto-Bold", 700)):
        data = b64encode((FONTS / f"{file}.ttf").read_bytes()).decode()
        faces.append(
            f'@font-face {{ font-family: "{FONT}"; font-weight: {weight}; '
            f'src: url("data:font/ttf;base64,{data}"); }}'
        )
    return "\n".join(faces)


def _policy(style: str, scripts: list[str], live: str) -> str:
    hashes = " ".join(_hash(script) for script in scripts)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {hashes} 'wasm-unsafe-eval'",
            f"style-src {_hash(style)}",
            "font-src data:",
            "connect-src 'self'" if live else "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _harmless(text: str) -> str:
    """JSON that cannot end the script element it stands in."""
    text = text.encode(errors="replace").decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
