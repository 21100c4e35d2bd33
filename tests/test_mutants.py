"""Each shipped spec broken in each way: the first finding is on the broken line."""

import random

import pytest

from netspec.compiler import compile
from netspec.diagnostics import Finding, SpecError
from netspec.link import loads
from tests.fuzz.mutants import WAYS, broken
from tests.fuzz.texts import ROOT, SHIPPED

LEAST = 0.95
PER_SPEC = 6  # ways tried on one spec here; the others take their turn on the next


def first(text: str, name: str) -> Finding | None:
    try:
        network = compile(loads(text, name=name, root=ROOT))
    except SpecError as error:
        return error.findings[0]
    return next(iter(network.warnings), None)


def is_found(text: str, line: int, name: str) -> bool:
    finding = first(text, name)
    return (
        finding is not None
        and finding.span.source.name == name
        and finding.span.line == line
    )


def test_there_are_thirty_ways() -> None:
    assert len(WAYS) >= 30


def test_first_finding_is_on_the_broken_line(
    record_property: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    names = list(WAYS)
    tried: list[bool] = []
    missed: list[str] = []
    for number, path in enumerate(SHIPPED):
        text, rng = path.read_text(), random.Random(number)
        for way in (names * 2)[number * PER_SPEC % len(names) :][:PER_SPEC]:
            mutant = broken(rng, text, way)
            if mutant is None:
                continue
            tried.append(is_found(mutant[0], mutant[1], str(path)))
            if not tried[-1]:
                missed.append(f"{way} in {path.name}:{mutant[1]}")
    share = sum(tried) / len(tried)
    with capsys.disabled():
        print(f" {sum(tried)} of {len(tried)} ({share:.1%})", end="")
    assert share >= LEAST, missed
