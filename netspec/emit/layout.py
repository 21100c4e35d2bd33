"""Lays code out in lines of at most 88 columns, the way a formatter would."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from netspec.graph import Node

WIDTH = 88
INDENT = "    "


class Group(NamedTuple):
    """A bracketed list: `head` ends in the opening bracket, `tail` closes it."""

    head: str
    items: tuple["Code", ...]
    tail: str = ")"


class Pair(NamedTuple):
    """`"norm0": nn.BatchNorm2d(64)`, or with `=` between."""

    key: str
    value: "Code"


class Loop(NamedTuple):
    """`Layer(64) for i in range(6)`: what a comprehension holds."""

    item: "Code"
    clause: str


class Either(NamedTuple):
    """`then if condition else otherwise`."""

    then: "Code"
    condition: str
    otherwise: str


Code = str | Group | Pair | Loop | Either


class Line(str):
    """A line of a `forward`, and the node that it was written for."""

    node: "Node"

    @classmethod
    def of(cls, text: str, node: "Node") -> "Line":
        line = cls(text)
        line.node = node
        return line


CALL = re.compile(r"([\w.=]+\()(.+)(\)\.\w+\([\w, ]*\))")


def call_of(text: str) -> Code:
    """The text of a call with a method on it, so that it can be laid in lines."""
    found = CALL.fullmatch(text)
    if found is None:
        return text
    head, inside, tail = found.groups()
    return Group(head, tuple(inside.split(", ")), tail)


def flat(code: Code) -> str:
    """The code on one line."""
    match code:
        case str():
            return code
        case Group():
            return code.head + ", ".join(map(flat, code.items)) + code.tail
        case Pair():
            return code.key + flat(code.value)
        case Loop():
            return f"{flat(code.item)} {code.clause}"
        case Either():
            return f"{flat(code.then)} if {code.condition} else {code.otherwise}"


def lay(code: Code, depth: int, before: str = "", after: str = "") -> list[str]:
    """The code in lines at an indentation, `before` and `after` on its ends."""
    pad = INDENT * depth
    line = pad + before + flat(code) + after
    if len(line) <= WIDTH:
        return [line]
    match code:
        case Group() if code.items:
            return [
                pad + before + code.head,
                *_inside(code, depth),
                pad + code.tail + after,
            ]
        case Pair():
            return lay(code.value, depth, before + code.key, after)
        case Loop():
            return [*lay(code.item, depth, before), pad + code.clause + after]
        case Either():
            condition = f"{pad}if {code.condition}"
            return [
                *lay(code.then, depth, before),
                condition,
                f"{pad}else {code.otherwise}{after}",
            ]
    return [line]


def _inside(group: Group, depth: int) -> list[str]:
    """A group's items: all on one line if that reads well, else one a line."""
    line = INDENT * (depth + 1) + ", ".join(map(flat, group.items))
    several = len(group.items) > 1
    structured = any(
        isinstance(i, Pair) or flat(i).startswith("*") for i in group.items
    )
    if len(line) <= WIDTH and not (several and structured):
        return [line]
    if not several and isinstance(group.items[0], Loop | Either):
        return lay(group.items[0], depth + 1)
    return [line for item in group.items for line in lay(item, depth + 1, after=",")]


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


class Raw:
    """Python text that stands for a value as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def literal(value: object) -> str:
    """A value as Python writes it; text in double quotes, unless it holds some."""
    match value:
        case str() if '"' not in value:
            return '"' + repr("'" + value)[2:-1] + '"'  # the ' makes repr choose "
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
