"""Arguments out of range, of the wrong type or very large: a reason, never a crash."""

import math
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.kinds import Kind, KindError
from netspec.operators import OPERATORS, OperatorError
from tests.operators.harness import attempt, concrete, described, expected, infer
from tests.operators.strategies import NAMES, Case, cases
from tests.operators.strict import covered

HOSTILE: list[Any] = [
    0,
    -1,
    -100,
    13,
    10_000,
    2**31,
    2**60,
    0.5,
    -0.5,
    1e300,
    math.nan,
    math.inf,
    True,
    "x",
    "same",
    None,
    (),
    (0,),
    (1, -1),
    (1, 2, 3, 4, 5, 6, 7, 8, 9),
    ("a", "b"),
]
MOST = 200_000  # numbers in a tensor that a test may make


def accept(kind: Kind, value: Any) -> tuple[Any, str]:
    """The settled value, or why there is none."""
    try:
        return kind.accept(value), ""
    except KindError as error:
        return None, str(error)


@st.composite
def hostile(draw: Any, name: str) -> Case | None:
    """A use with one argument replaced, if its kind takes the value."""
    case = draw(cases(name))
    fields = OPERATORS[name].fields
    if not fields:
        return case  # type: ignore[no-any-return]
    field = fields[draw(st.sampled_from(sorted(fields)))]
    value, reason = accept(field.kind, draw(st.sampled_from(HOSTILE)))
    if reason:
        assert reason.startswith("expected ")
        return None
    arguments = {**dict(case.operator.items()), field.name: value}
    return Case(type(case.operator)(**arguments), case.types)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_arguments(name: str) -> None:
    @given(hostile(name))
    def check(case: Case | None) -> None:
        if case is None:
            return
        try:
            types = infer(case)
        except OperatorError as error:
            reason = error.reason
        else:
            state = case.operator.state(case.types).values()
            shapes = [*map(concrete, types), *(weight.shape for weight in state)]
            if sum(map(prod, shapes)) < MOST and not _is_slow(case):
                found = attempt(case)
                assert not isinstance(found, Exception), str(found)
                assert described(found) == expected(types)
            return
        assert reason
        if not covered(reason) and not _is_slow(case):
            assert isinstance(attempt(case), Exception), reason

    check()


def _is_slow(case: Case) -> bool:
    """Whether PyTorch would work long, or take much memory, on the way."""
    numbers = [v for _, value in case.operator.items() for v in _flat(value)]
    return any(abs(number) > 100 for number in numbers)


def _flat(value: Any) -> list[float]:
    values = value if isinstance(value, tuple) else (value,)
    return [v for v in values if isinstance(v, int | float)]
