"""What is not YAML: where reading stopped, and why, in words of our own."""

import re

import yaml

from netspec.diagnostics import Source, Span
from netspec.errors.source import YamlSyntax

_UNCLOSED = "is not closed"
_COLON = "a second `:` on one line"
# What the scanners of libyaml and of PyYAML say, and what we do.
_WORDS = (
    (r"(did not find )?expected ',' or '[}\]]'", f"this bracket {_UNCLOSED}"),
    ("mapping values are not allowed", _COLON),
    ("cannot start any token", "no value begins with this character"),
    ("expected <block end>|expected key", "this indentation fits no line above"),
    ("could not find expected ':'", "a `key:` is expected here"),
    ("expected alphabetic or numeric", "an anchor needs a name"),
    ("unexpected end of stream", f"this quote {_UNCLOSED}"),
    ("undefined tag handle", "an unknown tag; a spec is plain data"),
    ("escape", "this escape is not allowed; use single quotes for plain text"),
)


def character(source: Source, line: int = 1, column: int = 1) -> Span:
    """One character of a source; without a place, its first."""
    return Span(source, line, column, line, column + 1)


def character_after(source: Source, before: str) -> Span:
    """The character that this beginning of a source leads up to."""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return character(source, line, column)


def said(error: yaml.MarkedYAMLError) -> str:
    """What a scanner says is wrong."""
    return str(error.problem or error.context or "")


def place(source: Source, error: yaml.MarkedYAMLError) -> Span:
    """Where a scanner gave up."""
    mark = error.problem_mark or error.context_mark
    return (
        character(source, mark.line + 1, mark.column + 1) if mark else character(source)
    )


def syntax(source: Source, error: yaml.MarkedYAMLError) -> YamlSyntax:
    """A scanner's error as a finding; what is left open is shown where it begins."""
    found = (words for pattern, words in _WORDS if re.search(pattern, said(error)))
    problem = next(found, "YAML cannot be read on from here")
    span, ended = place(source, error), None
    advice = _advice(span, problem)
    start = error.context_mark
    if _UNCLOSED in problem and start is not None and start.line + 1 < span.line:
        span, ended = character(source, start.line + 1, start.column + 1), span
    return YamlSyntax(span=span, problem=problem, advice_text=advice, ended=ended)


def _advice(span: Span, problem: str) -> str | None:
    """What was likely meant, by the line that could not be read."""
    line = span.source.line(span.line)
    before, after = line[: span.column - 1], line[span.column - 1 :]
    value = before.rpartition(":")[2].strip(" {[,")
    if value.startswith("$") and (index := re.match(r"\[(\$?\w+)\]", after)):
        return f"an element is written `{value}.{index[1]}`"
    if "$" in value and after[:1] in ("[", "("):
        return "inside `{…}` an expression with brackets or commas must be quoted"
    if "\t" in line[: span.column]:
        return "indent with spaces: YAML does not allow tabs"
    return "quote the text if the `:` is part of it" if problem == _COLON else None
