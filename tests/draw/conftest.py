"""Fixtures of the drawing tests: compiled networks and a headless browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.graph import Elaborated
from netspec.link import loads

SPECS = Path(__file__).parents[2] / "specs"
NETWORKS = Path(__file__).parent / "networks"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def resnet50() -> Elaborated:
    return netspec.compile(SPECS / "resnet50.yaml").elaborated


@pytest.fixture
def network() -> Callable[[str], Elaborated]:
    """Elaborates the text of a spec, or one of the files in `networks/`."""

    def make(text: str) -> Elaborated:
        if "\n" not in text:
            text = (NETWORKS / f"{text}.yaml").read_text()
        return netspec.compile(loads(text)).elaborated

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; the test is skipped where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright here: pip install playwright"
    )
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with playwright.sync_playwright() as started:
        if path is None and not Path(started.chromium.executable_path).exists():
            pytest.skip("no browser here: apt-get install chromium")
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()
