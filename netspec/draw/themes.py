"""A theme by name, or from a YAML file that changes one of the themes."""

import re

from netspec import source
from netspec.diagnostics import Span, SpecError, did_you_mean
from netspec.draw.asked import choose
from netspec.draw.style import THEMES, Theme
from netspec.errors.draw import BadTheme
from netspec.source import Entry, Mapping, Scalar, Tree

COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def theme(name: str) -> Theme:
    """The theme `light`, `dark` or `print`, or that of a file. Raises SpecError.

    A file is a mapping of colours, of `fills` by category, and of `base`:
    `{base: light, background: "#fffff8", fills: {convolution: "#88aaff"}}`.
    """
    if not name.endswith((".yaml", ".yml")):
        return THEMES[choose("theme", name, THEMES)]
    tree = _mapping(source.read(name))
    entries = dict(tree.entries)
    base = THEMES["light"]
    if "base" in entries:
        given = entries.pop("base").value
        base = THEMES[choose("theme", _text(given), THEMES)]
    fills = dict(base.fills)
    if "fills" in entries:
        changed = _mapping(entries.pop("fills").value).entries
        fills |= _colors(changed, set(fills), "category")
    known = set(Theme._fields) - {"name", "fills"}
    return base._replace(**_colors(entries, known, "colour"), fills=fills)


def _colors(entries: dict[str, Entry], known: set[str], what: str) -> dict[str, str]:
    found = {}
    for name, entry in entries.items():
        if name not in known:
            advice = did_you_mean(name, known, f"{what}s: {_list(known)}")
            raise _bad(entry.key.span, f"there is no {what} `{name}`", advice)
        color = _text(entry.value)
        if not COLOR.fullmatch(color):
            raise _bad(entry.value.span, "expected a colour like '#8cc3fc', in quotes")
        found[name] = color.lower()
    return found


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _mapping(tree: Tree) -> Mapping:
    if not isinstance(tree, Mapping):
        raise _bad(tree.span, "expected a mapping of colours")
    return tree


def _text(tree: Tree) -> str:
    return tree.text if isinstance(tree, Scalar) else ""


def _bad(span: Span, reason: str, advice: str | None = None) -> Exception:
    return SpecError(BadTheme(span=span, reason=reason, advice_text=advice))
