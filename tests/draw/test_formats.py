"""Every format of a picture, made without system Graphviz, fonts or torch."""

import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import ImageFont

import netspec
from netspec.diagnostics import SpecError
from netspec.draw import FORMATS, draw
from netspec.draw.render import RenderError, render
from netspec.draw.statements import SIGNS
from netspec.graph import Elaborated

SPECS = Path(__file__).parents[2] / "specs"
SVG = "{http://www.w3.org/2000/svg}"


def text(elaborated: Elaborated, format: str = "svg", **options: object) -> str:
    made = draw(elaborated, format=format, **options)
    assert isinstance(made, str)
    return made


def test_svg_text_is_text(resnet50: Elaborated) -> None:
    root = ElementTree.fromstring(text(resnet50))
    words = {node.text for node in root.iter(f"{SVG}text")}
    assert {"Conv2d", "BatchNorm2d", "64×56×56", "conv1"} <= {
        (word or "").strip() for word in words
    }


def test_svg_is_titled_and_described(resnet50: Elaborated) -> None:
    root = ElementTree.fromstring(text(resnet50))
    title, desc = root[0], root[1]
    assert (title.tag, title.text) == (f"{SVG}title", "resnet50")
    assert desc.tag == f"{SVG}desc"
    assert "25.6 M parameters" in (desc.text or "")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {desc.attrib['id']}"


def test_svg_text_keeps_its_width_in_any_font(resnet50: Elaborated) -> None:
    root = ElementTree.fromstring(text(resnet50))
    fonts = Path(draw.__code__.co_filename).parent / "fonts"
    for node in root.iter(f"{SVG}text"):
        weight = "Bold" if node.get("font-weight") == "bold" else "Regular"
        font = ImageFont.truetype(fonts / f"Roboto-{weight}.ttf", 1000)
        size, words = float(node.attrib["font-size"]), node.text or ""
        if words not in SIGNS.values():
            expected = font.getlength(words) * size / 1000
            assert float(node.attrib["textLength"]) == pytest.approx(expected, rel=0.02)


def test_svg_boxes_link_to_their_lines(resnet50: Elaborated) -> None:
    links = re.findall(r'xlink:href="([^"]*)"', text(resnet50))
    assert any(link.endswith("specs/resnet50.yaml#L18") for link in links)
    template = "https://example.org/{path}?line={line}"
    links = re.findall(r'xlink:href="([^"]*)"', text(resnet50, link=template))
    assert all(link.startswith("https://example.org/") for link in links)
    assert "xlink:href" not in text(resnet50, link="")


def test_png_has_the_resolution_asked_for(resnet50: Elaborated) -> None:
    widths = []
    for dpi in (72, 144):
        data = draw(resnet50, format="png", dpi=dpi)
        assert isinstance(data, bytes)
        assert data.startswith(b"\x89PNG")
        widths.append(struct.unpack(">I", data[16:20])[0])
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.01)


def test_pdf_is_vector_with_its_fonts(resnet50: Elaborated) -> None:
    data = draw(resnet50, format="pdf")
    assert isinstance(data, bytes)
    assert data.startswith(b"%PDF")
    assert b"Roboto" in data
    assert b"/FontFile2" in data
    assert b"/Subtype /Image" not in data


def test_resnet50_fits_a_page_and_can_be_read(resnet50: Elaborated) -> None:
    width, height = map(
        float, re.findall(r'(?:width|height)="(\d+)pt"', text(resnet50))
    )
    assert width < 595
    assert 10 * min(1, 842 / height) > 5  # points of its text on A4


def test_json_is_the_drawing_model(resnet50: Elaborated) -> None:
    found = json.loads(text(resnet50, "json"))
    assert found["parameters"] == 25557032
    assert found["items"][0]["kind"] == "input"
    assert "sources" not in found


def test_mermaid(resnet50: Elaborated) -> None:
    lines = text(resnet50, "mmd").splitlines()
    assert lines[0] == "flowchart TB"
    assert sum(line.strip().startswith("subgraph") for line in lines) == sum(
        line.strip() == "end" for line in lines
    )
    assert any("3×224×224" in line for line in lines)


def test_dot_is_stable(resnet50: Elaborated) -> None:
    assert text(resnet50, "dot") == text(resnet50, "dot")


def test_directions(resnet50: Elaborated) -> None:
    sizes = re.findall(r'(?:width|height)="(\d+)pt"', text(resnet50, direction="LR"))
    assert int(sizes[0]) > int(sizes[1])


def test_titles(resnet50: Elaborated) -> None:
    assert "A deep one" in text(resnet50, title="A deep one")
    assert ">resnet50</text>" not in text(resnet50, title="")


def test_show(resnet50: Elaborated) -> None:
    assert "118 M MACs" in text(resnet50, show=("macs",))
    bare = text(resnet50, show=(), link="")
    assert ">64×56×56<" not in bare
    assert ">conv1</text>" not in bare
    assert "64×56×56 float32" in text(resnet50, show=("shapes", "dtype"))


def test_heat(resnet50: Elaborated) -> None:
    picture = text(resnet50, heat="params", depth=1)
    assert "#ee7b63" in picture
    assert "most parameters" in picture


def test_unknown_format_is_a_finding(resnet50: Elaborated) -> None:
    with pytest.raises(SpecError, match="`gif` is not a format"):
        draw(resnet50, format="gif")


# What it needs, and what it does not ------------------------------------------------


def test_no_system_graphviz_nor_fonts(tmp_path: Path) -> None:
    """A PNG on a machine without either has letters in it, not boxes."""
    empty = tmp_path / "fonts.conf"
    empty.write_text("<fontconfig/>")
    code = (
        "import sys; from netspec.draw.render import render; sys.stdout.buffer.write("
        "render('digraph { node [fontname=Roboto] %s }' % sys.argv[1], 'png'))"
    )
    pictures = []
    for letter in ("W", "I", "⊕"):
        done = subprocess.run(
            [sys.executable, "-c", code, letter],
            capture_output=True, check=True,
            env={"PATH": "", "HOME": str(tmp_path), "FONTCONFIG_FILE": str(empty)},
        )  # fmt: skip
        pictures.append(done.stdout)
    assert len(set(pictures)) == 3


def test_drawing_never_imports_torch() -> None:
    code = (
        "import sys, netspec; n = netspec.compile(sys.argv[1]);"
        f"[n.draw(f) for f in {FORMATS!r}];"
        "sys.exit('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(SPECS / "resnet50.yaml")]
    assert subprocess.run(command, check=False).returncode == 0


def test_time_is_bounded(network: Callable[[str], Elaborated]) -> None:
    nodes = " ".join(f"a{i} -> a{j};" for i in range(90) for j in range(i))
    with pytest.raises(RenderError, match=r"more than 0\.5 s"):
        render(f"digraph {{ {nodes} }}", "svg", time_limit=0.5)
    with pytest.raises(SpecError) as caught:
        draw(network("two_inputs"), time_limit=0.001)
    assert "--depth" in str(caught.value)


def test_bad_dot_is_an_error_in_words() -> None:
    with pytest.raises(RenderError, match="Graphviz failed"):
        render("digraph {", "svg")


def test_the_notebook_shows_it(resnet50: Elaborated) -> None:
    import netspec

    network = netspec.compile(SPECS / "resnet50.yaml")
    assert network._repr_svg_().startswith("<?xml")


def test_fonts_come_with_their_licences() -> None:
    fonts = Path(draw.__code__.co_filename).parent / "fonts"
    assert {path.name for path in fonts.glob("LICENSE*")} == {
        "LICENSE-Roboto.txt", "LICENSE-DejaVu.txt",
    }  # fmt: skip
    assert not (fonts / ".uuid").exists()
    assert os.access(fonts / "DejaVuSans-Symbols.ttf", os.R_OK)


def test_a_notebook_shows_the_folding_page() -> None:
    shown = netspec.compile(SPECS / "resnet18.yaml").page()._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in shown
