"""What an input's `where` promises of its symbols."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from netspec import expressions
from netspec.constraints import SAMPLES
from netspec.dimensions import TooComplex
from netspec.elaborate.scope import Env
from netspec.elaborate.walk import Elaborator
from netspec.errors.elaborate import WrongCondition
from netspec.expressions import Binary, Expression, Literal, Name, Reference
from netspec.record import MISSING
from netspec.reports import Failure, Reports
from netspec.source import Scalar

Condition = Callable[[Mapping[str, int]], Any]  # sizes of symbols -> whether it holds


def promise(
    where: Scalar,
    values: Mapping[str, Any],
    symbols: Collection[str],
    elaborator: Elaborator,
) -> None:
    """Assume a `where` of params and symbols from here on; a wrong one is reported."""
    reader, both = elaborator.reader, (elaborator.assume, elaborator.train_assume)
    tree = reader.attempt(reader.expression, where)
    if tree is MISSING or not _is_known(where, tree, values, symbols, reader.reports):
        return None
    reader.budget.spend(where.span, SAMPLES * sum(1 for _ in expressions.walk(tree)))
    try:
        samples = elaborator.assume.samples(_names(tree, symbols))
    except TooComplex as error:
        failure = expressions.ExpressionError(f"this is {error}", 0, 0)
        return reader.reports.failure(Failure(where, failure))
    if not _holds_somewhere(where, _condition(tree, values), samples, reader.reports):
        return None
    for assume in both:
        assume.multiples |= dict(_multiples(tree))
        for part in _parts(tree):
            assume.assume(_names(part, symbols), _condition(part, values))
    return None


def _names(tree: Expression, symbols: Collection[str]) -> frozenset[str]:
    """The symbols that a condition is about."""
    parts = expressions.walk(tree)
    names = {part.name for part in parts if isinstance(part, Name | Reference)}
    return frozenset(names.intersection(symbols))


def _is_known(
    where: Scalar,
    tree: Expression,
    values: Mapping[str, Any],
    symbols: Collection[str],
    reports: Reports,
) -> bool:
    """Whether every name of a `where` is a symbol or a param."""
    env = Env(values, {}, frozenset(symbols))
    try:
        for part in expressions.walk(tree):
            if isinstance(part, Name | Reference):
                env.lookup(part)
    except expressions.ExpressionError as error:
        reports.failure(Failure(where, error))
        return False
    return True


def _holds_somewhere(
    where: Scalar,
    condition: Condition,
    samples: Iterable[Mapping[str, int]],
    reports: Reports,
) -> bool:
    """Whether it is a condition, and some sizes meet it."""
    try:
        found = list(map(condition, samples))
    except expressions.ExpressionError as error:
        reports.failure(Failure(where, error))
        return False
    is_condition = all(isinstance(value, bool) for value in found)
    if is_condition and any(found):
        return True
    what, reason = "`where` must be true or false", "this is no condition"
    if is_condition:
        what, reason = "no sizes meet this `where`", "it never holds"
    reports.add(WrongCondition, where.span, what=what, reason=reason)
    return False


def _condition(tree: Expression, values: Mapping[str, Any]) -> Condition:
    env = Env(values, {})

    def holds(sizes: Mapping[str, int]) -> Any:
        def lookup(part: Reference | Name) -> Any:
            if isinstance(part, Reference) and part.name in values:
                return env.lookup(part)
            return sizes[part.name]

        return expressions.evaluate(tree, lookup)

    return holds


def _parts(tree: Expression) -> Iterable[Expression]:
    """What `and` joins, each to be known of its own symbols alone."""
    match tree:
        case Binary(operator="and"):
            yield from _parts(tree.left)
            yield from _parts(tree.right)
        case _:
            yield tree


def _multiples(tree: Expression) -> Iterable[tuple[str, int]]:
    """`H % 32 == 0`, alone or joined by `and`: what symbols are multiples of."""
    match tree:
        case Binary(operator="and"):
            yield from _multiples(tree.left)
            yield from _multiples(tree.right)
        case Binary(
            operator="==",
            left=Binary(
                operator="%", left=Name(name=name), right=Literal(value=int(by))
            ),
            right=Literal(value=0),
        ):
            yield name, by
