"""Text -> tree, by precedence climbing."""

import re
from typing import NamedTuple

from netspec import limits as limits_
from netspec.expressions.evaluate import FUNCTIONS
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
_WORDS = {"true": True, "false": False, "null": None}
_KEYWORDS = {"and", "or", "not", "if", "else"}
_COMPARISON = 4
_LEVELS: dict[str, int] = {
    **{"or": 1, "and": 2},
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _COMPARISON),
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
        return self.advance() if self.token.text in texts else None

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
            most = self.limits.expression_depth
            raise ExpressionError(
                f"an expression is nested at most {most} deep, and this is over {most}",
                self.token.start,
                self.token.end,
                raised_by("expression_depth"),
            )
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
