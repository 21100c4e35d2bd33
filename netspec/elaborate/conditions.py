"""Whether a node is there, and how often: its `when` and its `repeat`."""

from typing import Any

from netspec.declarations import RepeatDecl
from netspec.elaborate.reader import Reader
from netspec.elaborate.scope import Env
from netspec.elaborate.words import truth_meant
from netspec.errors.elaborate import WrongCondition
from netspec.expressions import show
from netspec.kinds import Integer
from netspec.record import MISSING
from netspec.source import Scalar


def holds(when: Scalar, env: Env, reader: Reader) -> bool | None:
    """The truth of a `when`; None if it is wrong or unknown."""
    known = when.text in ("true", "false") or when.text in env.symbols
    meant = None if known or not isinstance(when.value, str) else truth_meant(when.text)
    value = when.text if meant else reader.attempt(reader.evaluate, when, env)
    if isinstance(value, bool):
        return value
    if value is not MISSING:
        reader.reports.add(
            WrongCondition,
            when.span,
            what="`when` must be true or false",
            reason=f"this is {show(value)}",
            advice_text=f"write `{meant}`" if meant else _comparison(when, value),
            given=reader.given(when, env),
        )
    return None


def _comparison(when: Scalar, value: Any) -> str | None:
    return f"compare it: `{when.text} != 0`" if type(value) is int else None


def elements(repeat: RepeatDecl, env: Env, reader: Reader) -> tuple[Any, ...] | None:
    """What a `repeat` runs over: the elements of a list, or 0 … count - 1."""
    tree, what = repeat.over, "the times a node is repeated"
    value = reader.attempt(reader.value, tree, Integer(0), env)
    if value is MISSING:
        return None
    count = len(value) if isinstance(value, tuple) else value
    if type(count) is not int or not count >= 0:
        reader.reports.add(
            WrongCondition,
            tree.span,
            what="`repeat` needs a count or a list",
            reason=f"this is {show(value)}",
            advice_text=None,
            given=reader.given(tree, env),
        )
        return None
    if not reader.budget.within(tree.span, what, count, "repeat"):
        return None
    return value if isinstance(value, tuple) else tuple(range(count))
