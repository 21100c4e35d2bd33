"""Params set from outside: a text of the command line, a value of Python."""

import math
from collections.abc import Mapping
from typing import Any

from netspec import source
from netspec.diagnostics import Source, Span
from netspec.kinds import KindError
from netspec.limits import Limits
from netspec.source import Entry, Scalar, Sequence, Tree


def text_tree(name: str, text: str) -> Tree:
    """The value of `--set name=text`, to be typed by the param. Raises SpecError."""
    if not text.strip():
        return Scalar(text, text, place(name, text))
    return source.parse(Source(f"--set {name}", text))


def place(name: str, value: Any) -> Span:
    """The value itself, in the text that sets it; a tree has its own place."""
    if isinstance(value, Scalar | Sequence | source.Mapping):
        return value.span
    shown = f"{name}={_shown(value)}"
    return Span(Source("<settings>", shown), 1, len(name) + 2, 1, len(shown) + 1)


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # it is anyone's code; Python itself refuses long integers
        return f"<{type(value).__name__}>"


def as_tree(value: Any, span: Span, limits: Limits, depth: int = 1) -> Tree:
    """A Python value as a tree at that place. Raises KindError."""
    if depth > limits.yaml_depth:
        raise KindError(f"values nest at most {limits.yaml_depth} deep")
    match value:
        case Scalar() | Sequence() | source.Mapping():
            return value
        case Mapping():
            entries = {
                str(key): Entry(
                    Scalar(str(key), str(key), span),
                    as_tree(item, span, limits, depth + 1),
                )
                for key, item in value.items()
            }
            return source.Mapping(entries, span, 1)
        case list() | tuple():
            items = tuple(as_tree(item, span, limits, depth + 1) for item in value)
            return Sequence(items, span, 1)
        case int() if abs(value) > limits.integer:
            raise KindError(f"integers go up to {limits.integer}")
        case float() if not math.isfinite(value):
            raise KindError(f"numbers here are finite, and this is {value}")
        case None | bool() | int() | float() | str():
            return Scalar(value, str(value), span)
    raise KindError(f"a param cannot be of Python's type {type(value).__name__}")
