"""What an expression is once it is read."""

from collections.abc import Iterator
from typing import Any, NamedTuple


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


class UnknownName(ExpressionError):
    """A name that stands for nothing."""


class Literal(NamedTuple):
    """A number, a text, true, false or null."""

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
    """A sign or `not`."""

    operator: str
    operand: "Expression"
    start: int
    end: int


class Binary(NamedTuple):
    """Two operands and the operator between them."""

    operator: str
    left: "Expression"
    right: "Expression"
    start: int
    end: int


class Conditional(NamedTuple):
    """`then if condition else otherwise`."""

    then: "Expression"
    condition: "Expression"
    otherwise: "Expression"
    start: int
    end: int


class Call(NamedTuple):
    """A call of one of the few functions."""

    function: str
    arguments: tuple["Expression", ...]
    start: int
    end: int


Expression = Literal | Name | Reference | Unary | Binary | Conditional | Call
Written = Expression | tuple[Expression | None, ...]  # a value, or a list's items


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


def references(written: Written) -> Iterator[Reference]:
    """The references in an expression, or in those that a list holds."""
    for tree in (written,) if isinstance(written, Expression) else written:
        if tree is not None:
            yield from (part for part in walk(tree) if isinstance(part, Reference))
