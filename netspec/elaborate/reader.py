"""Works out what a spec writes: trees to values, as their kinds say."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from netspec import expressions
from netspec.diagnostics import Label
from netspec.elaborate.budget import Budget
from netspec.elaborate.given import labels, origin
from netspec.elaborate.scope import Env, Given, Unknown
from netspec.elaborate.values import Row
from netspec.expressions import Expression, ExpressionError, Reference, Written
from netspec.kinds import Kind, KindError, OneOf
from netspec.record import MISSING
from netspec.reports import Failure
from netspec.source import Mapping as MappingTree
from netspec.source import Scalar, Sequence, Tree

_WHOLE = re.compile(r"\$[A-Za-z_]\w*(\.\$?\w+)*", re.ASCII)


def is_expression(scalar: Scalar, kind: Kind | None) -> bool:
    """Whether a scalar, given for a value of this kind, is read as an expression."""
    if not isinstance(scalar.value, str):
        return False
    if isinstance(kind, OneOf):
        if scalar.text in kind.words:
            return False
        return any(is_expression(scalar, part) for part in kind.kinds)
    match kind.reads if kind is not None else "reference":
        case "always":
            return True
        case "reference":
            return "$" in scalar.text
        case _:
            return _WHOLE.fullmatch(scalar.text) is not None


class Reader:
    """Works out trees in an environment; parsed expressions are kept."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.reports = budget.reports
        self.limits = budget.limits
        self.parsed: dict[str, Expression] = {}
        self.steps: dict[str, int] = {}  # how many parts each of these has

    def expression(self, scalar: Scalar) -> Expression:
        """The scalar's text as an expression. Raises Failure."""
        text = (
            scalar.text if isinstance(scalar.value, str) else str(plain_literal(scalar))
        )
        if text not in self.parsed:
            try:
                self.parsed[text] = expressions.parse(text, self.limits)
            except ExpressionError as error:
                raise Failure(scalar, error) from None
        return self.parsed[text]

    def evaluate(self, scalar: Scalar, env: Env) -> Any:
        """The scalar as an expression. Raises Failure, Unknown."""
        if not isinstance(scalar.value, str):
            return scalar.value
        tree = self.expression(scalar)
        if scalar.text not in self.steps:
            self.steps[scalar.text] = sum(1 for _ in expressions.walk(tree))
        self.budget.spend(scalar.span, self.steps[scalar.text])
        try:
            return expressions.evaluate(
                tree, env.lookup, self.limits, partial(self.budget.spend, scalar.span)
            )
        except ExpressionError as error:
            given = labels(scalar, tree, env, error.start, error.end)
            raise Failure(scalar, error, given) from None

    def known(self, tree: Tree | None) -> Expression | None:
        """The expression that a scalar was read as, if it was."""
        return self.parsed.get(tree.text) if isinstance(tree, Scalar) else None

    def given(self, tree: Tree, env: Env) -> tuple[Label, ...]:
        """Where the values are given that a tree refers to."""
        if not isinstance(tree, Scalar) or not isinstance(tree.value, str):
            return ()
        return labels(tree, self.known(tree), env)

    def origin(self, tree: Tree, env: Env) -> Given:
        """What was written for the value of a tree, which may only refer to it."""
        part = self.known(tree)
        found = origin(part, env) if isinstance(part, Reference) else None
        return found or Given(tree, env.written)

    def value(self, tree: Tree, kind: Kind | None, env: Env) -> Any:
        """A tree's value, read as its kind says; `kind` None is "any value".

        Raises Failure, and Unknown for a list that is too long, which is reported.
        """
        value = self.plain(tree, kind, env)
        if not isinstance(tree, Scalar) and not self.budget.short(tree.span, value):
            raise Unknown
        return value

    def plain(self, tree: Tree, kind: Kind | None, env: Env) -> Any:
        """The same, not measured yet."""
        match tree:
            case Scalar():
                return (
                    self.evaluate(tree, env)
                    if is_expression(tree, kind)
                    else tree.value
                )
            case Sequence():
                return tuple(self.plain(item, kind, env) for item in tree.items)
            case MappingTree():
                return Row(
                    {
                        name: self.plain(e.value, None, env)
                        for name, e in tree.entries.items()
                    }
                )

    def written(self, tree: Tree) -> Written | None:
        """The expression that a tree is, or those that a list holds."""
        if isinstance(tree, Sequence):
            items = tuple(map(self._written, tree.items))
            return items if any(items) else None
        return self._written(tree)

    def _written(self, tree: Tree) -> Expression | None:
        if isinstance(tree, Scalar) and is_expression(tree, None):
            return self.parsed.get(tree.text)
        return None

    def attempt(self, read: Callable[..., Any], *arguments: Any) -> Any:
        """What `read` gives; MISSING, and the reason reported, where it has nothing."""
        try:
            return read(*arguments)
        except Failure as failure:
            self.reports.failure(failure)
        except Unknown:
            pass
        return MISSING

    def settled(
        self,
        tree: Tree,
        kind: Kind,
        env: Env,
        wrong: Callable[[KindError], None],
        *,
        words: bool = False,
    ) -> Any:
        """A tree's value of a kind; MISSING, and the reason reported, if it has none.

        `wrong` reports a value of another kind. A bare word is one too, and no
        expression that failed, with `words`, or where it can be no name misspelt.
        """
        try:
            return kind.accept(self.value(tree, kind, env))
        except Failure as failure:
            is_known = bool(env.symbols or failure.error.advice)
            if failure.scalar.text.isidentifier() and (words or not is_known):
                wrong(kind.refuse(failure.scalar.text))
            else:
                self.reports.failure(failure)
        except Unknown:
            pass
        except KindError as error:
            wrong(error)
        return MISSING


def plain_literal(scalar: Scalar) -> str:
    """A scalar that YAML read as a number or a word, as expression text."""
    value = scalar.value
    return (
        "null"
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
