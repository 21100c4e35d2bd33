"""The expression language: one line of arithmetic over params, shapes and symbols.

A grammar of its own, read by precedence climbing and evaluated over exact integers;
nothing in it reaches Python's names, attributes or functions.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from netspec import limits as limits_
from netspec.dimensions import Dimension, symbols
from netspec.limits import Limits


class ExpressionError(Exception):
    """Why an expression cannot be read or evaluated, and where in its text."""

    def __init__(
        self, reason: str, start: int = 0, end: int = 0, advice: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.end = end
        self.advice = advice


# The tree ----------------------------------------------------------------------


class Literal(NamedTuple):
    value: Any
    start: int
    end: int


class Name(NamedTuple):
    """A bare name: a symbol such as H."""

    name: str
    start: int
    end: int


class Reference(NamedTuple):
    """`$name.step.step`; a step is a word, an index, or a reference of its own."""

    name: str
    steps: tuple["str | int | Reference", ...]
    start: int
    end: int


class Unary(NamedTuple):
    operator: str
    operand: "Expression"
    start: int
    end: int


class Binary(NamedTuple):
    operator: str
    left: "Expression"
    right: "Expression"
    start: int
    end: int


class Conditional(NamedTuple):
    then: "Expression"
    condition: "Expression"
    otherwise: "Expression"
    start: int
    end: int


class Call(NamedTuple):
    function: str
    arguments: tuple["Expression", ...]
    start: int
    end: int


Expression = Literal | Name | Reference | Unary | Binary | Conditional | Call


def walk(tree: Expression) -> Iterator[Expression]:
    """Every node of the tree, itself first."""
    yield tree
    match tree:
        case Unary():
            yield from walk(tree.operand)
        case Binary():
            yield from walk(tree.left)
            yield from walk(tree.right)
        case Conditional():
            for part in (tree.then, tree.condition, tree.otherwise):
                yield from walk(part)
        case Call():
            for argument in tree.arguments:
                yield from walk(argument)
        case Reference():
            for step in tree.steps:
                if isinstance(step, Reference):
                    yield from walk(step)


# Reading -----------------------------------------------------------------------

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\d+)"
    r"|(?P<reference>\$[A-Za-z_]\w*(?:\.\$?\w+)*)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<string>'[^']*'|\"[^\"]*\")"
    r"|(?P<sign>\*\*|//|==|!=|<=|>=|[-+*/%<>(),]))",
    re.ASCII,
)
_WORDS = {"true": True, "false": False, "null": None}
_KEYWORDS = {"and", "or", "not", "if", "else"}
_LEVELS: dict[str, int] = {
    **{"or": 1, "and": 2},
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "//", "%"), 6),
    "**": 8,
}
_PYTHON_ONLY = {
    "[": "an index is a dot: `$depths.0`",
    "!": "write `not`",
    "&": "write `and`",
    "|": "write `or`",
    "=": "compare with `==`",
    "^": "a power is `**`",
    "?": "write `a if condition else b`",
}


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def parse(text: str, limits: Limits = limits_.DEFAULT) -> Expression:
    """Read one expression. Raises ExpressionError."""
    if len(text) > limits.expression_length:
        raise ExpressionError(
            f"an expression has at most {limits.expression_length} characters"
        )
    return _Parser(_tokens(text), limits).whole()


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            sign = text[start]
            raise ExpressionError(
                f"`{sign}` means nothing here", start, start + 1, _PYTHON_ONLY.get(sign)
            )
        kind = str(match.lastgroup)
        tokens.append(Token(kind, match[kind], match.start(kind), match.end(kind)))
        position = match.end()
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


class _Parser:
    def __init__(self, tokens: list[Token], limits: Limits) -> None:
        self.tokens = tokens
        self.limits = limits
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        return (
            self.advance()
            if self.token.text in texts and self.token.kind != "string"
            else None
        )

    def expect(self, text: str, what: str) -> None:
        if not self.accept(text):
            self.fail(f"expected `{text}` {what}")

    def fail(self, reason: str) -> None:
        token = self.token
        found = f", found `{token.text}`" if token.text else ", but it ends here"
        raise ExpressionError(
            reason + found, token.start, max(token.end, token.start + 1)
        )

    def whole(self) -> Expression:
        tree = self.conditional()
        if self.token.kind != "end":
            self.fail("expected an operator")
        return tree

    def conditional(self) -> Expression:
        then = self.binary(1)
        if not self.accept("if"):
            return then
        condition = self.binary(1)
        self.expect("else", "to finish `a if condition else b`")
        otherwise = self.conditional()
        return Conditional(then, condition, otherwise, then.start, otherwise.end)

    def binary(self, level: int) -> Expression:
        self.depth += 1
        if self.depth > self.limits.expression_depth * 2:
            raise ExpressionError(
                "this is nested too deeply", self.token.start, self.token.end
            )
        left = self.unary(level)
        while (
            found := _LEVELS.get(self.token.text, 0)
        ) >= level and self.token.kind != "string":
            sign = self.advance().text
            if found == 4 and isinstance(left, Binary) and _LEVELS[left.operator] == 4:
                self.position -= 1
                self.fail("comparisons do not chain; join two with `and`")
            right = self.binary(found if sign == "**" else found + 1)
            left = Binary(sign, left, right, left.start, right.end)
        self.depth -= 1
        return left

    def unary(self, level: int) -> Expression:
        if level <= 3 and (word := self.accept("not")):
            operand = self.binary(3)
            return Unary("not", operand, word.start, operand.end)
        if sign := self.accept("-", "+"):
            operand = self.binary(7)
            return Unary(sign.text, operand, sign.start, operand.end)
        return self.primary()

    def primary(self) -> Expression:
        token = self.token
        match token.kind:
            case "number":
                self.advance()
                return Literal(_number(token, self.limits), token.start, token.end)
            case "string":
                self.advance()
                return Literal(token.text[1:-1], token.start, token.end)
            case "reference":
                self.advance()
                return _reference(token.text, token.start)
            case "name" if token.text not in _KEYWORDS:
                return self.name()
        if self.accept("("):
            inside = self.conditional()
            self.expect(")", "to close the bracket")
            return inside
        self.fail("expected a value")
        raise AssertionError

    def name(self) -> Expression:
        token = self.advance()
        if token.text in _WORDS:
            return Literal(_WORDS[token.text], token.start, token.end)
        if not self.accept("("):
            return Name(token.text, token.start, token.end)
        if token.text not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise ExpressionError(
                f"there is no function `{token.text}`",
                token.start,
                token.end,
                f"there are {known}",
            )
        arguments = []
        while not self.accept(")"):
            arguments.append(self.conditional())
            if not self.accept(",") and self.token.text != ")":
                self.fail("expected `,` or `)`")
        end = self.tokens[self.position - 1].end
        return Call(token.text, tuple(arguments), token.start, end)


def _number(token: Token, limits: Limits) -> int | float:
    if not token.text.isdigit():
        return float(token.text)
    if len(token.text.lstrip("0")) > 16 or int(token.text) > limits.integer:
        raise ExpressionError("integers go up to 2**53", token.start, token.end)
    return int(token.text)


def _reference(text: str, start: int) -> Reference:
    """Split `$depths.$i.0`; a `$` after a dot starts a reference of one word."""
    head, *rest = text[1:].split(".")
    position = start + 1 + len(head)
    steps: list[str | int | Reference] = []
    for word in rest:
        at = position + 1
        if word.startswith("$"):
            steps.append(Reference(word[1:], (), at, at + len(word)))
        else:
            steps.append(int(word) if word.isdigit() and len(word) < 10 else word)
        position = at + len(word)
    return Reference(head, tuple(steps), start, start + len(text))


# Evaluating --------------------------------------------------------------------


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
            if left == right:
                return True
            gap = left - right
            if isinstance(gap, int):
                return gap == 0
            self.undecided(gap, tree)
        return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)

    def compare(self, sign: str, left: Number, right: Number, tree: Binary) -> bool:
        gap = left - right
        if isinstance(gap, Dimension):
            self.undecided(gap, tree)
        return bool({"<": gap < 0, "<=": gap <= 0, ">": gap > 0, ">=": gap >= 0}[sign])

    def undecided(self, gap: Dimension, tree: Binary) -> None:
        names = ", ".join(f"`{name}`" for name in sorted(symbols(gap)))
        raise ExpressionError(
            f"this depends on {names}, which has no value here",
            tree.start,
            tree.end,
            "give the input a fixed size there, or decide by a param",
        )

    def arithmetic(self, sign: str, left: Any, right: Any, tree: Binary) -> Number:
        match sign:
            case "+":
                return left + right  # type: ignore[no-any-return]
            case "-":
                return left - right  # type: ignore[no-any-return]
            case "*":
                return left * right  # type: ignore[no-any-return]
            case "/":
                return left / right  # type: ignore[no-any-return]
            case "//":
                return left // right  # type: ignore[no-any-return]
            case "%":
                return (
                    left - left // right * right
                    if isinstance(left, Dimension)
                    else left % right
                )
        if not isinstance(right, int) or not 0 <= right <= self.limits.exponent:
            raise ExpressionError(
                f"an exponent is an integer from 0 to {self.limits.exponent}",
                tree.right.start,
                tree.right.end,
            )
        if not isinstance(left, int | float):
            raise TypeError
        return left**right  # type: ignore[no-any-return]

    def bounded(self, value: Any, tree: Expression) -> Any:
        if isinstance(value, int) and abs(value) > self.limits.integer:
            raise ExpressionError("integers go up to 2**53", tree.start, tree.end)
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
        numbers = tree.function == "len" or all(type(v) in (int, float) for v in value)
        if not isinstance(value, tuple) or not numbers:
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
        case dict():
            return "a row"
        case _:
            return str(value)
