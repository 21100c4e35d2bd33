"""`python -m tests.fuzz --minutes 30`: counts, and the seed of whatever broke."""

import argparse
import random
import subprocess
import sys
import time
import traceback
from collections import Counter
from datetime import date
from pathlib import Path

from netspec.operators import OPERATORS
from tests.fuzz import Fuzzer, arithmetic, chains, graphs, prints, structures, texts

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "fuzz.md"
MEANING = """
Accepted: a network, or a value equal to Python's; for networks, shapes and dtypes equal
to CPU torch's at every node, keys, parameters and multiply-adds too, layout a fixpoint,
and the emitted file equal to the live module in keys, outputs and gradients, in
evaluation and training; for structures and chains, module and graph run node by node
are equal in the same. Refused: findings with places; for networks with one node made
wrong, the first of them on its line. Printed twice: source, graph and drawing are the
same bytes in two processes of other hash seeds, locales and folders. Broken: anything
else."""
FUZZERS: dict[str, tuple[float, Fuzzer]] = {
    "bytes": (0.15, texts.raw_bytes),
    "mutated specs": (0.15, texts.mutated),
    "layout of mutated specs": (0.1, texts.formatted),
    "expressions": (0.05, arithmetic.expressions),
    "nonsense expressions": (0.025, arithmetic.nonsense),
    "dimensions": (0.025, arithmetic.dimensions),
    "random networks, run": (0.25, graphs.networks),
    "random structures, run": (0.1, structures.structures),
    "random chains, run": (0.1, chains.chains),
    "random networks, one node wrong": (0.05, graphs.mutants),
}


def fuzz(fuzzer: Fuzzer, seconds: float, first: int) -> tuple[Counter[str], list[str]]:
    """Run a fuzzer on one seed after the other; what broke is told by its seed."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    end, seed = time.monotonic() + seconds, first
    while time.monotonic() < end:
        try:
            counts[fuzzer(random.Random(seed))] += 1
        except Exception:
            counts["broken"] += 1
            broken.append(f"seed {seed}: {traceback.format_exc()}")
        seed += 1
    return counts, broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 10**6 * 1000)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    given = parser.parse_args()
    rows, failures = [], []
    for name, (share, fuzzer) in FUZZERS.items():
        counts, broken = fuzz(fuzzer, 60 * given.minutes * share, given.seed)
        rows.append((name, counts))
        failures += [f"{name}, {text}" for text in broken]
        print(name, dict(counts), flush=True)
    rows.append(("random networks, printed twice", prints.compare(given.seed, 200)))
    print(rows[-1], flush=True)
    failures += ["what is printed differs"] * bool(rows[-1][1]["broken"])
    for failure in failures[:10]:
        print(failure, file=sys.stderr)
    if given.write:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        run = sum(dict(rows)["random networks, run"].values())
        drawn = f"{len(graphs.kinds(given.seed, run))} of {len(OPERATORS)}"
        text = report(rows, given.minutes, given.seed)
        RESULTS.write_text(f"{text}\nThe networks use {drawn} operators.\n")
    return 1 if failures else 0


def report(rows: list[tuple[str, Counter[str]]], minutes: float, seed: int) -> str:
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, cwd=ROOT).stdout
    lines = [
        "# Fuzzing\n",
        f"`python -m tests.fuzz --minutes {minutes:g} --seed {seed} --write`, "
        f"{date.today()}, commit {commit.strip()}, one core of a shared machine.\n",
        "| what | cases | accepted | refused | broken |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, counts in rows:
        figures = [counts[key] for key in ("accepted", "refused", "broken")]
        cells = " | ".join(f"{figure:,}" for figure in (sum(figures), *figures))
        lines.append(f"| {name} | {cells} |")
    lines.append(MEANING)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
