"""Symbolic sizes: what is inferred over H and W holds at every number."""

import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.constraints import Assumptions
from netspec.dimensions import BATCH, evaluate, substitute, symbol
from netspec.operators import OPERATORS, OperatorError
from netspec.tensors import TensorType
from tests.operators.harness import (
    SAMPLES,
    Types,
    attempt,
    infer,
    is_valid,
    run,
    tensors,
)
from tests.operators.strategies import NAMES, Case, Draw, cases

# Where a symbol is refused though a number would do, and rightly so.
NEEDS_NUMBERS = "|".join(
    [
        "must be a fixed number",  # a parameter is sized by it
        "cannot be read off",  # `forward` could not name the size
        "has no exact product",  # PyTorch rounds in floating point
        "elements do not make",  # no algebra for the quotient
        "does not divide by",  # chunks of unequal size
        "their shapes differ",  # the batch meets a symbol that may be 1
    ]
)


# Where constraints say more than numbers need: a symbol is never taken for a 1 that
# broadcasts, and its chunks are equal.
STRONGER = {
    "Elementwise",
    "CosineSimilarity",
    "PairwiseDistance",
    "MatMul",
    "ScaledDotProductAttention",
    "Expand",
    "Chunk",
}


@st.composite
def symbolic(draw: Draw, name: str) -> tuple[Case, Case, dict[str, int]]:
    """A valid use, the same with symbols for a few sizes, and what these stand for."""
    case = draw(cases(name).filter(is_valid))
    places = [
        (i, k)
        for i, tensor in enumerate(case.types)
        for k in range(tensor.is_batched, tensor.rank)
    ]
    sizes: dict[str, int] = {}
    shapes = [list(tensor.sizes) for tensor in case.types]
    for letter in "HW"[: draw(st.integers(1, 2)) if places else 0]:
        i, k = draw(st.sampled_from(places))
        number = case.types[i].sizes[k]
        assert isinstance(number, int)
        sizes[letter] = number
        alike = [p for p in places if case.types[p[0]].sizes[p[1]] == number]
        for a, b in alike if draw(st.booleans()) else [(i, k)]:
            shapes[a][b] = symbol(letter)
    types = tuple(
        TensorType(tuple(shape), tensor.dtype)
        for shape, tensor in zip(shapes, case.types, strict=True)
    )
    return case, Case(case.operator, types), sizes


def at(types: Types, sizes: dict[str, int]) -> Types:
    return tuple(
        tensor.with_sizes(substitute(size, sizes) for size in tensor.sizes)
        for tensor in types
    )


def others(sizes: dict[str, int], seed: object) -> Iterator[dict[str, int]]:
    """Other sizes for the same symbols."""
    chance = random.Random(repr(seed))
    for _ in range(5):
        yield {name: chance.choice([1, 2, 3, 4, 5, 6, 8, 9, 12]) for name in sizes}


@pytest.mark.parametrize("name", [n for n in NAMES if OPERATORS[n].arity != (0, 0)])
def test_symbols_hold_at_every_number(name: str) -> None:
    @given(symbolic(name))
    def check(drawn: tuple[Case, Case, dict[str, int]]) -> None:
        numeric, general, sizes = drawn
        assume = Assumptions()
        try:
            types = infer(general, assume)
        except OperatorError as error:
            reason = error.reason
        else:
            for other in (sizes, *others(sizes, general)):
                _check_at(general, types, assume, other)
            if _holds(assume, sizes):
                _check_call(numeric, general)
            return
        assert re.search(NEEDS_NUMBERS, reason), reason

    check()


def _holds(assume: Assumptions, sizes: dict[str, int]) -> bool:
    return all(c.holds({**sizes, BATCH: SAMPLES}) for c in assume.needed)


def _check_at(
    general: Case, types: Types, assume: Assumptions, sizes: dict[str, int]
) -> None:
    """The constraints say exactly when numbers are accepted, and then to what."""
    numbers = Case(general.operator, at(general.types, sizes))
    if _holds(assume, sizes):
        assert at(types, sizes) == infer(numbers), sizes
        _check_facets(general, types, sizes)
    elif not any(k.__name__ in STRONGER for k in type(general.operator).__mro__):
        needed = [str(constraint) for constraint in assume.needed]
        assert not is_valid(numbers), f"{needed} are not needed at {sizes}"


def _check_facets(general: Case, types: Types, sizes: dict[str, int]) -> None:
    """What is accepted has a state, a cost and a call."""
    numbers = Case(general.operator, at(general.types, sizes))
    state = general.operator.state(general.types)
    assert state == general.operator.state(numbers.types)
    cost = general.operator.macs(general.types, types)
    found = general.operator.macs(numbers.types, at(types, sizes))
    assert evaluate(cost, sizes) == found


def _check_call(numeric: Case, general: Case) -> None:
    """The call emitted for symbols runs on numbers."""
    if isinstance(attempt(numeric), Exception) or _runs_on_cuda_only(numeric):
        return
    inputs = tensors(numeric)
    outputs = run(general, inputs)
    for tensor, output in zip(infer(numeric), outputs, strict=True):
        wanted = [evaluate(size, {BATCH: SAMPLES}) for size in tensor.sizes]
        assert list(output.shape) == wanted


def _runs_on_cuda_only(case: Case) -> bool:
    return type(case.operator).__name__ == "SyncBatchNorm"
