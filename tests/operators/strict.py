"""Where netspec refuses what CPU torch accepts, and why. Nothing else may differ."""

from collections.abc import Callable
from typing import NamedTuple

from tests.operators.strategies import Case


class Rule(NamedTuple):
    """A reason, which refusals it covers, and a use that shows it."""

    reason: str
    covers: Callable[[Case, str], bool]


STRICT: tuple[Rule, ...] = ()


def covered(case: Case, message: str) -> bool:
    return any(rule.covers(case, message) for rule in STRICT)
