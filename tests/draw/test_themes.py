"""Colours that everyone can tell apart and read."""

import math
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from netspec.diagnostics import SpecError
from netspec.draw import draw
from netspec.draw.style import LIGHT, THEMES, Theme
from netspec.draw.themes import theme
from netspec.graph import Elaborated
from netspec.operators.base import Category

COMMON = ("convolution", "linear", "normalization", "activation", "pooling", "dropout")
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(color: str) -> list[float]:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def luminance(color: str) -> float:
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def lab(color: str, deficiency: str) -> tuple[float, float, float]:
    rgb = linear(color)
    seen = [
        min(max(sum(a * b for a, b in zip(row, rgb, strict=True)), 0), 1)
        for row in DEFICIENCIES[deficiency]
    ]
    matrix = (
        (0.4124, 0.3576, 0.1805),
        (0.2126, 0.7152, 0.0722),
        (0.0193, 0.1192, 0.9505),
    )
    white = (0.9505, 1, 1.089)
    x, y, z = (
        sum(a * b for a, b in zip(row, seen, strict=True)) / w
        for row, w in zip(matrix, white, strict=True)
    )
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("name", THEMES)
def test_every_category_has_a_colour(name: str) -> None:
    assert set(THEMES[name].fills) == {category.value for category in Category}


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read(name: str) -> None:
    given: Theme = THEMES[name]
    for fill in (*given.fills.values(), given.block, given.cluster, given.background):
        assert contrast(given.text, fill) >= 4.5
        assert contrast(given.faint, fill) >= 4
    for behind in (given.background, given.cluster, given.inner, given.block):
        assert contrast(given.muted, behind) >= 4.5
    for share in (0, 0.5, 1):
        assert contrast(given.text, given.heat(share)) >= 4.5


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_common_categories_differ_for_every_eye(deficiency: str) -> None:
    for first, second in combinations(COMMON, 2):
        a, b = (lab(LIGHT.fills[name], deficiency) for name in (first, second))
        assert math.dist(a, b) >= 9, (first, second)


def test_all_categories_differ_in_greyscale() -> None:
    for given in THEMES.values():
        light = sorted(lab(fill, "none")[0] for fill in given.fills.values())
        assert min(b - a for a, b in pairwise(light)) >= 0.5


def test_themes_colour_the_picture(resnet50: Elaborated) -> None:
    for name, given in THEMES.items():
        picture = str(draw(resnet50, theme=name))
        assert given.background in picture or "white" in picture
        assert given.fills["convolution"] in picture


def test_a_theme_of_ones_own(tmp_path: Path, resnet50: Elaborated) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text('base: dark\nedge: "#123456"\nfills: {pooling: "#abcdef"}\n')
    given = theme(str(path))
    assert given.background == THEMES["dark"].background
    picture = str(draw(resnet50, theme=str(path)))
    assert "#123456" in picture
    assert "#abcdef" in picture


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('edgy: "#123456"', "did you mean `edge`?"),
        ("edge: red", "expected a colour"),
        ('fills: {poling: "#123456"}', "did you mean `pooling`?"),
        ("[1, 2]", "expected a mapping"),
        ("base: drak", "did you mean `dark`?"),
        ("edge: [", "NS01"),
    ],
)
def test_bad_themes_are_findings(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        theme(str(path))
    assert words in str(caught.value)


def test_all_mistakes_of_a_theme_are_told_at_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text('base: drak\nedge: red\nfils: {}\nfills: {poling: "#123456"}\n')
    with pytest.raises(SpecError) as caught:
        theme(str(path))
    places = [(f.span.source.name, f.span.line) for f in caught.value.findings]
    assert places == [(str(path), line) for line in (1, 2, 3, 4)]


def test_an_unknown_theme_is_a_finding() -> None:
    with pytest.raises(SpecError, match="did you mean `light`"):
        theme("lite")
