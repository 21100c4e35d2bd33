"""The arithmetic of a spec as Python, over the parameters of a class."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from netspec.elaborate.scope import Unknown
from netspec.emit.layout import literal
from netspec.emit.parameters import SCALARS
from netspec.emit.trees import ANY, Context, Slot
from netspec.expressions import (
    Binary,
    Call,
    Conditional,
    Expression,
    ExpressionError,
    Literal,
    Reference,
    Unary,
    evaluate,
)

SHORT = 6  # characters of a float
_NAME = re.compile(r"\w+(\[\d+\])?")
Refer = Callable[[Slot, Reference], str | None]  # the name of what a slot refers to

_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8}
_FUNCTIONS = {name: name for name in ("min", "max", "abs", "round", "len", "sum")}
_FUNCTIONS["make_divisible"] = "_make_divisible"


class Arithmetic:
    """Writes an expression in Python; None if it would not read well.

    A part that is the same number in all instances may be noise (`width * 64 // 64`),
    so an expression with one in it is given up unless it `folds` them: `channels // 4`.
    """

    def __init__(self, slot: Slot, refer: Refer, *, folds: bool = False) -> None:
        self.refer = refer
        self.folds = folds
        self.wanted = slot.values
        self.contexts = slot.contexts

    def text(self, tree: Expression) -> str | None:
        """The expression as Python."""
        written = self.write(tree)
        return written[0] if written else None

    def write(self, tree: Expression) -> tuple[str, int] | None:
        """The text and how tightly it binds."""
        match tree:
            case Literal():
                return literal(tree.value), 9
            case Reference():
                return self.reference(tree)
            case Unary():
                return self.unary(tree)
            case Binary():
                return self.binary(tree)
            case Conditional():
                return self.conditional(tree)
            case Call():
                return self.call(tree)
            case _:
                return None

    def call(self, tree: Call) -> tuple[str, int] | None:
        function = _FUNCTIONS.get(tree.function)
        if tree.function == "floor" and self.is_positive(tree):
            function = "int"
        inside = [self.text(argument) for argument in tree.arguments]
        joined = ", ".join(text for text in inside if text is not None)
        return (f"{function}({joined})", 9) if function and None not in inside else None

    def is_positive(self, tree: Expression) -> bool:
        """Whether a part is no negative number in any instance."""
        found = worked_out(tree, Slot(self.wanted, tree, self.contexts))
        return found is not None and all(value >= 0 for value in found)

    def reference(self, tree: Reference) -> tuple[str, int] | None:
        values = tuple(
            known if known is ANY else self.value(tree, scope)
            for known, scope in zip(self.wanted, self.contexts, strict=True)
        )
        if not all(value is ANY or isinstance(value, SCALARS) for value in values):
            return None
        part = Slot(values, tree, self.contexts)
        named = self.refer(part, tree)
        if named is not None and _NAME.fullmatch(named):
            return named, 9
        folded = self.folds and part.is_constant and _is_short(part.value)
        return (str(part.value), 9) if folded else None

    def value(self, tree: Reference, scope: Context) -> Any:
        try:
            return scope.lookup(tree)
        except (Unknown, ExpressionError):
            return ...

    def unary(self, tree: Unary) -> tuple[str, int] | None:
        operand = self.write(tree.operand)
        if operand is None:
            return None
        sign = "not " if tree.operator == "not" else tree.operator
        level = 3 if tree.operator == "not" else 7
        return sign + _bracket(operand, level), level

    def binary(self, tree: Binary) -> tuple[str, int] | None:
        left, right = self.write(tree.left), self.write(tree.right)
        if left is None or right is None:
            return None
        level = _BINDING.get(tree.operator, 4)
        # Python reads `a ** b ** c` from the right, and `a < b < c` as a chain.
        first = level if level in (1, 2, 5, 6) else level + 1
        base, other = _bracket(left, first), _bracket(right, level + 1)
        if tree.operator == "**" and base.isalnum() and other.isalnum():
            return f"{base}**{other}", level
        return f"{base} {tree.operator} {other}", level

    def conditional(self, tree: Conditional) -> tuple[str, int] | None:
        parts = [
            self.write(part) for part in (tree.then, tree.condition, tree.otherwise)
        ]
        if None in parts:
            return None
        then, condition, otherwise = (_bracket(part, 1) for part in parts if part)
        return f"{then} if {condition} else {otherwise}", 0


def _is_short(value: Any) -> bool:
    """Whether a number reads well where its name would stand."""
    if type(value) is float:
        return value >= 0 and len(str(value)) <= SHORT
    return type(value) is int and value >= 0


def is_true(slot: Slot, tree: Expression) -> bool:
    """Whether an expression gives the values of a slot.

    A `when` does not where a `repeat` of nothing is absent all the same.
    """
    return worked_out(tree, slot) == slot.known


def worked_out(tree: Expression, slot: Slot) -> list[Any] | None:
    """What an expression gives wherever the slot is read, if it gives anything."""
    pairs = zip(slot.values, slot.contexts, strict=True)
    try:
        return [evaluate(tree, s.lookup) for value, s in pairs if value is not ANY]
    except (Unknown, ExpressionError):
        return None


def everywhere(
    tree: Expression, slot: Slot, scopes: Iterable[Context]
) -> tuple[Any, ...]:
    """The integers of a slot; what is never read is what the expression would give."""
    pairs = zip(slot.values, scopes, strict=True)
    return tuple(_or_any(tree, s) if value is ANY else value for value, s in pairs)


def _or_any(tree: Expression, scope: Context) -> Any:
    try:
        found = evaluate(tree, scope.lookup)
    except (Unknown, ExpressionError):
        return ANY
    return found if type(found) is int else ANY


def _bracket(written: tuple[str, int], level: int) -> str:
    text, binding = written
    return f"({text})" if binding < level else text
