"""Networks in notebooks, and the gallery."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from netspec.draw.notebook import LEAST, MOST, Page
from netspec.graph import Elaborated

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_stands_in_a_frame_of_its_own(resnet50: Elaborated) -> None:
    shown = Page(resnet50)._repr_html_()
    framed = re.fullmatch(r'<iframe srcdoc="([^"]*)" sandbox="allow-scripts".*', shown)
    assert framed is not None
    assert unescape(framed[1]).startswith("<!DOCTYPE html>")


def test_the_frame_is_as_high_as_it_needs(
    resnet50: Elaborated, network: Callable[[str], Elaborated]
) -> None:
    assert Page(resnet50).height == MOST
    assert LEAST <= Page(network("lstm")).height < MOST


def test_the_frame_folds(
    browser: Any, network: Callable[[str], Elaborated], tmp_path: Path
) -> None:
    path = tmp_path / "notebook.html"
    path.write_text(Page(network("unet"))._repr_html_())
    page = browser.new_page()
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("body[data-ready]").wait_for()
    before = frame.locator("g.node").count()
    frame.locator('[data-id="enc2"]').click()
    assert frame.locator("g.node").count() > before
    page.close()


def test_the_gallery_shows_what_is_there() -> None:
    shown = re.findall(r"\(images/(.*?)\)", (DOCS / "gallery.md").read_text())
    assert len(shown) > 10
    for name in shown:
        assert (DOCS / "images" / name).stat().st_size < 200_000


def test_each_picture_of_the_gallery_has_words_of_its_own() -> None:
    words = re.findall(r"!\[(.*?)\]", (DOCS / "gallery.md").read_text())
    assert len(words) == len(set(words)) > 10


@pytest.mark.parametrize(
    "path", sorted((DOCS / "images").iterdir()), ids=lambda p: p.name
)
def test_pictures_tell_nothing_of_the_machine_they_were_made_on(path: Path) -> None:
    data = path.read_bytes()
    assert b"/tmp" not in data
    assert b"/work" not in data
    if path.suffix == ".svg":
        assert not re.search(rb"(?<![\w/<.:])/[\w.-]+/[\w.-]", data)
