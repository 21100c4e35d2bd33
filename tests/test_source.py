"""YAML read as data: scalars of YAML 1.2, places, and two scanners that agree."""

import random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import Source, SpecError
from netspec.scalars import resolve
from netspec.source import Mapping, Scalar, Sequence, Tree, events, parse, plain
from tests.fuzz.texts import SHIPPED, TEXTS, mutate

SCALARS = {
    "on": "on",
    "off": "off",
    "yes": "yes",
    "no": "no",
    "y": "y",
    "true": True,
    "True": True,
    "FALSE": False,
    "null": None,
    "~": None,
    "010": 10,
    "0o10": 8,
    "0x1F": 31,
    "-7": -7,
    "+7": 7,
    "1:30": "1:30",
    "1_000": "1_000",
    "1e-3": 0.001,
    "1E5": 1e5,
    ".5": 0.5,
    "5.": 5.0,
    "1.": 1.0,
    "2001-01-01": "2001-01-01",
    "=": "=",
    "1.2.3": "1.2.3",
    "-": "-",
    "0b1": "0b1",
    "$width": "$width",
}


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_follow_yaml_1_2(text: str) -> None:
    value = resolve(text)
    assert (value, type(value)) == (SCALARS[text], type(SCALARS[text]))


@pytest.mark.parametrize(
    "text", [".inf", "-.INF", ".nan", "1e999", "9" * 17, "0x" + "f" * 16]
)
def test_numbers_are_finite_and_bounded(text: str) -> None:
    with pytest.raises(ValueError, match=r"integers|finite|large"):
        resolve(text)


@given(st.integers(-(2**53), 2**53))
def test_integers_are_read_as_python_reads_them(value: int) -> None:
    assert resolve(str(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_as_python_reads_them(value: float) -> None:
    assert resolve(repr(value)) == value


def test_every_value_knows_its_place() -> None:
    text = "a: 1\nb:\n  - x\n  - {c: 'two  words'}\n"
    tree = parse(Source("spec", text))
    assert isinstance(tree, Mapping)
    listed = tree.entries["b"].value
    assert isinstance(listed, Sequence)
    inner = listed.items[1]
    assert isinstance(inner, Mapping)
    assert inner.entries["c"].value.span[1:] == (4, 9, 4, 21)
    assert tree.entries["a"].value.span[1:] == (1, 4, 1, 5)


def test_an_alias_points_at_itself() -> None:
    tree = parse(Source("spec", "a: &x 1\nb: *x\n"))
    assert isinstance(tree, Mapping)
    assert tree.entries["b"].value.span.line == 2
    assert plain(tree) == {"a": 1, "b": 1}


def outcome(text: str, loader: type) -> tuple[Tree | None, list[str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "LOADER", loader)
        try:
            return parse(Source("spec", text)), []
        except SpecError as error:
            return None, [f"{f} {f.note} {f.advice}" for f in error.findings]


def advice(text: str) -> list[str]:
    try:
        parse(Source("spec", text))
    except SpecError as error:
        return [str(finding.advice) for finding in error.findings]
    return []


DEEPER = "this key is indented deeper than `{}` above"
MEANT = {  # the text, where it is wrong, what is said, and what helps
    "a: {b: 8 cd: 3}": ("1:10", "a comma is missing before `cd`", None),
    "a: {b: 'x' cd: 3}": ("1:12", "a comma is missing before `cd`", None),
    "a: {b: 8,\n  c: x\n  d: 3}": ("3:3", "a comma is missing before `d`", None),
    "a: {b: 8\nc: 3\n": ("1:4", "this bracket is not closed", None),
    "a: [{b: [1, 2}]": ("1:9", "this bracket is not closed", None),
    "a: {b: lstm[0]}": (
        "1:12",
        "no value goes on with `[`",
        "an element is written `lstm.0`",
    ),
    "a: {b: list[int]}": ("1:12", "no value goes on with `[`", "write `list` alone"),
    "a: {b: ${n}}": ("1:9", "no value goes on with `{`", "write `$n`"),
    "a: {b: @n}": ("1:8", "no value begins with `@`", "a param is written `$n`"),
    "a:\n  b: c\n    d: 8\n": (
        "3:5",
        DEEPER.format("b"),
        "give both the same indentation",
    ),
    "a: [3]\n  b: 8\n": (
        "2:3",
        DEEPER.format("a"),
        "give both the same indentation",
    ),
    "a:\n  b: Conv2d\n    d: 8\n": (
        "3:5",
        DEEPER.format("b"),
        "give `b` a line `type: Conv2d` of its own below it",
    ),
    "a:\n  b:{c: d, e: f}\n": ("2:5", "a space is missing after `b:`", None),
    "a:\n  b:C\n  d: E\n": ("2:5", "a space is missing after `b:`", None),
    "a: {b:3, c: d}": ("1:7", "a space is missing after `b:`", None),
    "a:\n  b:{c: d}\n": ("2:5", "a space is missing after `b:`", None),
    "a:\n  d: E\n  b:C\n": ("3:5", "a space is missing after `b:`", None),
    "a:\n  b: {c: d},\n": ("2:12", "nothing may follow here", "remove the `,`"),
    "a:\n  b: {c: d}}\n": ("2:12", "nothing may follow here", "remove the `}`"),
    "a: [b] // c": ("1:8", "nothing may follow here", "`#` begins a comment"),
    "a: b\ncd\ne: f\n": ("2:1", "a `:` is missing after `cd`", None),
    "a:\n  cd\n  e: f\n": ("2:3", "a `:` is missing after `cd`", None),
    "a:\n  - b\n  c: d\n": (
        "3:3",
        "a key cannot stand among the items of a list",
        None,
    ),
    "a:\n  b: c\n  - d\n": (
        "3:3",
        "an item of a list cannot stand among keys",
        None,
    ),
    "a: the b: c": (
        "1:9",
        "a second `:` on one line",
        "quote the text if the `:` is part of it",
    ),
}


@pytest.mark.parametrize("loader", [yaml.SafeLoader, events.LOADER])
@pytest.mark.parametrize("text", MEANT)
def test_what_is_no_yaml_is_told_where_it_is_wrong(text: str, loader: type) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "LOADER", loader)
        with pytest.raises(SpecError) as caught:
            parse(Source("spec", text))
    (found,) = caught.value.findings
    place = f"{found.span.line}:{found.span.column}"
    assert (place, found.note, found.advice) == MEANT[text]


def test_an_anchor_is_no_part_of_its_value() -> None:
    tree = parse(Source("spec", "a: &w 8 + $x\nb: *w\n"))
    assert isinstance(tree, Mapping)
    first, alias = (entry.value.span for entry in tree.entries.values())
    assert (first.column, alias.column) == (7, 4)
    assert (first.part(4, 6).column, alias.part(4, 6)) == (11, alias)


CUT = {
    "{a: (3, 3), b: c}": ["a list is written `[3, 3]`"],
    "a: {{ b }}": ["a param is written `$b`"],
    "{a: min($b, c), d: e}": ["quote it: 'min($b, c)'"],
    "{a: max(1, 2, 3), d: e}": ["quote it: 'max(1, 2, 3)'"],
    "{a: f(x, g(y, z)), b: min(y, z))}": [
        "quote it: 'f(x, g(y, z))'",
        "quote it: 'min(y, z))'",
    ],
    "{a: f(x, y, b: 1}": ["quote it: 'f(x, y'"],
    "{doc: as in (a, b: 1}": [],
    "{a: 'min(', b: }": [],
    "a: min(\nb:\n": [],
}


@pytest.mark.parametrize("text", CUT)
def test_a_cut_expression_is_one_finding(text: str) -> None:
    assert advice(text) == CUT[text]


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="there is one scanner")
def test_both_scanners_read_shipped_specs_alike() -> None:
    for path in SHIPPED:
        text = path.read_text()
        assert outcome(text, yaml.CSafeLoader) == outcome(text, yaml.SafeLoader)


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="there is one scanner")
def test_both_scanners_accept_and_read_mutated_specs_alike() -> None:
    rng = random.Random(0)
    agreed = 0
    for _ in range(300):
        text = mutate(rng, rng.choice(TEXTS))
        first = outcome(text, yaml.CSafeLoader)
        second = outcome(text, yaml.SafeLoader)
        if first[0] is not None and second[0] is not None:
            assert plain(first[0]) == plain(second[0])
        agreed += (first[0] is None) == (second[0] is None)
    assert agreed >= 290  # they differ on a few oddities that no spec holds


def test_flat_texts_are_scalars() -> None:
    tree = parse(Source("spec", "'quoted'"))
    assert isinstance(tree, Scalar)
    assert (tree.quoted, tree.value) == (True, "quoted")


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_any_text_is_a_tree_or_findings(text: str) -> None:
    try:
        tree = parse(Source("spec", text))
    except SpecError as error:
        assert str(error)  # noqa: PT017
    else:
        assert isinstance(tree, Scalar | Sequence | Mapping)
