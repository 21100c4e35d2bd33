"""The short budget of `python -m tests.fuzz`: the same seeds every time."""

import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.fuzz import Fuzzer, graphs, texts
from tests.fuzz.__main__ import FUZZERS, fuzz, report

ROOT = Path(__file__).parents[1]
CASES: list[tuple[Fuzzer, int]] = [
    (texts.raw_bytes, 60),
    (texts.mutated, 60),
    (texts.formatted, 100),
    (graphs.networks, 25),
]


@pytest.mark.parametrize(("fuzzer", "count"), CASES)
def test_nothing_breaks(fuzzer: Fuzzer, count: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {fuzzer(random.Random(seed)) for seed in range(count)}
    assert found <= {"accepted", "refused"}
    assert "accepted" in found


def test_counts_are_reported_by_seed() -> None:
    def breaks(_: random.Random) -> str:
        raise ValueError("broken")

    counts, broken = fuzz(breaks, 0.01, 7)
    assert counts["broken"] == len(broken) > 0
    assert broken[0].startswith("seed 7: ")
    assert "| x | " in report([("x", counts)], 1, 7)


def test_shares_are_a_whole() -> None:
    assert sum(share for share, _ in FUZZERS.values()) == pytest.approx(1)


def emitted(folder: Path, **environment: str) -> str:
    """ResNet-50's source as a program prints it."""
    return subprocess.run(
        [sys.executable, "-m", "netspec", "build", "--stage", "python",
         str(ROOT / "specs" / "resnet50.yaml")],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    ).stdout  # fmt: skip


def test_output_depends_on_the_spec_alone(tmp_path: Path) -> None:
    found = {
        emitted(ROOT, PYTHONHASHSEED="1"),
        emitted(tmp_path, PYTHONHASHSEED="2", LC_ALL="C", TZ="Asia/Tokyo"),
    }
    assert len(found) == 1
