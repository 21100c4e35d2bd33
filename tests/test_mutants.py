"""Shipped specs broken in each way, and in two: where the findings are."""

import random

import pytest

from tests.fuzz.mutants import WAYS, broken, is_found, survey_of_pairs
from tests.fuzz.texts import SHIPPED

LEAST = 0.95
PER_SPEC = 6  # ways tried on one spec here; the others take their turn on the next


def test_there_are_thirty_ways() -> None:
    assert len(WAYS) >= 30


def test_first_finding_is_on_the_broken_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = list(WAYS) * 2
    missed: list[str] = []
    tried = 0
    for number, path in enumerate(SHIPPED):
        text, rng = path.read_text(), random.Random(number)
        for way in names[number * PER_SPEC % len(WAYS) :][:PER_SPEC]:
            mutant = broken(rng, text, way)
            tried += mutant is not None
            if mutant is not None and not is_found(*mutant, str(path)):
                missed.append(f"{way} in {path.name}:{mutant[1]}")
    share = 1 - len(missed) / tried
    with capsys.disabled():
        print(f" {tried - len(missed)} of {tried} ({share:.1%})", end="")
    assert share >= LEAST, missed


def test_one_mistake_hides_no_other() -> None:
    found, tried = survey_of_pairs(8)
    assert tried > 50
    assert found / tried >= 0.9
