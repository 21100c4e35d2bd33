"""Draws uses of an operator: its arguments, from their kinds, and its inputs' types."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from netspec.dimensions import batch
from netspec.kinds import (
    Boolean,
    Choice,
    Integer,
    Integers,
    Kind,
    KindError,
    ListOf,
    Null,
    Number,
    OneOf,
    Size,
    Text,
)
from netspec.operators import OPERATORS, Category, Operator
from netspec.operators.base import ACCEPTED
from netspec.record import MISSING
from netspec.tensors import TensorType

Draw = Callable[[st.SearchStrategy[Any]], Any]

NAMES = sorted(
    name for name, kind in OPERATORS.items() if kind.category is not Category.TENSOR
)
NUMBERS = [-2.0, -0.5, 0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
WRONG = ["float64", "float16", "int64", "int32", "uint8", "bool"]


class Case(NamedTuple):
    """One use: an operator and the types of its inputs, the batch symbolic."""

    operator: Operator
    types: tuple[TensorType, ...]


# Values, by kind ------------------------------------------------------------------


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Values that a kind accepts, most of them small."""
    return PER_KIND[type(kind)](kind)


def _integers(kind: Integer) -> st.SearchStrategy[int]:
    low = -3 if kind.minimum is None else kind.minimum
    high = low + (7 if kind.minimum is None else 4)
    return st.integers(low, high if kind.maximum is None else min(high, kind.maximum))


def _numbers(kind: Number) -> st.SearchStrategy[float]:
    return st.sampled_from([x for x in NUMBERS if accepts(kind, x)])


def _lists(kind: ListOf) -> st.SearchStrategy[tuple[Any, ...]]:
    most = 4 if kind.most is None else kind.most
    return st.lists(values(kind.item), min_size=kind.least, max_size=most).map(tuple)


def _each(kind: Integers) -> st.SearchStrategy[Any]:
    one = values(kind.one)
    return st.one_of(one, st.tuples(*[one] * kind.count))


PER_KIND: dict[type[Kind], Callable[[Any], st.SearchStrategy[Any]]] = {
    Integer: _integers,
    Number: _numbers,
    Boolean: lambda kind: st.booleans(),
    Choice: lambda kind: st.sampled_from(kind.words),
    Text: lambda kind: st.sampled_from(["", "relu"]),
    Integers: _each,
    ListOf: _lists,
    Size: lambda kind: st.sampled_from([-1, 1, 2, 3, 4, 6]),
    Null: lambda kind: st.none(),
    OneOf: lambda kind: st.one_of(*map(values, kind.kinds)),
}


def accepts(kind: Kind, value: Any) -> bool:
    try:
        kind.accept(value)
    except KindError:
        return False
    return True


# Inputs ---------------------------------------------------------------------------

channel = st.sampled_from([1, 2, 3, 4, 4, 6, 8, 12])
side = st.sampled_from([1, 2, 3, 4, 5, 6, 8, 9])


def tensor(draw: Draw, rank: int, dtype: str = "float32") -> TensorType:
    if rank == 1:
        return TensorType.batched((), dtype)
    sides = [draw(side) for _ in range(rank - 2)]
    return TensorType.batched((draw(channel), *sides), dtype)


def ranks(kind: type[Operator]) -> list[int]:
    spatial = getattr(kind, "spatial", None)
    if spatial is not None:
        return [spatial + 2]
    usual = [rank for rank in getattr(kind, "ranks", range(2, 6)) if rank <= 5]
    return [*usual]


def dtypes(kind: type[Operator]) -> str:
    accepted = ACCEPTED[kind.accepts]
    return "float32" if "float32" in accepted else "int64"


def inputs(draw: Draw, kind: type[Operator]) -> tuple[TensorType, ...]:
    """Types for the inputs, alike but for a few."""
    odd = draw(st.integers(0, 19)) == 0
    rank = draw(st.integers(1, 6)) if odd else draw(st.sampled_from(ranks(kind)))
    first = tensor(draw, rank, dtypes(kind))
    least, most = kind.arity
    count = draw(st.integers(least, min(most or least + 2, least + 2)))
    return tuple(first if i == 0 else _alike(draw, first) for i in range(count))


def _alike(draw: Draw, first: TensorType) -> TensorType:
    """The same type mostly; else with one size changed, fewer of them, or no batch."""
    choice = draw(st.integers(0, 9))
    sizes = list(first.sizes)
    if choice == 0 and len(sizes) > 1:
        sizes[draw(st.integers(1, len(sizes) - 1))] = draw(st.sampled_from([1, 2, 3]))
    elif choice == 1:
        sizes = sizes[1:]
    elif choice == 2:
        sizes[0] = draw(st.sampled_from([1, 1, 3]))
    return first.with_sizes(sizes)


def spoil(draw: Draw, types: tuple[TensorType, ...]) -> tuple[TensorType, ...]:
    """Another dtype for one input, now and then."""
    if not types or draw(st.integers(0, 11)):
        return types
    i = draw(st.integers(0, len(types) - 1))
    other = TensorType(types[i].sizes, draw(st.sampled_from(WRONG)))
    return (*types[:i], other, *types[i + 1 :])


# Whole uses -----------------------------------------------------------------------


@st.composite
def cases(draw: Draw, name: str) -> Case:
    """A use of the operator `name`, valid or not."""
    from tests.operators.hints import HINTS

    kind = OPERATORS[name]
    arguments: dict[str, Any] = {}
    hint = next((HINTS[k.__name__] for k in kind.__mro__ if k.__name__ in HINTS), None)
    if hint is not None and draw(st.integers(0, 9)):
        arguments, types = hint(draw, kind)
    else:
        types = inputs(draw, kind)
    for field in kind.fields.values():
        if field.name in arguments:
            continue
        if field.default is not MISSING and draw(st.integers(0, 9)) < 5:
            arguments[field.name] = field.default
        else:
            arguments[field.name] = field.kind.accept(draw(values(field.kind)))
    return Case(kind(**arguments), spoil(draw, types))


__all__ = ["NAMES", "Case", "batch", "cases", "values"]
