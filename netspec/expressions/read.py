"""Text -> tree, by precedence climbing."""

import re
from typing import NamedTuple, NoReturn

from netspec import limits as limits_
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

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\d+)"
    r"|(?P<reference>\$[A-Za-z_]\w*(?:\.\$?\w+)*)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<string>'[^']*'|\"[^\"]*\")"
    r"|(?P<sign>\*\*|//|==|!=|<=|>=|[-+*/%<>(),]))",
    re.ASCII,
)
_TUPLE = re.compile(r"\(([^()]*,[^()]*)\)")
_BRACED = re.compile(r"\$\{\s*(\w+)\s*\}", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}
_KEYWORDS = {"and", "or", "not", "if", "else"}
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = range(1, 9)
_LEVELS = {  # how tightly each operator binds
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _COMPARISON),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "//", "%"), _PRODUCT),
    "**": _POWER,
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
    """A word or sign of an expression, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def parse(text: str, limits: Limits = limits_.DEFAULT) -> Expression:
    """Read one expression. Raises ExpressionError."""
    if len(text) > limits.expression_length:
        most = f"an expression has at most {limits.expression_length} characters"
        raise ExpressionError(
            f"{most}, and this has {len(text)}",
            advice=raised_by("expression_length"),
        )
    items = _TUPLE.fullmatch(text.strip())
    if items:
        reason, advice = (
            "round brackets hold one value",
            f"a list is written `[{items[1]}]`",
        )
        raise ExpressionError(reason, 0, len(text), advice)
    return _Parser(_tokens(text), limits).whole()


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            sign, advice = text[start], _PYTHON_ONLY.get(text[start])
            if braced := _BRACED.match(text, start):
                advice = f"write `${braced[1]}`"
            reason = f"`{sign}` means nothing here"
            raise ExpressionError(reason, start, start + 1, advice)
        kind = str(match.lastgroup)
        tokens.append(Token(kind, match[kind], match.start(kind), match.end(kind)))
        position = match.end()
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


class _Parser:
    """Reads one expression's words and signs from left to right."""

    def __init__(self, tokens: list[Token], limits: Limits) -> None:
        self.tokens = tokens
        self.limits = limits
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """What comes next."""
        return self.tokens[self.position]

    def advance(self) -> Token:
        """Take what comes next."""
        self.position += 1
        return self.tokens[self.position - 1]

    def accept(self, *texts: str) -> Token | None:
        """Take what comes next if it is one of these."""
        return self.advance() if self.token.text in texts else None

    def expect(self, text: str, what: str) -> None:
        """Take this, or say what it would be for."""
        if not self.accept(text):
            self.fail(f"expected `{text}` {what}")

    def fail(self, reason: str) -> NoReturn:
        """Say what is wrong with what comes next."""
        token = self.token
        found = f", found `{token.text}`" if token.text else ", but it ends here"
        end = max(token.end, token.start + 1)
        raise ExpressionError(reason + found, token.start, end)

    def deepen(self) -> None:
        """Go into a part of a part; each level of brackets takes two steps."""
        self.depth += 1
        most = self.limits.expression_depth
        if self.depth > most * 2:
            reason = f"an expression is nested at most {most} deep"
            raise ExpressionError(
                f"{reason}, and this is over {most}",
                self.token.start,
                self.token.end,
                raised_by("expression_depth"),
            )

    def whole(self) -> Expression:
        """The expression, with nothing behind it."""
        tree = self.conditional()
        if self.token.kind != "end":
            self.fail("expected an operator")
        return tree

    def conditional(self) -> Expression:
        """`a if condition else b`, or an operation alone."""
        then = self.binary(_OR)
        if not self.accept("if"):
            return then
        condition = self.binary(_OR)
        self.expect("else", "to finish `a if condition else b`")
        otherwise = self.conditional()
        return Conditional(then, condition, otherwise, then.start, otherwise.end)

    def binary(self, level: int) -> Expression:
        """Operands, and between them operators that bind at least this tightly."""
        self.deepen()
        left = self.unary(level)
        compared = False
        while (found := _LEVELS.get(self.token.text, 0)) >= level:
            if compared and found == _COMPARISON:
                self.fail("comparisons do not chain; join two with `and`")
            compared = found == _COMPARISON
            sign = self.advance().text
            right = self.binary(found if sign == "**" else found + 1)
            left = Binary(sign, left, right, left.start, right.end)
        self.depth -= 1
        return left

    def unary(self, level: int) -> Expression:
        """An operand with its sign or its `not`."""
        if level <= _NOT and (word := self.accept("not")):
            operand = self.binary(_NOT)
            return Unary("not", operand, word.start, operand.end)
        if sign := self.accept("-", "+"):
            operand = self.binary(_SIGN)
            return Unary(sign.text, operand, sign.start, operand.end)
        return self.primary()

    def primary(self) -> Expression:
        """A value, a name, a call, or a whole expression in brackets."""
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
        if not self.accept("("):
            self.fail("expected a value")
        inside = self.conditional()
        self.expect(")", "to close the bracket")
        return inside

    def name(self) -> Expression:
        """A word: a value of its own, a symbol, or a function with its arguments."""
        token = self.advance()
        if token.text in _WORDS:
            return Literal(_WORDS[token.text], token.start, token.end)
        if not self.accept("("):
            return Name(token.text, token.start, token.end)
        if token.text not in FUNCTIONS:
            reason = f"there is no function `{token.text}`"
            known = ", ".join(FUNCTIONS)
            raise ExpressionError(reason, token.start, token.end, f"there are {known}")
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
    if len(token.text.lstrip("0")) > 60 or int(token.text) > limits.integer:
        reason = str(LongInteger(token.text, limits.integer))
        advice = raised_by("integer")
        raise ExpressionError(reason, token.start, token.end, advice)
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
