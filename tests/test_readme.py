"""What the README shows is what netspec gives: the file, the picture, the demo."""

import json
import re
import subprocess
from pathlib import Path

import pytest

import netspec

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PICTURE = ROOT / "docs" / "images" / "tiny.svg"
READY = ROOT / ".venv" / "ready"


def shown(kind: str, name: str) -> str:
    """The block of the README that is the named file."""
    found = re.search(rf"^```{kind} file={name}\n(.*?)^```$", README, re.M | re.S)
    assert found is not None, f"the README shows no {name}"
    return found[1]


@pytest.fixture
def tiny(tmp_path: Path) -> netspec.Network:
    (tmp_path / "tiny.yaml").write_text(shown("yaml", "tiny.yaml"))
    return netspec.compile(tmp_path / "tiny.yaml")


def test_the_emitted_file_is_what_the_readme_shows(tiny: netspec.Network) -> None:
    assert tiny.to_source() == shown("python", "tiny.py")


def test_the_picture_is_of_the_shown_spec(tiny: netspec.Network) -> None:
    drawn = PICTURE.read_text()
    for node in tiny.graph.present:
        assert node.name in drawn
    assert "×".join(map(str, tiny.shapes["body"])) in drawn


@pytest.mark.skipif(not READY.exists(), reason="only where make has set up .venv")
def test_make_demo(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = subprocess.run(
        ["make", "demo", f"DEMO={folder}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    held_out = [m for m in map(json.loads, lines) if m["split"] == "heldout"]
    assert max(m["accuracy"] for m in held_out) >= 0.97
    for name in ("digits_resnet.svg", "digits_resnet.py", "best.safetensors"):
        assert (folder / name).stat().st_size > 0
