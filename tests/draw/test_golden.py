"""The DOT and the drawing model of one network of each family, as plain files."""

import json
from pathlib import Path

import pytest

import netspec
from netspec.draw import draw

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
OWN = ROOT / "tests" / "draw" / "networks"
FILES = {"dot": "network.dot", "json": "drawing.json"}
NETWORKS = {
    name: f"specs/{name}.yaml"
    for name in (
        "resnet50", "googlenet", "inception_v3", "densenet121", "convnext_tiny",
        "vit_b_16", "unet", "siamese",
    )
} | {
    name: f"tests/draw/networks/{name}.yaml"
    for name in ("two_inputs", "lstm", "transformer")
}  # fmt: skip


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("name", NETWORKS)
def test_golden(
    name: str, format: str, update_golden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    path = GOLDEN / name / FILES[format]
    found = str(draw(netspec.compile(NETWORKS[name]).elaborated, format=format))
    if update_golden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    assert found == path.read_text()


def test_no_orphans() -> None:
    for file in FILES.values():
        assert {path.parent.name for path in GOLDEN.glob(f"*/{file}")} == set(NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_model_is_whole(name: str) -> None:
    """What edges name is drawn, and each name is given once."""
    found = json.loads((GOLDEN / name / "drawing.json").read_text())
    names = list(_names(found["items"]))
    assert len(names) == len(set(names))
    ends = {edge[end] for edge in found["edges"] for end in ("source", "target")}
    assert ends <= set(names)


def _names(items: list[dict[str, object]]) -> list[object]:
    return [
        name
        for item in items
        for name in (item["id"], *_names(item.get("children", [])))  # type: ignore[arg-type]
    ]
