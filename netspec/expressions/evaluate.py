"""Tree -> value, over exact and bounded integers."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from netspec import limits as limits_
from netspec.dimensions import Dimension, symbols
from netspec.expressions.functions import FUNCTIONS
from netspec.expressions.tree import (
    Binary,
    Call,
    Conditional,
    Expression,
    ExpressionError,
    Literal,
    Name,
    Reference,
    Unary,
)
from netspec.limits import Limits, raised_by
from netspec.scalars import LongInteger

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Lookup = Callable[[Reference | Name], Any]
Number = int | float | Dimension


def evaluate(
    tree: Expression,
    lookup: Lookup,
    limits: Limits = limits_.DEFAULT,
    spend: Callable[[int], None] = lambda work: None,
) -> Any:
    """The value of an expression; `lookup` answers for references and symbols.

    `spend` is told of work beyond a step for each part: on lists and long sizes.
    Raises ExpressionError with the place of the part that failed.
    """
    return _Evaluator(lookup, limits, spend).value(tree)


class _Evaluator:
    """Works out the parts of one expression, each from its own parts."""

    def __init__(
        self, lookup: Lookup, limits: Limits, spend: Callable[[int], None]
    ) -> None:
        self.lookup = lookup
        self.limits = limits
        self.spend = spend

    def value(self, tree: Expression) -> Any:
        """The value of a part, of any kind."""
        match tree:
            case Literal():
                return tree.value
            case Name() | Reference():
                return self.lookup(tree)
            case Unary():
                return self.unary(tree)
            case Binary(operator="and" | "or"):
                return self.logical(tree)
            case Binary(operator="==" | "!="):
                return self.same(tree) is (tree.operator == "==")
            case Binary():
                return self.binary(tree)
            case Conditional():
                chosen = tree.then if self.truth(tree.condition) else tree.otherwise
                return self.value(chosen)
            case Call():
                return self.call(tree)

    def truth(self, tree: Expression) -> bool:
        """The value of a part that must be true or false."""
        value = self.value(tree)
        if isinstance(value, bool):
            return value
        advice = "compare it: `… != 0`" if isinstance(value, int | float) else None
        raise _wrong(tree, f"this is {show(value)}, not true or false", advice)

    def number(self, tree: Expression) -> Number:
        """The value of a part that must be a number."""
        value = self.value(tree)
        if isinstance(value, bool) or not isinstance(value, int | float | Dimension):
            raise _wrong(tree, f"this is {show(value)}, not a number")
        return value

    # Operators ----------------------------------------------------------------------

    def logical(self, tree: Binary) -> bool:
        """`and` and `or`; the right side counts only where the left decides nothing."""
        left = self.truth(tree.left)
        if left is (tree.operator == "or"):
            return left
        return self.truth(tree.right)

    def unary(self, tree: Unary) -> Any:
        """`not`, or a sign."""
        if tree.operator == "not":
            return not self.truth(tree.operand)
        value = self.number(tree.operand)
        return -value if tree.operator == "-" else value

    def binary(self, tree: Binary) -> Any:
        """Two numbers compared, or reckoned with."""
        left, right = self.number(tree.left), self.number(tree.right)
        self.spend((1 + _work(left)) * (1 + _work(right)) - 1)
        try:
            if tree.operator in _COMPARISONS:
                return self.compare(left, right, tree)
            return self.bounded(self.arithmetic(left, right, tree), tree)
        except ZeroDivisionError:
            raise _wrong(tree.right, "this divides by zero") from None
        except OverflowError:
            raise _wrong(tree, "this number is too large") from None
        except TypeError:
            reason = "this cannot be worked out on a symbol without a value"
            raise _wrong(tree, reason) from None

    def same(self, tree: Binary) -> bool:
        """Whether two values are equal, and of one kind: `1 == true` is false."""
        left, right = self.value(tree.left), self.value(tree.right)
        self.spend(_work(left) + _work(right))
        if isinstance(left, Dimension) or isinstance(right, Dimension):
            sizes = all(isinstance(side, int | Dimension) for side in (left, right))
            gap = left - right if sizes else 1
            if isinstance(gap, Dimension):
                raise _undecided(gap, tree)
            return bool(gap == 0)
        return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)

    def compare(self, left: Any, right: Any, tree: Binary) -> bool:
        """Which of two numbers is larger, if that is the same for all sizes."""
        gap = left - right
        if isinstance(gap, Dimension):
            raise _undecided(gap, tree)
        return bool(_COMPARISONS[tree.operator](gap, 0))

    def arithmetic(self, left: Any, right: Any, tree: Binary) -> Any:
        """What two numbers make."""
        if tree.operator == "%" and isinstance(left, Dimension):
            return left - left // right * right
        if tree.operator == "**":
            return self.power(left, right, tree)
        return _ARITHMETIC[tree.operator](left, right)

    def power(self, left: Any, right: Any, tree: Binary) -> Any:
        """A power, refused before it is worked out if it could be huge.

        A root, `x ** 0.5`, is one of a positive number.
        """
        most = self.limits.exponent
        whole = type(right) is int and 0 <= right <= most
        if not whole and (not isinstance(right, float) or abs(right) > most):
            reason = f"an exponent is an integer from 0 to {most}, or a fraction"
            advice = None
            if isinstance(right, int | float) and right > most:
                reason += f", and this is {right}"
                advice = raised_by("exponent")
            raise _wrong(tree.right, reason, advice)
        if not whole and (isinstance(left, Dimension) or left <= 0):
            raise _wrong(tree.right, "a root is of a positive number")
        try:
            return left**right
        except OverflowError:
            raise _wrong(tree.right, "this number is too large") from None

    def bounded(self, value: Any, tree: Expression) -> Any:
        """A result, if it is a number that a spec may hold."""
        if isinstance(value, int) and abs(value) > self.limits.integer:
            # As hexadecimal it is bounded: Python refuses to write long decimals.
            digits = str(value) if value.bit_length() < 4096 else hex(value)
            reason = str(LongInteger(digits, self.limits.integer))
            raise _wrong(tree, reason, raised_by("integer"))
        if isinstance(value, float) and not math.isfinite(value):
            raise _wrong(tree, "this number is too large")
        return value

    # Functions ----------------------------------------------------------------------

    def call(self, tree: Call) -> Any:
        """What a function gives."""
        function, least, most = FUNCTIONS[tree.function]
        if not least <= len(tree.arguments) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            noun = "argument" if count == "1" else "arguments"
            found = f"this has {len(tree.arguments)}"
            raise _wrong(tree, f"`{tree.function}` takes {count} {noun}, and {found}")
        if tree.function in ("len", "sum"):
            return self.bounded(function(self.collection(tree)), tree)
        values = [self.number(argument) for argument in tree.arguments]
        try:
            return self.bounded(function(*values), tree)
        except (TypeError, AttributeError):
            reason = f"`{tree.function}` needs numbers, not symbols without a value"
            raise _wrong(tree, reason) from None
        except (ValueError, ZeroDivisionError, OverflowError):
            raise _wrong(tree, f"`{tree.function}` has no result here") from None

    def collection(self, tree: Call) -> tuple[Any, ...]:
        """The list that `len` or `sum` is of."""
        (argument,) = tree.arguments
        value = self.value(argument)
        self.spend(_work(value))
        if isinstance(value, tuple) and (
            tree.function == "len" or all(type(v) in (int, float) for v in value)
        ):
            return value
        wanted = "a list" if tree.function == "len" else "a list of numbers"
        reason = f"`{tree.function}` needs {wanted}, and this is {show(value)}"
        raise _wrong(argument, reason)


def _wrong(part: Expression, reason: str, advice: str | None = None) -> ExpressionError:
    return ExpressionError(reason, part.start, part.end, advice)


def _work(value: Any) -> int:
    """What it takes to go through a value, against that of a plain number: nothing."""
    if isinstance(value, Dimension):
        return 1 + value.length // 8
    return len(value) // 8 if isinstance(value, tuple | Mapping) else 0


def _undecided(gap: Dimension, tree: Binary) -> ExpressionError:
    """Two sizes are compared whose difference is not the same for all."""
    names = ", ".join(f"`{name}`" for name in sorted(symbols(gap)))
    reason = f"this depends on {names}, which has no value here"
    return _wrong(
        tree, reason, "give the input a fixed size there, or decide by a param"
    )


def show(value: Any) -> str:
    """A value as it is named in messages."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f"the text '{value}'"
        case tuple():
            return f"[{', '.join(show(v) for v in value)}]"
        case Mapping():
            return "a row"
        case _:
            return str(value)
