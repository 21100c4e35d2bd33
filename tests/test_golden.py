"""Emitted Python of one network of each family, as files that are read in review."""

from pathlib import Path

import pytest

import netspec

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"
NAMES = (
    "resnet50",
    "googlenet",
    "inception_v3",
    "densenet121",
    "vgg16_bn",
    "squeezenet1_1",
    "mobilenet_v2",
    "efficientnet_b0",
    "convnext_tiny",
    "vit_b_16",
    "unet",
    "siamese",
    "teaching/inception_preact",
    "teaching/lstm_lm",
    "teaching/transformer_lm",
    "teaching/dcgan_generator",
)
LINES = {"resnet50": 150, "inception_v3": 300, "densenet121": 300}


def golden(name: str) -> Path:
    return GOLDEN / Path(name).name / "model.py"


def emitted(name: str) -> str:
    return netspec.compile(ROOT / "specs" / f"{name}.yaml").to_source()


@pytest.mark.parametrize("name", NAMES)
def test_emitted_python(name: str, update_golden: bool) -> None:
    path, found = golden(name), emitted(name)
    if update_golden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    assert path.is_file(), f"write it with --update-golden: {path}"
    assert found == path.read_text()


@pytest.mark.parametrize("name", LINES)
def test_large_networks_stay_short(name: str) -> None:
    assert emitted(name).count("\n") < LINES[name]


@pytest.mark.parametrize("name", NAMES)
def test_lines_fit_the_page(name: str) -> None:
    assert max(map(len, emitted(name).splitlines())) <= 88


def test_no_golden_file_is_an_orphan() -> None:
    found = set(GOLDEN.rglob("model.py"))
    assert found == {golden(name) for name in NAMES}
