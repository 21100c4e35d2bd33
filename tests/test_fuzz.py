"""The short budget of `python -m tests.fuzz`: the same seeds every time."""

import random
import warnings

import pytest

from netspec.operators import OPERATORS
from tests.fuzz import Fuzzer, chains, graphs, prints, structures, texts
from tests.fuzz.__main__ import FUZZERS, fuzz, report

CASES: list[tuple[Fuzzer, int]] = [
    (texts.raw_bytes, 60),
    (texts.mutated, 60),
    (texts.formatted, 100),
    (graphs.networks, 25),
    (structures.structures, 90),
    (chains.chains, 35),
]


@pytest.mark.parametrize(("fuzzer", "count"), CASES)
def test_nothing_breaks(fuzzer: Fuzzer, count: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {fuzzer(random.Random(seed)) for seed in range(count)}
    assert found <= {"accepted", "refused"}
    assert "accepted" in found


def test_networks_are_drawn_over_all_operators() -> None:
    assert graphs.kinds(0, 1500) == set(OPERATORS)


def test_a_wrong_node_is_named() -> None:
    found = [graphs.mutants(random.Random(seed)) for seed in range(150)]
    assert found.count("refused") > 100


def test_counts_are_reported_by_seed() -> None:
    def breaks(_: random.Random) -> str:
        raise ValueError("broken")

    counts, broken = fuzz(breaks, 0.01, 7)
    assert counts["broken"] == len(broken) > 0
    assert broken[0].startswith("seed 7: ")
    assert "| x | " in report([("x", counts)], 1, 7)


def test_shares_are_a_whole() -> None:
    assert sum(share for share, _ in FUZZERS.values()) == pytest.approx(1)


def test_output_depends_on_the_spec_alone() -> None:
    found = prints.compare(0, 20)
    assert set(found) == {"accepted"}
    assert found["accepted"] > 50
