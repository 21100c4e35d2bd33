"""A theme by name, or from a YAML file that changes one of the themes."""

import re

from netspec import source
from netspec.diagnostics import Findings
from netspec.draw.asked import choose
from netspec.draw.style import THEMES, Theme
from netspec.errors.draw import BadTheme
from netspec.source import Entry, Mapping, Scalar, Tree
from netspec.spelling import did_you_mean

COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def theme(name: str) -> Theme:
    """The theme `light`, `dark` or `print`, or that of a file. Raises SpecError.

    A file is a mapping of colours, of `fills` by category, and of `base`:
    `{base: light, background: "#fffff8", fills: {convolution: "#88aaff"}}`.
    """
    if not name.endswith((".yaml", ".yml")):
        return THEMES[choose("theme", name, THEMES)]
    findings = Findings()
    entries = dict(_mapping(source.read(name), findings).entries)
    base = THEMES[_base(entries.pop("base", None), findings)]
    fills = dict(base.fills)
    if "fills" in entries:
        changed = _mapping(entries.pop("fills").value, findings).entries
        fills |= _colors(changed, set(fills), "category", findings)
    known = set(Theme._fields) - {"name", "fills"}
    colors = _colors(entries, known, "colour", findings)
    findings.stop()
    return base._replace(**colors, fills=fills)


def _base(entry: Entry | None, findings: Findings) -> str:
    """The name of the theme that a file changes."""
    if entry is None:
        return "light"
    given = _text(entry.value)
    if given in THEMES:
        return given
    advice = did_you_mean(given, THEMES, f"themes: {', '.join(THEMES)}")
    reason = f"there is no theme `{given}`" if given else "expected a theme's name"
    findings.add(BadTheme, entry.value.span, reason=reason, advice_text=advice)
    return "light"


def _colors(
    entries: dict[str, Entry], known: set[str], what: str, findings: Findings
) -> dict[str, str]:
    found = {}
    for name, entry in entries.items():
        color, span = _text(entry.value), entry.key.span
        if name not in known:
            names = ", ".join(sorted(known))
            advice = did_you_mean(name, known, f"{what}s: {names}")
            reason = f"there is no {what} `{name}`"
            findings.add(BadTheme, span, reason=reason, advice_text=advice)
            if name == "netspec":  # a spec, of which every line would be told
                break
        elif not COLOR.fullmatch(color):
            reason = "expected a colour like '#8cc3fc', in quotes"
            findings.add(BadTheme, entry.value.span, reason=reason)
        else:
            found[name] = color.lower()
    return found


def _mapping(tree: Tree, findings: Findings) -> Mapping:
    if not isinstance(tree, Mapping):
        findings.add(BadTheme, tree.span, reason="expected a mapping of colours")
        findings.stop()
    assert isinstance(tree, Mapping)
    return tree


def _text(tree: Tree) -> str:
    return tree.text if isinstance(tree, Scalar) else ""
