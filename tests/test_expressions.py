"""Expressions: Python's own arithmetic, over numbers, and nothing else of Python."""

import random
from typing import Any

import pytest

from netspec.dimensions import Dimension, symbol
from netspec.expressions import ExpressionError, evaluate, parse
from tests.fuzz import arithmetic

VALUES: dict[str, Any] = {"n": 7, "list": (3, 4, 6), "flag": True, "name": "gelu"}


def lookup(part: Any) -> Any:
    if part.name == "H":
        return symbol("H")
    value = VALUES[part.name]
    for step in part.steps:
        value = value[step]
    return value


def value(text: str) -> Any:
    return evaluate(parse(text), lookup)


WORTH = {
    "2 + 3 * 4": 14,
    "-2 ** 2": -4,
    "2 ** 3 ** 2": 512,
    "7 // 2 * 2": 6,
    "-7 // 2": -4,
    "-7 % 3": 2,
    "1 if $n > 3 else 2": 1,
    "not $flag or $n == 7": True,
    "$list.1 + len($list)": 7,
    "sum($list)": 13,
    "make_divisible($n * 3, 8)": 24,
    "min(1, 2, $n)": 1,
    "$name == 'gelu'": True,
    "null == null": True,
    "1 == true": False,
    "($n > 1) != ($n > 8)": True,
    "(1 < 2) == (3 < 4)": True,
    "1 < 2 and 3 < 4": True,
    "round(2.5)": 2,
    "ceil(7 / 2)": 4,
}


@pytest.mark.parametrize("text", WORTH)
def test_value(text: str) -> None:
    assert (value(text), type(value(text))) == (WORTH[text], type(WORTH[text]))


WRONG = {
    "1 +": (3, "it ends here"),
    "$n & 1": (3, "means nothing"),
    "1 < 2 < 3": (6, "do not chain"),
    "not 1 < 2 == true": (10, "do not chain"),
    "'<' < 2 > 3": (8, "do not chain"),
    "open('x')": (0, "no function"),
    "1 / 0": (4, "divides by zero"),
    "2 ** 65": (5, "exponent"),
    "9007199254740993": (0, "2**53"),
    "$n and true": (0, "not true or false"),
    "$flag + 1": (0, "not a number"),
    "(1": (2, "close the bracket"),
    "sum($n)": (4, "list of numbers"),
    "max(1)": (0, "takes 2 to 64 arguments, and this has 1"),
    "abs(1, 2)": (0, "takes 1 argument, and this has 2"),
    "(3, 3)": (0, "round brackets hold one value"),
    "1 + ${n}": (4, "means nothing"),
}


@pytest.mark.parametrize("text", WRONG)
def test_the_part_at_fault_is_named(text: str) -> None:
    start, reason = WRONG[text]
    with pytest.raises(ExpressionError, match=reason.replace("*", r"\*")) as caught:
        value(text)
    assert caught.value.start == start


def test_symbols_stay_symbols() -> None:
    assert isinstance(value("H // 2 + 1"), Dimension)
    assert str(value("2 * H + H")) == "3*H"
    with pytest.raises(ExpressionError, match="depends on `H`"):
        value("H > 3")


@pytest.mark.parametrize("fuzzer", [arithmetic.expressions, arithmetic.nonsense])
def test_random_expressions(fuzzer: Any) -> None:
    found = [fuzzer(random.Random(seed)) for seed in range(3000)]
    assert {"accepted", "refused"} == set(found)
