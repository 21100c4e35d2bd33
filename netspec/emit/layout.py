"""Lays code out in lines of at most 88 columns, the way a formatter would."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 88
INDENT = "    "


class Group(NamedTuple):
    """A bracketed list: `head` ends in the opening bracket, `tail` is the closing one."""

    head: str
    items: tuple["Code", ...]
    tail: str = ")"


Code = str | Group


def flat(code: Code) -> str:
    """The code on one line."""
    if isinstance(code, str):
        return code
    return code.head + ", ".join(flat(item) for item in code.items) + code.tail


def lay(code: Code, depth: int, before: str = "", after: str = "") -> list[str]:
    """The code in lines at an indentation, `before` and `after` on its ends."""
    pad = INDENT * depth
    line = pad + before + flat(code) + after
    if len(line) <= WIDTH or isinstance(code, str) or not code.items:
        return [line]
    inside = INDENT * (depth + 1) + ", ".join(flat(item) for item in code.items)
    starred = any(flat(item).startswith("*") for item in code.items)
    if (
        len(inside) <= WIDTH and len(code.items) == 1 and isinstance(code.items[0], str)
    ) or (len(inside) <= WIDTH and not starred and len(code.items) > 1):
        body = [inside]
    else:
        body = [line for item in code.items for line in lay(item, depth + 1, after=",")]
        if (
            len(code.items) == 1 and flat(code.items[0]).startswith("*")
        ) or _is_generator(code):
            body[-1] = body[-1].removesuffix(",")
    return [pad + before + code.head, *body, pad + code.tail + after]


def _is_generator(code: Group) -> bool:
    return len(code.items) == 1 and " for " in flat(code.items[0])


def docstring(text: str, depth: int) -> list[str]:
    """A docstring, wrapped; backslashes and quotes cannot end it early."""
    from textwrap import wrap

    pad = INDENT * depth
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    clean = clean.replace("\\", "\\\\").replace('"""', "'''").strip()
    clean = clean + " " if clean.endswith('"') else clean
    if len(pad) + len(clean) + 6 <= WIDTH and "\n" not in clean:
        return [f'{pad}"""{clean}"""']
    width = WIDTH - len(pad) - 6  # room for the quotes, which may stand on any line
    lines = [line for part in clean.split("\n") for line in wrap(part, width) or [""]]
    return [
        f'{pad}"""{lines[0]}',
        *((pad + line).rstrip() for line in lines[1:]),
        f'{pad}"""',
    ]


def literal(value: object) -> str:
    """A value as Python writes it; text in double quotes."""
    match value:
        case str():
            return '"' + repr("'" + value)[2:-1].replace('"', '\\"') + '"'
        case tuple():
            inside = ", ".join(literal(item) for item in value)
            return f"({inside},)" if len(value) == 1 else f"({inside})"
        case _:
            return repr(value)


def blank_separated(blocks: Sequence[list[str]], count: int) -> list[str]:
    """Blocks of lines with `count` empty lines between them."""
    lines: list[str] = []
    for block in blocks:
        if lines and block:
            lines += [""] * count
        lines += block
    return lines
