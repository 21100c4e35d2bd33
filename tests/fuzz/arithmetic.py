"""Expressions against Python's own arithmetic; dimensions against their values."""

import math
import random
from typing import Any

from netspec.dimensions import Dim, TooComplex, evaluate, floor_div, minimum, symbol
from netspec.expressions import ExpressionError, parse
from netspec.expressions import evaluate as work_out

PARAMS = {"width": 64, "depth": 3, "rate": 0.25, "wide": True}
OPERATORS = ("+", "-", "*", "//", "%", "/", "**")
RELATIONS = ("<", "<=", ">", ">=", "==", "!=")
FUNCTIONS = {"min": min, "max": max, "abs": abs, "round": round, "floor": math.floor}


def lookup(part: Any) -> Any:
    return PARAMS[part.name]


def number(rng: random.Random, depth: int) -> str:
    """A random numeric expression, the same text in Python but for its `$`."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(["$width", "$depth", "$rate", str(rng.randint(0, 20)), "2.5"])
    left, right = number(rng, depth - 1), number(rng, depth - 1)
    match rng.randrange(6):
        case 0:
            return f"({left})"
        case 1:
            return f"-{left}"
        case 2:
            return f"({left} if {truth(rng, depth - 1)} else {right})"
        case 3:
            return f"{rng.choice(['min', 'max'])}({left}, {right})"
        case 4:
            return f"{rng.choice(['abs', 'round', 'floor'])}({left})"
    return f"{left} {rng.choice(OPERATORS)} {right}"


def truth(rng: random.Random, depth: int) -> str:
    if depth <= 0 or rng.random() < 0.3:
        return f"({number(rng, 0)} {rng.choice(RELATIONS)} {number(rng, 0)})"
    left, right = truth(rng, depth - 1), truth(rng, depth - 1)
    return (
        f"({rng.choice([f'{left} and {right}', f'{left} or {right}', f'not {left}'])})"
    )


def expressions(rng: random.Random) -> str:
    """The value is Python's, or it is refused for a limit."""
    text = number(rng, rng.randint(0, 4))
    try:
        found = work_out(parse(text), lookup)
    except ExpressionError:
        return "refused"
    names = {"__builtins__": {}, **FUNCTIONS, **PARAMS}
    expected = eval(text.replace("$", ""), names)  # our own text, made above
    assert found == expected
    assert type(found) is type(expected)
    return "accepted"


def nonsense(rng: random.Random) -> str:
    """Pieces in any order are an expression or an error with a place in it."""
    pieces = ["$width", "(", ")", "+", "**", "if", "else", "and", "not", "'x'", "."]
    pieces += ["$", "==", "min", "[", ",", "9" * 20, "1e400", "H", "__class__", "é"]
    text = rng.choice(["", " "]).join(rng.choices(pieces, k=rng.randint(0, 12)))
    try:
        work_out(parse(text), lookup)
    except (ExpressionError, KeyError):
        return "refused"
    return "accepted"


def dimensions(rng: random.Random) -> str:
    """Algebra on symbols is arithmetic on their sizes."""
    sizes = {name: rng.randint(1, 60) for name in "HWT"}
    values: list[tuple[Dim, int]] = [(symbol(n), size) for n, size in sizes.items()]
    try:
        for _ in range(rng.randint(1, 6)):
            values.append(_combined(rng, values))
    except TooComplex:
        return "refused"
    for dim, size in values:
        assert evaluate(dim, sizes) == size
    return "accepted"


def _combined(rng: random.Random, values: list[tuple[Dim, int]]) -> tuple[Dim, int]:
    (first, a), (second, b) = rng.choice(values), rng.choice(values)
    k = rng.randint(1, 9)
    match rng.randrange(6):
        case 0:
            return first + second, a + b
        case 1:
            return first - second, a - b
        case 2:
            return first * second, a * b
        case 3:
            return floor_div(first, k), a // k
        case 4:
            return minimum(first, second), min(a, b)
    return first * k - k // 2, a * k - k // 2
