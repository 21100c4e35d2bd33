"""The operators, by name; importing this package declares them all."""

from netspec.operators import (
    activation,
    convolution,
    dropout,
    join,
    linear,
    normalization,
    pooling,
    shape,
)
from netspec.operators.base import OPERATORS, Category, Operator, OperatorError

__all__ = ["OPERATORS", "Category", "Operator", "OperatorError"]

FAMILIES = (
    convolution,
    linear,
    normalization,
    activation,
    pooling,
    dropout,
    join,
    shape,
)
