"""The operators, by name; importing this package declares them all."""

from netspec.operators import (
    activation,
    adaptive,
    arithmetic,
    attention,
    convolution,
    distance,
    dropout,
    embedding,
    gating,
    indexing,
    join,
    linear,
    normalization,
    padding,
    pooling,
    product,
    recurrent,
    reduction,
    resampling,
    shape,
    tensor,
    transformer,
)
from netspec.operators.base import OPERATORS, Category, Operator, OperatorError

__all__ = ["OPERATORS", "Category", "Operator", "OperatorError"]

FAMILIES = (
    convolution,
    linear,
    normalization,
    activation,
    gating,
    pooling,
    adaptive,
    dropout,
    embedding,
    recurrent,
    attention,
    transformer,
    join,
    shape,
    indexing,
    padding,
    resampling,
    product,
    reduction,
    distance,
    arithmetic,
    tensor,
)
