"""Symbolic sizes: algebra equals arithmetic, and needs are what they seem."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.constraints import Assumptions
from netspec.dimensions import (
    Dim,
    TooComplex,
    ceil_div,
    evaluate,
    floor_div,
    minimum,
    product,
    substitute,
    symbol,
)
from tests.fuzz import arithmetic

H, W = symbol("H"), symbol("W")
CHECKED = settings(max_examples=150, deadline=None, derandomize=True, database=None)
SIZES = st.integers(1, 500)


@given(SIZES, SIZES, st.integers(1, 12), st.integers(-20, 20))
@CHECKED
def test_algebra_is_arithmetic(h: int, w: int, by: int, shift: int) -> None:
    sizes = {"H": h, "W": w}
    pairs: list[tuple[Dim, int]] = [
        (H + W * 3 - H, w * 3),
        ((H + shift) * (W - 1), (h + shift) * (w - 1)),
        (floor_div(H * by + shift, by), (h * by + shift) // by),
        (floor_div(floor_div(H, by) + shift, 2), (h // by + shift) // 2),
        (floor_div(floor_div(H, by) + shift, -3), (h // by + shift) // -3),
        (ceil_div(H + shift, by), -(-(h + shift) // by)),
        (minimum(H, W) * 2, min(h, w) * 2),
    ]
    for dim, value in pairs:
        assert evaluate(dim, sizes) == value
        assert evaluate(substitute(dim, {"H": h}), {"W": w}) == value


def test_random_algebra() -> None:
    found = {arithmetic.dimensions(random.Random(seed)) for seed in range(1500)}
    assert "accepted" in found


def test_equal_sizes_meet_as_equal_values() -> None:
    assert (H + 1) - 1 == H
    assert floor_div(H * 4, 2) == H * 2
    assert floor_div(floor_div(H, 2), 2) == floor_div(H, 4)
    assert H - H == 0
    assert floor_div(H, 32, {"H": 32}) * 32 == H


def test_what_is_needed_is_said_plainly() -> None:
    assume = Assumptions()
    assert assume.at_least(floor_div(H, 32), 1)
    assert assume.divides(W, 8)
    assert assume.at_least(symbol("T") - 600, 1)
    assert [str(c) for c in assume.report()] == ["H >= 32", "T >= 601", "W % 8 == 0"]


def test_what_cannot_be_is_refused() -> None:
    assume = Assumptions()
    assert not assume.equal(H, H + 1)
    assert not assume.at_least(H * -1, 1)
    assert assume.at_least(H, 10)
    assert not assume.equal(H, 3)


def test_a_size_has_a_bounded_length() -> None:
    with pytest.raises(TooComplex):
        product([H + W + 1] * 30)
