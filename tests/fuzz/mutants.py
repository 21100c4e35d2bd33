"""Specs broken in one of thirty ways, each with the line that was broken.

A way takes a spec's lines, breaks one, and gives its position, or None if there is
nothing of its kind to break. `python -m tests.fuzz.mutants` tries all ways on all
specs.
"""

import random
import re
from collections.abc import Callable

from netspec.compiler import compile
from netspec.diagnostics import Finding, SpecError
from netspec.link import loads
from tests.fuzz.texts import ROOT, SHIPPED

Lines = list[str]
Way = Callable[[random.Random, Lines], int | None]
NODE = re.compile(r"^( {2,})(\w+): (\{type: \w+.*|[A-Z]\w+)$")


def _pick(rng: random.Random, lines: Lines, pattern: str) -> int | None:
    found = [i for i, line in enumerate(lines) if re.search(pattern, _code(line))]
    return rng.choice(found) if found else None


def _code(line: str) -> str:
    return line.split("  #")[0] if not line.lstrip().startswith("#") else ""


def replacing(pattern: str, made: str | Callable[[re.Match[str]], str]) -> Way:
    """Replace the first match on some line that has one."""

    def way(rng: random.Random, lines: Lines) -> int | None:
        at = _pick(rng, lines, pattern)
        if at is not None:
            lines[at] = re.sub(pattern, made, lines[at], count=1)
        return at

    return way


def inserting(pattern: str, text: str) -> Way:
    """Insert a line after one that matches, with the indentation of what follows."""

    def way(rng: random.Random, lines: Lines) -> int | None:
        at = _pick(rng, lines, pattern)
        if at is None or at + 1 >= len(lines):
            return None
        indent = re.match(" *", lines[at + 1])
        lines.insert(at + 1, (indent[0] if indent else "") + text)
        return at + 1

    return way


def _swap_letters(match: re.Match[str]) -> str:
    word = match[0]
    return word[:-3] + word[-2] + word[-3] + word[-1]


def duplicate_node(rng: random.Random, lines: Lines) -> int | None:
    at = _pick(rng, lines, NODE.pattern)
    if at is not None:
        lines.insert(at + 1, lines[at])
        return at + 1
    return None


def duplicate_key(rng: random.Random, lines: Lines) -> int | None:
    at = _pick(rng, lines, r"^name: ")
    if at is not None:
        lines.insert(at + 1, lines[at])
        return at + 1
    return None


TYPES = r"(?<=type: )(Conv2d|BatchNorm2d|MaxPool2d|Linear|AdaptiveAvgPool2d)\b"
WAYS: dict[str, Way] = {
    "misspelt type": replacing(TYPES, _swap_letters),
    "unknown type": replacing(r"(?<=type: )[A-Z]\w+", "Convolutional2"),
    "misspelt bare type": replacing(r"(?<=: )(ReLU|Flatten|BatchNorm2d)$", r"\1x"),
    "misspelt out_channels": replacing(r"\bout_channels:", "out_chanels:"),
    "misspelt kernel_size": replacing(r"\bkernel_size:", "kernel_sise:"),
    "misspelt stride": replacing(r"\bstride: (?=\d)", "strde: "),
    "misspelt padding": replacing(r"\bpadding: (?=\d)", "pading: "),
    "misspelt bias": replacing(r"\bbias: (?=false)", "bais: "),
    "missing out_channels": replacing(r" out_channels: [^,}]+,", ""),
    "missing kernel_size": replacing(r"(type: \w+2d.*?), kernel_size: \w+", r"\1"),
    "negative channels": replacing(r"\bout_channels: \d+", "out_channels: -8"),
    "text for a number": replacing(r"\bkernel_size: \d+", "kernel_size: wide"),
    "fraction": replacing(r"\bout_channels: \d+", "out_channels: 2.5"),
    "list too long": replacing(r"\bkernel_size: \d+", "kernel_size: [3, 3, 3]"),
    "word for a truth": replacing(r"\bbias: false", "bias: never"),
    "unknown param": replacing(r"\$\w+", "$nothing"),
    "bad operator": replacing(r"(\$\w+)(?=[,}])", r"\1 &"),
    "cut by a bracket": replacing(r"(\$\w+)(?=[,}])", r"\1[0]"),
    "unknown node": replacing(r"\bfrom: \w+", "from: nowhere"),
    "misspelt from": replacing(r"\bfrom: ", "fron: "),
    "misspelt join": replacing(r"\{add: ", "{ad: "),
    "two nodes of a name": duplicate_node,
    "a key twice": duplicate_key,
    "unknown key": inserting(r"^name: ", "autor: me"),
    "wrong version": replacing(r"^netspec: 1", "netspec: 9"),
    "bad name": replacing(r"^  \w+(?=: (\{type|[A-Z]))", "  lambda"),
    "reserved name": replacing(r"^  \w+(?=: (\{type|[A-Z]))", "  forward"),
    "expected params": replacing(r"(?<=  params: )\d+", "12345"),
    "expected output": replacing(r"(?<=  output: )\[.*\]", "[3, 1, 4]"),
    "misspelt expect": replacing(r"^  output: \[", "  outptu: ["),
    "bracket not closed": replacing(r"\}$", ""),
    "tab": inserting(r"^graph:", "\trelu9: ReLU"),
    "library": replacing(r"netspec:(?=[a-z])", "netspec:no"),
    "version of the input": replacing(r"^(input): \[3,", r"\1: [0,"),
}


# What ends reading, is about the network as a whole, or takes a name from others.
APART = {
    "a key twice",
    "bad name",
    "bracket not closed",
    "cut by a bracket",
    "expected output",
    "expected params",
    "reserved name",
    "tab",
    "two nodes of a name",
    "unknown key",
    "wrong version",
}


def broken(rng: random.Random, text: str, way: str) -> tuple[str, int] | None:
    """The broken text and the number of its broken line, counted from 1."""
    lines = text.split("\n")
    at = WAYS[way](rng, lines)
    changed = "\n".join(lines)
    return None if at is None or changed == text else (changed, at + 1)


def first(text: str, name: str) -> Finding | None:
    """What is said first of a spec."""
    try:
        network = compile(loads(text, name=name, root=ROOT))
    except SpecError as error:
        return error.findings[0]
    return next(iter(network.warnings), None)


def is_found(text: str, line: int, name: str) -> bool:
    """Whether the first finding is on the broken line."""
    finding = first(text, name)
    place = finding.span if finding is not None else None
    return place is not None and (place.source.name, place.line) == (name, line)


def broken_twice(rng: random.Random, text: str) -> tuple[str, set[int]] | None:
    """A text broken in two ways that are independent, and the two lines."""
    one, other = rng.sample([way for way in WAYS if way not in APART], 2)
    first = broken(rng, text, one)
    second = broken(rng, first[0], other) if first is not None else None
    if first is None or second is None or first[1] == second[1]:
        return None
    return second[0], {first[1], second[1]}


def are_found(text: str, lines: set[int], name: str) -> bool:
    """Whether findings, or the calls that lead to them, are on all these lines."""
    try:
        compile(loads(text, name=name, root=ROOT))
    except SpecError as error:
        spans = [f.span for f in error.findings]
        spans += [use.span for f in error.findings for use in f.trail]
        return lines <= {span.line for span in spans if span.source.name == name}
    return False


def survey_of_pairs(each: int) -> tuple[int, int]:
    """So many pairs of ways a spec: how many were both found, of how many."""
    found: list[bool] = []
    for number, path in enumerate(SHIPPED):
        rng = random.Random(number)
        for _ in range(each):
            mutant = broken_twice(rng, path.read_text())
            if mutant is not None:
                found.append(are_found(*mutant, str(path)))
    return sum(found), len(found)


def survey() -> tuple[int, int]:
    """All ways on all shipped specs: how many were found, of how many."""
    found: list[bool] = []
    for number, path in enumerate(SHIPPED):
        for way in WAYS:
            mutant = broken(random.Random(number), path.read_text(), way)
            if mutant is not None:
                found.append(is_found(*mutant, str(path)))
    return sum(found), len(found)


if __name__ == "__main__":
    right, tried = survey()
    print(f"{right:,} of {tried:,} ({right / tried:.1%}) on the broken line")
    right, tried = survey_of_pairs(100)
    print(f"{right:,} of {tried:,} pairs ({right / tried:.1%}) both found")
