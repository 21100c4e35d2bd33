"""Hostile names, docs and values: they are shown, and never do anything."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.draw import draw
from netspec.draw.dot import to_dot
from netspec.draw.html import page
from netspec.draw.look import Look
from netspec.draw.mermaid import to_mermaid
from netspec.draw.model import Drawing, Edge, Item, Place, Row
from netspec.draw.render import render
from netspec.draw.svg import finish
from netspec.graph import Elaborated

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<<TABLE><TR><TD HREF='javascript:alert(1)'>x</TD></TR></TABLE>>",
    'x"]; evil [label="owned"',
    '\\N \\G \\E \\" \\',
    "a\nb\r\nc\x00\x07\u2028\ud800",
    "]]> --> <!-- &amp; &#60; %00",
    'n1["x"]\n  click n1 "javascript:alert(1)"',
    "`${alert(1)}` {{policy}} {title} %s",
    "end\n  subgraph z",
    "‮gnp.exe",
    "0:",
    "#quot;&lt;script&gt;",
)
text = st.sampled_from(HOSTILE) | st.text(max_size=40)


def drawing(name: str, doc: str, word: str, file: str) -> Drawing:
    row = Row(
        path="fc", name=name, type=word, category="linear", arguments=doc,
        details=((name, word),), shape=word, parameters=3, doc=doc,
        place=Place(file, 3), link=Place(file, 3),
    )  # fmt: skip
    leaf = Item("fc", "layers", (row, row._replace(path="act")), title=row)
    join = Item("fc+add", "join", (row,))
    block = Item("b", "block", (), row, 2, children=(leaf, join))
    door = Item(">x", "input", (row,))
    edges = (Edge(">x", "fc", word, doc, name), Edge("fc", "fc+add", word, main=True))
    return Drawing(name, doc, (door, block), edges, 3, 4, word, ((file, doc),))


drawings = st.builds(drawing, text, text, text, text)


@settings(max_examples=25, deadline=None)
@given(drawings, text)
def test_dot_and_svg_say_it_and_do_nothing(given: Drawing, title: str) -> None:
    look = Look(title=title, link="{path}#L{line}")
    dot = to_dot(given, look)
    svg = finish(render(dot, "svg").decode(), given)
    root = ElementTree.fromstring(svg)
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert tags <= {
        "svg", "g", "title", "desc", "a", "text", "path", "polygon", "polyline",
        "ellipse",
    }  # fmt: skip
    for node in root.iter():
        for name, value in node.attrib.items():
            assert not name.rpartition("}")[2].startswith("on")
            if name.endswith("href"):
                assert re.fullmatch(r"[\w%./~-]*#L3", value), value
    nodes = [g for g in root.iter() if g.get("class") in ("node", "cluster", "edge")]
    assert len(nodes) == 3 + 2 + 2  # the outer cluster holds the legend


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.model = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script" and not self.model:
            self.model = data


@pytest.fixture(scope="module")
def usual() -> list[str]:
    parser = Tags()
    parser.feed(page(Drawing("x", "", (), ()), (), Look()))
    return parser.tags


@settings(max_examples=25, deadline=None)
@given(given=drawings)
def test_the_page_has_no_tags_but_its_own(given: Drawing, usual: list[str]) -> None:
    parser = Tags()
    parser.feed(page(given, {"b"}, Look()))
    assert parser.tags == usual
    shown = given.doc.encode(errors="replace").decode()
    assert json.loads(parser.model)["doc"] == shown


def test_the_policy_allows_nothing_else() -> None:
    html = page(Drawing("x", "", (), ()), (), Look())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    rules = dict(rule.partition(" ")[::2] for rule in policy[1].split("; "))
    assert rules["default-src"] == rules["connect-src"] == "'none'"
    assert "unsafe-inline" not in policy[1]
    assert "unsafe-eval'" not in policy[1].replace("wasm-unsafe-eval'", "")
    assert rules["script-src"].count("sha256-") == html.count("<script>")


@settings(max_examples=60, deadline=None)
@given(drawings)
def test_mermaid_keeps_text_in_its_quotes(given: Drawing) -> None:
    line = re.compile(
        r"flowchart TB| *end| *classDef \w+ fill:#\w{6},stroke:#\w{6},color:#\w{6}"
        r"| *class n\d+(,n\d+)* \w+"
        r'| *n\d+ -->(\|"[^"]*"\|)? n\d+'
        r'| *(subgraph )?n\d+[(\[]+"[^"]*"[)\]]+'
    )
    for written in to_mermaid(given).splitlines():
        assert line.fullmatch(written), written
        assert not re.search(r"javascript:|<(?!br/>)", written)


def test_a_file_name_is_no_address(tmp_path: Path) -> None:
    made = drawing("fc", "", "Linear", "javascript:alert(1)//x.yaml")
    assert (
        'xlink:href="javascript:'
        not in render(to_dot(made, Look(link="{path}#L{line}")), "svg").decode()
    )


def test_hostile_specs_are_drawn(network: Callable[[str], Elaborated]) -> None:
    for words in HOSTILE[:4]:
        head = f"netspec: 1\nname: x\ndoc: {json.dumps(words)}\ninput: [3]\n"
        made = draw(network(head + "graph:\n  a: ReLU\n"), format="svg")
        assert "<script" not in str(made)
