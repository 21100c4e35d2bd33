"""The expression language: one line of arithmetic over params, shapes and symbols.

A grammar of its own, evaluated over exact integers; nothing in it reaches Python's
names, attributes or functions.

read        text to a tree
tree        what an expression is
functions   what it may call
evaluate    a tree to a value
"""

from netspec.expressions.evaluate import evaluate, show
from netspec.expressions.functions import FUNCTIONS, make_divisible
from netspec.expressions.read import parse
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
    UnknownName,
    Written,
    references,
    walk,
)

__all__ = [
    "FUNCTIONS",
    "Binary",
    "Call",
    "Conditional",
    "Expression",
    "ExpressionError",
    "Literal",
    "Name",
    "Reference",
    "Unary",
    "UnknownName",
    "Written",
    "evaluate",
    "make_divisible",
    "parse",
    "references",
    "show",
    "walk",
]
