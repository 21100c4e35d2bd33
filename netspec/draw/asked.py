"""Findings about options: each points at the option's own text."""

from collections.abc import Iterable
from typing import Any

from netspec.diagnostics import Source, Span, SpecError
from netspec.errors import draw as errors
from netspec.spelling import did_you_mean


def option(name: str, value: Any) -> Span:
    """The place of an option's value, as on a command line."""
    text = f"--{name} {value}"
    start = len(name) + 4
    return Span(Source("<options>", text), 1, start, 1, max(len(text), start) + 1)


def suffix(output: str, value: str) -> Span:
    """The place of a file's suffix, as on a command line."""
    text = f"-o {output}"
    return Span(
        Source("<options>", text), 1, len(text) - len(value) + 1, 1, len(text) + 1
    )


def choose(
    name: str,
    value: str,
    choices: Iterable[str],
    *,
    what: str = "",
    span: Span | None = None,
) -> str:
    """The value, if it is one of the choices. Raises SpecError.

    `what` says what the choices are, by default the option's name.
    """
    known = list(choices)
    if value in known:
        return value
    raise SpecError(
        errors.UnknownChoice(
            span=span or option(name, value),
            what=what or name,
            name=value,
            choices=", ".join(known),
            advice_text=did_you_mean(value, known),
        )
    )
