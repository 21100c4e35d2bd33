"""The interactive page in a real browser, and `netspec view` behind it."""

import io
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import netspec
from netspec.draw import draw
from netspec.draw.dot import to_dot
from netspec.draw.levels import by_depth, cut
from netspec.draw.options import Options
from netspec.draw.picture import model
from netspec.draw.server import Server
from netspec.draw.watch import Watched
from netspec.graph import Elaborated

Opener = Callable[[str], Any]


@pytest.fixture
def open_page(browser: Any) -> Iterator[Opener]:
    """Opens an address and waits for its drawing; any error in the page is ours."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(10_000)
    complaints: list[str] = []

    def go(address: str) -> Any:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        return page

    yield go
    context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Opener, resnet50: Elaborated, tmp_path: Path) -> Any:
    path = tmp_path / "resnet50.html"
    path.write_text(str(draw(resnet50, format="html")))
    return open_page(path.as_uri())


def nodes(page: Any) -> int:
    return int(page.locator("g.node").count())


def test_clicking_folds_and_unfolds(page: Any) -> None:
    before = nodes(page)
    page.locator('[data-id="layer2.0"]').click()
    assert nodes(page) > before
    page.locator('[data-id="layer2.0"] text').first.click()
    assert nodes(page) == before


def test_a_block_stays_where_it_was_clicked(page: Any) -> None:
    block = page.locator('[data-id="layer2.0"]')
    before = block.bounding_box()
    block.click()
    assert page.locator('[data-id="layer2.0"]').bounding_box()["y"] == pytest.approx(
        before["y"], abs=3
    )


def test_the_panel_tells_arguments_shape_cost_and_lines(page: Any) -> None:
    page.locator('[data-id="conv1"]').click()
    details = page.locator("#details").inner_text()
    for words in ("Conv2d 7×7, 64, stride 2", "64×112×112", "9,408", "118,013,952"):
        assert words in details
    assert "conv1: {type: Conv2d" in page.locator("#spec .here").inner_text()


def test_hovering_shows_facts(page: Any) -> None:
    page.locator('[data-id="maxpool"]').hover()
    assert "MaxPool2d" in page.locator("#tip").inner_text()


def test_a_screenshot_shows_the_drawing_in_its_colours(page: Any) -> None:
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    cell = page.locator('[data-id="conv1"] polygon[fill^="#"]').first
    fill = cell.get_attribute("fill")
    wanted = tuple(int(fill[i : i + 2], 16) for i in (1, 3, 5))
    drawn = sum(count for count, color in shot.getcolors(1 << 24) if color == wanted)
    assert drawn > 200


def test_search_opens_what_it_finds(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("layer4.0.conv2")
    assert page.locator("#found").inner_text() == "1"
    assert page.locator('[data-id="layer4.0.conv2"]').count() == 0
    page.keyboard.press("Enter")
    assert page.locator('[data-id="layer4.0.conv2"].selected').is_visible()


def test_keys_fold_zoom_turn_and_change_the_theme(page: Any) -> None:
    page.keyboard.press("c")
    folded = nodes(page)
    page.keyboard.press("e")
    assert nodes(page) > 2 * folded
    page.keyboard.press("d")
    box = page.locator("#drawing .graph").bounding_box()
    assert box["width"] > box["height"]
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("r")
    before = page.locator("#drawing .graph").bounding_box()["width"]
    page.keyboard.press("+")
    page.wait_for_function(
        "was => document.querySelector('#drawing .graph')"
        ".getBoundingClientRect().width > was",
        arg=before,
    )


def test_the_keyboard_alone_unfolds(page: Any) -> None:
    before = nodes(page)
    page.locator('[data-id="layer3.0"]').focus()
    page.keyboard.press("Enter")
    assert nodes(page) > before


def test_the_page_makes_no_request(
    open_page: Opener, resnet50: Elaborated, tmp_path: Path
) -> None:
    path = tmp_path / "quiet.html"
    path.write_text(str(draw(resnet50, format="html")))
    page = open_page(path.as_uri())
    asked = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in asked if not name.startswith("data:")] == []


def test_it_prints(page: Any) -> None:
    page.emulate_media(media="print")
    assert not page.locator("#panel").is_visible()
    assert page.locator("#drawing").is_visible()


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_the_page_lays_out_what_the_command_does(
    page: Any, resnet50: Elaborated, depth: int
) -> None:
    """The scripts repeat some of the Python; both must see the same edges."""
    drawing = model(resnet50, Options())
    shown = by_depth(drawing, depth)
    page.evaluate("open => { netspec.model.open = new Set(open) }", sorted(shown))
    text = page.evaluate("netspec.model.dot('TB')")
    there = {
        line.split(" [")[0].replace('"', "")
        for line in text.splitlines()
        if "->" in line
    }
    here = to_dot(cut(drawing, shown)).replace('"', "").splitlines()
    assert there == {line.strip().split(" [")[0] for line in here if "->" in line}
    weights = [
        line.split("weight=")[1][:3]
        for line in sorted(text.splitlines())
        if "weight=" in line
    ]
    assert sum("500" in w for w in weights) == sum(
        "weight=500" in line for line in here
    )


HOSTILE = """
netspec: 1
name: hostile
doc: "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
inputs: {x: {shape: [3]}}
graph:
  fc:
    type: Linear
    out_features: 2
    doc: "</title></svg><script>document.title='owned'</script>"
"""


def test_nothing_in_a_spec_runs(
    open_page: Opener, network: Callable[[str], Elaborated], tmp_path: Path
) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(str(draw(network(HOSTILE), format="html")))
    page = open_page(path.as_uri())
    page.locator('[data-id="fc"]').click()
    assert page.title() == "hostile"
    assert page.locator("#details img, #details script, #spec script").count() == 0
    assert "</script>" in page.locator("#spec").inner_text()


# netspec view ---------------------------------------------------------------------

GOOD = """
netspec: 1
name: small
inputs: {x: {shape: [8]}}
graph:
  first: {type: Linear, out_features: 4}
  act: ReLU
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    path = tmp_path / "small.yaml"
    path.write_text(GOOD)
    watched = Watched(str(path), lambda: netspec.compile(path).elaborated, Options())
    server = Server(watched)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server, path
    server.shutdown()
    server.server_close()


def test_view_redraws_on_save_and_keeps_the_last_good_drawing(
    open_page: Opener, served: tuple[Server, Path]
) -> None:
    server, path = served
    page = open_page(server.url)
    assert page.locator("#spec").inner_text().count("Linear") == 1
    path.write_text(GOOD + "  second: {type: Linear, out_features: 2}\n")
    page.wait_for_selector('[data-id="second"]')
    path.write_text(GOOD + "  second: {type: Linaer, out_features: 2}\n")
    page.wait_for_selector("#errors:not([hidden])")
    assert "did you mean `Linear`?" in page.locator("#errors").inner_text()
    assert "Linaer" in page.locator("#spec .bad").inner_text()
    assert page.locator('[data-id="second"]').count() == 1
    path.write_text(GOOD)
    page.wait_for_selector("#errors[hidden]", state="attached")
    page.wait_for_selector('[data-id="second"]', state="detached")


def ask(server: Server, path: str = "/", **headers: str) -> int:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server.url.rstrip("/") + path, headers=names)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_view_answers_its_own_page_alone(served: tuple[Server, Path]) -> None:
    server, path = served
    assert server.server_address[0] == "127.0.0.1"
    assert ask(server) == 200
    assert ask(server, Host="evil.example") == 403
    assert ask(server, Origin="http://evil.example") == 403
    assert ask(server, Sec_Fetch_Site="cross-site") == 403
    for other in ("/etc/passwd", "/../small.yaml", f"/{path.name}", "/events/.."):
        assert ask(server, other) == 404


def test_view_begins_with_a_bad_spec(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("netspec: 1\n")
    watched = Watched(str(path), lambda: netspec.compile(path).elaborated, Options())
    assert "<html" in watched.page()
    assert "NS" in json.loads(watched.message())["errors"]
