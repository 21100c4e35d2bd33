"""The wheel and the source archive hold all that netspec needs, and work elsewhere."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SPEC = """
netspec: 1
imports: [netspec:residual]
input: [3, 32, 32]
graph:
  body: {type: BasicBlock, width: 8}
"""
PARTS = (
    "netspec/py.typed",
    "netspec/blocks/residual.yaml",
    "netspec/emit/support/stochastic_depth.py",
    "netspec/draw/fonts/",
    "netspec/draw/page/",
    "netspec/errors/examples.md",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_holds_what_netspec_reads(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for part in PARTS:
        assert any(name.startswith(part) for name in names), part
    assert not any(name.startswith(("tests/", "specs/", "runs/")) for name in names)


def test_the_source_archive_holds_specs_and_tests(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = [name.partition("/")[2] for name in opened.getnames()]
    for part in ("specs/resnet50.yaml", "tests/test_packaging.py", "Makefile", *PARTS):
        assert any(name.startswith(part) for name in names), part


def test_the_wheel_works_apart_from_the_sources(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    (tmp_path / "apart.yaml").write_text(SPEC)
    for arguments in (["check", "apart.yaml"], ["draw", "apart.yaml", "-o", "a.svg"]):
        done = subprocess.run(
            [sys.executable, "-c", CODE, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert str(site) in done.stderr
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")


CODE = (
    "import sys, netspec; from netspec.cli import run; "
    "print(netspec.__file__, file=sys.stderr); run(sys.argv[1:])"
)


def test_the_version_is_told() -> None:
    command = [sys.executable, "-m", "netspec", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("netspec 0.")
