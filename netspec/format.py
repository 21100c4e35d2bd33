"""One style for specs: indentation, spacing and blank lines, all else as written.

A file is laid out line by line from its YAML tokens, so comments, anchors, quotes and
order stay; what comes out is read again and must say the same.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from netspec import limits as limits_
from netspec import source
from netspec.diagnostics import Source, SpecError
from netspec.limits import Limits

INDENT = 2
_OPENING = (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)
_CLOSING = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_BLOCKS = (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken)
_SIGNS = {
    yaml.FlowMappingStartToken: "{",
    yaml.FlowMappingEndToken: "}",
    yaml.FlowSequenceStartToken: "[",
    yaml.FlowSequenceEndToken: "]",
    yaml.FlowEntryToken: ",",
    yaml.ValueToken: ":",
    yaml.BlockEntryToken: "-",
    yaml.DocumentStartToken: "---",
    yaml.DocumentEndToken: "...",
    yaml.KeyToken: "?",
}
_MARKERS = (yaml.DocumentStartToken, yaml.DocumentEndToken)


class Changed(Exception):
    """The laid out text would say something else: a bug, so nothing is written."""


class Piece(NamedTuple):
    """A token as text, or a comment; `depth` is the indentation of a line it begins."""

    kind: str
    text: str
    line: int
    end_line: int
    depth: int


def format_text(
    text: str, name: str = "<text>", limits: Limits = limits_.DEFAULT
) -> str:
    """The text of a spec in the one style; formatting it again changes nothing.

    Raises SpecError if it is not YAML that a spec may hold.
    """
    before = source.parse(Source(name, text), limits)
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    result = "\n".join(_lines(text)) + "\n"
    if _content(before) != _content(_laid_out(name, result, limits)):
        raise Changed(name)
    return result


def _laid_out(name: str, text: str, limits: Limits) -> source.Tree:
    try:
        return source.parse(Source(name, text), limits)
    except SpecError as error:
        raise Changed(f"{name}: {error.findings[0].title}") from None


def _content(tree: source.Tree) -> Any:
    """What a tree says, the order of keys counted."""
    match tree:
        case source.Scalar():
            return tree.value, tree.text
        case source.Sequence():
            return [_content(item) for item in tree.items]
        case source.Mapping():
            entries = tree.entries.items()
            return [(name, _content(entry.value)) for name, entry in entries]


def _lines(text: str) -> Iterator[str]:
    """The lines of a text, laid out anew; one blank line where there were any."""
    end = -1
    groups = list(_grouped(_pieces(text)))
    depths, depth = [], 0
    for group in reversed(groups):  # a comment on its own goes with what follows it
        depth = depth if group[0].kind == "comment" else group[0].depth
        depths.append(depth)
    for group, depth in zip(groups, reversed(depths), strict=True):
        if end >= 0 and group[0].line > end + 1:
            yield ""
        yield from _joined(group, depth).split("\n")
        end = group[-1].end_line


def _grouped(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Pieces that share a line; a text over several lines joins where it ends."""
    group: list[Piece] = []
    for piece in pieces:
        if group and piece.line > group[-1].end_line:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _joined(pieces: list[Piece], depth: int) -> str:
    """The pieces of one line with one style of space between them."""
    text = " " * (INDENT * depth)
    previous = ""
    for piece in pieces:
        glued = previous in ("", "open")
        glued = glued or (piece.kind in ("close", ",") and previous != ":")
        glued = glued or (piece.kind == ":" and previous != "alias")
        space = "" if glued else "  " if piece.kind == "comment" else " "
        text += space + _reindented(piece, depth)
        previous = piece.kind
    return text


def _reindented(piece: Piece, depth: int) -> str:
    """A piece whose further lines, if it has any, lie deeper than its first."""
    first, *lines = piece.text.split("\n")
    indent = " " * (INDENT * max(depth + 1, piece.depth))
    if first[:1] not in ("|", ">"):
        lines = [line.strip() for line in lines]
    return "\n".join(
        [first.rstrip(), *(indent + line if line else "" for line in lines)]
    )


def _pieces(text: str) -> Iterator[Piece]:
    """The tokens that are text, in order, with the comments between them."""
    depths = _Depths()
    at, line = 0, 0
    for token in yaml.scan(text, Loader=source.LOADER):
        depth = depths.of(token)
        start, end = token.start_mark, token.end_mark
        if end.index <= start.index or isinstance(token, yaml.StreamEndToken):
            continue
        yield from _comments(text[at : start.index], line, depth)
        written = text[start.index : end.index]
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            written = _block_text(written, token.value)
        elif isinstance(token, yaml.ScalarToken) and depth == 0:
            written = _no_marker(written)
        ends = start.line + written.count("\n")
        yield Piece(_kind(token), written, start.line, ends, depth)
        at, line = start.index + len(written), ends
    yield from _comments(text[at:], line, 0)


def _block_text(written: str, value: str) -> str:
    """A text over several lines: its header, and its lines without their indentation.

    Line ends that do not count are left out; a digit says how deep it will lie.
    """
    header, *lines = written.split("\n")
    style, space, comment = header.partition(" ")
    base = _indent(lines) - _indent(value.split("\n"))
    if "+" in style:
        lines = lines[:-1]
    while lines and "+" not in style and not lines[-1][base:]:
        lines.pop()
    style = re.sub(r"\d", str(INDENT), style)
    return "\n".join([f"{style}{space}{comment}", *(line[base:] for line in lines)])


def _no_marker(written: str) -> str:
    """A text that would end the document once no space is ahead of it, in quotes."""
    if re.match(r"(---|\.\.\.)(\s|$)", written) is None:
        return written
    return "'" + written.replace("'", "''") + "'"


def _indent(lines: list[str]) -> int:
    """By how many spaces the first line that is not empty is indented."""
    first = next((line for line in lines if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _kind(token: yaml.Token) -> str:
    if isinstance(token, _OPENING):
        return "open"
    if isinstance(token, _CLOSING):
        return "close"
    if isinstance(token, yaml.AliasToken):
        return "alias"
    return _SIGNS.get(type(token), "text")


def _comments(gap: str, line: int, depth: int) -> Iterator[Piece]:
    for offset, part in enumerate(gap.split("\n")):
        sign, found = part.find("#"), line + offset
        if sign >= 0:
            yield Piece("comment", part[sign:].rstrip(), found, found, depth)


class _Depths:
    """How deep each token lies: block collections, and brackets over several lines."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.flow: list[int] = []  # the depth of what lies in each open bracket
        self.starts = True  # whether the next token starts an entry of a block

    def of(self, token: yaml.Token) -> int:
        """The depth of a line that begins with the token."""
        if self.flow:
            return self.inside(token)
        if isinstance(token, _MARKERS):
            return 0
        self.settle(token)
        depth = max(len(self.open) - 1, 0)
        starts = self.starts or isinstance(token, yaml.BlockEntryToken | yaml.KeyToken)
        if not starts and not isinstance(token, yaml.ValueToken):
            depth += 1
        if isinstance(token, yaml.KeyToken):
            self.starts = True
        elif token.end_mark.index > token.start_mark.index:
            self.starts = not self.open
        if isinstance(token, _OPENING):
            self.flow.append(depth + 1)
        return depth

    def inside(self, token: yaml.Token) -> int:
        """The depth of a token within brackets."""
        if isinstance(token, _CLOSING):
            return self.flow.pop() - 1
        depth = self.flow[-1]
        if isinstance(token, _OPENING):
            self.flow.append(depth + 1)
        return depth

    def settle(self, token: yaml.Token) -> None:
        """Follow block collections; a list may sit at its key's own column."""
        top = self.open[-1] if self.open else ""
        if isinstance(token, _BLOCKS):
            is_list = isinstance(token, yaml.BlockSequenceStartToken)
            self.open.append("list" if is_list else "mapping")
        elif isinstance(token, yaml.BlockEntryToken) and top == "mapping":
            self.open.append("same column")
        elif isinstance(token, yaml.KeyToken | yaml.BlockEndToken):
            if top == "same column":
                self.open.pop()
            if isinstance(token, yaml.BlockEndToken):
                self.open.pop()
