"""Tree -> value, over exact and bounded integers."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from netspec import limits as limits_
from netspec.dimensions import Dimension, symbols
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


def make_divisible(value: float, divisor: int = 8) -> int:
    """Round to a multiple of `divisor`, never losing over 10 % (MobileNet's rule)."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "min": (min, 1, 64),
    "max": (max, 1, 64),
    "abs": (abs, 1, 1),
    "round": (round, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "floor": (math.floor, 1, 1),
    "len": (len, 1, 1),
    "sum": (sum, 1, 1),
    "make_divisible": (make_divisible, 1, 2),
}

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


def evaluate(tree: Expression, lookup: Lookup, limits: Limits = limits_.DEFAULT) -> Any:
    """The value of an expression; `lookup` answers for references and symbols.

    Raises ExpressionError with the place of the part that failed.
    """
    return _Evaluator(lookup, limits).value(tree)


class _Evaluator:
    def __init__(self, lookup: Lookup, limits: Limits) -> None:
        self.lookup = lookup
        self.limits = limits

    def value(self, tree: Expression) -> Any:
        match tree:
            case Literal():
                return tree.value
            case Name() | Reference():
                return self.lookup(tree)
            case Unary():
                return self.unary(tree)
            case Binary(operator="and" | "or"):
                return self.logical(tree)
            case Binary():
                return self.binary(tree)
            case Conditional():
                chosen = tree.then if self.truth(tree.condition) else tree.otherwise
                return self.value(chosen)
            case Call():
                return self.call(tree)

    def truth(self, tree: Expression) -> bool:
        value = self.value(tree)
        if not isinstance(value, bool):
            raise ExpressionError(
                f"this is {show(value)}, not true or false",
                tree.start,
                tree.end,
                "compare it: `… != 0`" if isinstance(value, int | float) else None,
            )
        return value

    def logical(self, tree: Binary) -> bool:
        left = self.truth(tree.left)
        if left is (tree.operator == "or"):
            return left
        return self.truth(tree.right)

    def unary(self, tree: Unary) -> Any:
        if tree.operator == "not":
            return not self.truth(tree.operand)
        value = self.number(tree.operand)
        return -value if tree.operator == "-" else value

    def number(self, tree: Expression) -> Number:
        value = self.value(tree)
        if isinstance(value, bool) or not isinstance(value, int | float | Dimension):
            raise ExpressionError(
                f"this is {show(value)}, not a number", tree.start, tree.end
            )
        return value

    def binary(self, tree: Binary) -> Any:
        sign = tree.operator
        if sign in ("==", "!="):
            return self.same(tree) is (sign == "==")
        left, right = self.number(tree.left), self.number(tree.right)
        try:
            if sign in ("<", "<=", ">", ">="):
                return self.compare(sign, left, right, tree)
            return self.bounded(self.arithmetic(sign, left, right, tree), tree)
        except ZeroDivisionError:
            raise ExpressionError(
                "this divides by zero", tree.right.start, tree.right.end
            ) from None
        except OverflowError:
            raise ExpressionError(
                "this number is too large", tree.start, tree.end
            ) from None
        except TypeError:
            raise ExpressionError(
                "this cannot be worked out on a symbol without a value",
                tree.start,
                tree.end,
            ) from None

    def same(self, tree: Binary) -> bool:
        left, right = self.value(tree.left), self.value(tree.right)
        if isinstance(left, Dimension) or isinstance(right, Dimension):
            sizes = all(isinstance(side, int | Dimension) for side in (left, right))
            gap = left - right if sizes else 1
            if isinstance(gap, Dimension):
                self.undecided(gap, tree)
            return bool(gap == 0)
        return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)

    def compare(self, sign: str, left: Any, right: Any, tree: Binary) -> bool:
        gap = left - right
        if isinstance(gap, Dimension):
            self.undecided(gap, tree)
        return bool(_COMPARISONS[sign](gap, 0))

    def undecided(self, gap: Dimension, tree: Binary) -> None:
        names = ", ".join(f"`{name}`" for name in sorted(symbols(gap)))
        raise ExpressionError(
            f"this depends on {names}, which has no value here",
            tree.start,
            tree.end,
            "give the input a fixed size there, or decide by a param",
        )

    def arithmetic(self, sign: str, left: Any, right: Any, tree: Binary) -> Any:
        if sign == "%" and isinstance(left, Dimension):
            return left - left // right * right
        if sign == "**":
            return self.power(left, right, tree)
        return _ARITHMETIC[sign](left, right)

    def power(self, left: Any, right: Any, tree: Binary) -> Any:
        """A power, refused before it is worked out if it could be huge.

        A root, `x ** 0.5`, is one of a positive number.
        """
        most = self.limits.exponent
        start, end = tree.right.start, tree.right.end
        whole = type(right) is int and 0 <= right <= most
        if not whole and (not isinstance(right, float) or abs(right) > most):
            reason = f"an exponent is an integer from 0 to {most}, or a fraction"
            advice = None
            if isinstance(right, int | float) and right > most:
                reason += f", and this is {right}"
                advice = raised_by("exponent")
            raise ExpressionError(reason, start, end, advice)
        if not whole and (isinstance(left, Dimension) or left <= 0):
            raise ExpressionError("a root is of a positive number", start, end)
        try:
            return left**right
        except OverflowError:
            raise ExpressionError("this number is too large", start, end) from None

    def bounded(self, value: Any, tree: Expression) -> Any:
        if isinstance(value, int) and abs(value) > self.limits.integer:
            # As hexadecimal it is bounded: Python refuses to write long decimals.
            digits = str(value) if value.bit_length() < 4096 else hex(value)
            reason = str(LongInteger(digits, self.limits.integer))
            advice = raised_by("integer")
            raise ExpressionError(reason, tree.start, tree.end, advice)
        if isinstance(value, float) and not math.isfinite(value):
            raise ExpressionError("this number is too large", tree.start, tree.end)
        return value

    def call(self, tree: Call) -> Any:
        function, least, most = FUNCTIONS[tree.function]
        if not least <= len(tree.arguments) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            raise ExpressionError(
                f"`{tree.function}` takes {count} arguments", tree.start, tree.end
            )
        if tree.function in ("len", "sum"):
            return self.bounded(function(self.collection(tree)), tree)
        values = [self.number(argument) for argument in tree.arguments]
        try:
            return self.bounded(function(*values), tree)
        except (TypeError, AttributeError):
            reason = f"`{tree.function}` needs numbers, not symbols without a value"
            raise ExpressionError(reason, tree.start, tree.end) from None
        except (ValueError, ZeroDivisionError, OverflowError):
            reason = f"`{tree.function}` has no result here"
            raise ExpressionError(reason, tree.start, tree.end) from None

    def collection(self, tree: Call) -> Any:
        (argument,) = tree.arguments
        value = self.value(argument)
        fits = isinstance(value, tuple) and (
            tree.function == "len" or all(type(v) in (int, float) for v in value)
        )
        if not fits:
            wanted = "a list" if tree.function == "len" else "a list of numbers"
            reason = f"`{tree.function}` needs {wanted}, and this is {show(value)}"
            raise ExpressionError(reason, argument.start, argument.end)
        return value


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
