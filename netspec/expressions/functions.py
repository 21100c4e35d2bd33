"""The functions an expression may call."""

import math
from collections.abc import Callable
from typing import Any


def make_divisible(value: float, divisor: int = 8) -> int:
    """Round to a multiple of `divisor`, never losing over 10 % (MobileNet's rule)."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


# Each with the least and the most arguments it takes.
FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "min": (min, 2, 64),
    "max": (max, 2, 64),
    "abs": (abs, 1, 1),
    "round": (round, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "floor": (math.floor, 1, 1),
    "len": (len, 1, 1),
    "sum": (sum, 1, 1),
    "make_divisible": (make_divisible, 1, 2),
}
