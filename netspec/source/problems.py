"""What is not YAML: where reading stopped, and why, in words of our own."""

import re

import yaml

from netspec.diagnostics import Source, Span
from netspec.errors.source import YamlSyntax
from netspec.source import guesses
from netspec.source.guesses import Guess, Stop

UNCLOSED = "this {} is not closed"
# What the scanners of libyaml and of PyYAML say, and who knows what was meant.
_GUESSES = (
    (r"expected ',' or '[}\]]'", guesses.in_brackets),
    ("mapping values are not allowed", guesses.second_colon),
    ("could not find expected ':'", guesses.lone_word),
    ("expected <block end>|expected key", guesses.after_value),
    ("cannot start any token", guesses.stray_sign),
    ("unexpected ':'", guesses.tight_colon),
)
# And what we say where nobody does.
_WORDS = (
    (r"expected ',' or '[}\]]'", UNCLOSED.format("bracket")),
    ("mapping values are not allowed", "a second `:` on one line"),
    ("cannot start any token", "no value begins with this character"),
    (r"expected '-'|found '\?'", "a key cannot stand among the items of a list"),
    ("expected <block end>|expected key", "this indentation fits no line above"),
    ("tab character", "this line is indented by a tab"),
    ("could not find expected ':'", "a `key:` is expected here"),
    ("expected alphabetic or numeric", "an anchor needs a name"),
    ("unexpected end of stream", UNCLOSED.format("quote")),
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
    span, mark = place(source, error), error.context_mark
    start = character(source, mark.line + 1, mark.column + 1) if mark else span
    guess = _guess(Stop(span, start), said(error))
    if guess is not None:
        return YamlSyntax(span=guess[0], problem=guess[1], advice_text=guess[2])
    found = (words for pattern, words in _WORDS if re.search(pattern, said(error)))
    problem = next(found, "YAML cannot be read on from here")
    advice, ended = None, None
    if "\t" in source.line(span.line)[: span.column]:
        advice = "indent with spaces: YAML does not allow tabs"
    elif "second `:`" in problem:
        advice = "quote the text if the `:` is part of it"
    closes = source.line(span.line)[span.column - 1 :][:1] in ("}", "]")
    if "not closed" in problem and (closes or start.line < span.line):
        span, ended = start, span
    return YamlSyntax(span=span, problem=problem, advice_text=advice, ended=ended)


def _guess(stop: Stop, said: str) -> Guess | None:
    """What was likely meant, by those who know what the scanner says."""
    found = (guess for pattern, guess in _GUESSES if re.search(pattern, said))
    guess = next(found, None)
    return guess(stop) if guess else None
