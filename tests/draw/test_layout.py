"""Where Graphviz puts things: what lies in a block stays in its frame."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

import netspec
from netspec.draw.dot import to_dot
from netspec.draw.model import Drawing
from netspec.draw.options import Options
from netspec.draw.picture import look_of, model, select
from netspec.draw.render import render

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
NETWORKS = ("digits_resnet", "resnet18", "densenet121", "teaching/residual_cnn")
Points = list[tuple[float, float]]


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("name", NETWORKS)
def test_skips_stay_in_their_block_below_its_heading(name: str, direction: str) -> None:
    check(name, Options(direction=direction))


def test_skips_stay_in_blocks_that_stand_beside_each_other() -> None:
    check("resnet18", Options(beside=("layer2.0", "layer2.1")))


def check(name: str, options: Options) -> None:
    network = netspec.compile(ROOT / "specs" / f"{name}.yaml")
    drawing = select(model(network.elaborated, options), options)
    dot = to_dot(drawing, look_of(options))
    root = ElementTree.fromstring(render(dot, "svg"))
    frames = dict(groups(root, "cluster"))
    seen = 0
    for ends, edge in groups(root, "edge"):
        for block in around(drawing, *ends.split("->")):
            left, top, right, bottom, heading = frame(frames[f"cluster:{block}"])
            for x, y in curve(edge):
                assert left < x < right, (ends, block)
                assert top < y < bottom, (ends, block)
                assert y > heading, (ends, block)
            seen += 1
    assert seen


def groups(root: Element, kind: str) -> Iterator[tuple[str, Element]]:
    for group in root.iter(f"{SVG}g"):
        if group.get("class") == kind:
            yield group.findtext(f"{SVG}title") or "", group


def around(drawing: Drawing, source: str, target: str) -> set[str]:
    """The blocks that hold both ends of an edge."""
    parents = drawing.parents()

    def homes(name: str) -> set[str]:
        return {parents[name]} | homes(parents[name]) if name in parents else set()

    return homes(source) & homes(target)


def frame(cluster: Element) -> tuple[float, float, float, float, float]:
    """Left, top, right, bottom, and the lowest line of the heading."""
    path = next(cluster.iter(f"{SVG}path")).attrib["d"]
    xs, ys = zip(*points(path), strict=True)
    heading = max(float(text.attrib["y"]) for text in cluster.iter(f"{SVG}text"))
    return min(xs), min(ys), max(xs), max(ys), heading


def points(path: str) -> Points:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def curve(edge: Element) -> Points:
    """Points along a chain of Bézier curves."""
    given, found = points(next(edge.iter(f"{SVG}path")).attrib["d"]), []
    for start in range(0, len(given) - 3, 3):
        a, b, c, d = given[start : start + 4]
        for step in range(11):
            t, u = step / 10, 1 - step / 10
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            pairs = zip(weights, (a, b, c, d), strict=True)
            placed = [(w * x, w * y) for w, (x, y) in pairs]
            found.append((sum(x for x, _ in placed), sum(y for _, y in placed)))
    return found
