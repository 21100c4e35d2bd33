"""`netspec fmt`: one style, nothing lost, the second time nothing to do."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.cli import main
from netspec.format import format_text

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([*ROOT.glob("specs/**/*.yaml"), *ROOT.glob("netspec/blocks/*.yaml")])
UNTIDY = """\
# top

netspec:   1
doc: >
    folded text
      more
    end
name :  x   # a name
params:
      a:   {b: 1,c: [1,2 , 3]}
      # about d
      d:  &anchor
         - 1
         -   - 2
             - 3
         - x: 1
           y: 2
      e: *anchor
list:
- a
-   b: 1
    c:  'a  b'
- {long: 1,
      # inside
   more: [1,
     2, 3]}



literal: |
     keep
       this

last: "two
     lines"   # after
# end
"""
TIDY = """\
# top

netspec: 1
doc: >
  folded text
    more
  end
name: x  # a name
params:
  a: {b: 1, c: [1, 2, 3]}
  # about d
  d: &anchor
    - 1
    - - 2
      - 3
    - x: 1
      y: 2
  e: *anchor
list:
  - a
  - b: 1
    c: 'a  b'
  - {long: 1,
      # inside
      more: [1,
        2, 3]}

literal: |
  keep
    this

last: "two
  lines"  # after
# end
"""


def test_comments_anchors_and_order_stay() -> None:
    assert format_text(UNTIDY) == TIDY


def test_again_changes_nothing() -> None:
    assert format_text(TIDY) == TIDY


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_specs_have_the_style(path: Path) -> None:
    text = path.read_text()
    assert format_text(text) == text


def test_line_ends_and_mark_of_order() -> None:
    assert format_text("a: 1\r\n\r\n\r\nb:  2") == "a: 1\n\nb: 2\n"


def test_marks_of_order_at_the_start_are_left_out() -> None:
    assert format_text("\ufeff\ufeff\n😀😀  # c") == "😀😀  # c\n"


WORDS = st.sampled_from(["a", "b c", "1", "'x: y'", '"q"', "$n + 1", "~", "é"])
VALUES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda v: f"[{' , '.join(v)}]")
        | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3).map(
            lambda d: "{" + ",".join(f"{k}:  {v}" for k, v in d.items()) + "}"
        )
    ),
    max_leaves=6,
)


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> list[str]:
    """Lines of a random mapping, untidy, with comments."""
    lines = []
    pad = " " * draw(st.integers(1, 4)) if depth else ""
    for key in draw(st.lists(st.sampled_from("klmnop"), min_size=1, unique=True)):
        lines += draw(st.sampled_from([[], [""], ["", ""], [f"{pad}#c"]]))
        if depth < 3 and draw(st.booleans()):
            lines.append(f"{pad}{key}:  ")
            lines += [pad + line for line in draw(documents(depth + 1))]
        elif draw(st.booleans()):
            lines.append(f"{pad}{key}:")
            lines += [
                f"{pad} -   {item}" for item in draw(st.lists(VALUES, min_size=1))
            ]
        else:
            lines.append(f"{pad}{key}:   {draw(VALUES)}   # {key}")
    return lines


@given(documents())
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_random_documents_say_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    once = format_text(text)  # itself refuses to change what is said
    assert format_text(once) == once
    assert once.count("#") == text.count("#")


def test_text_over_several_lines_stays_below_its_key() -> None:
    listed = "graph:\n  - doc: some words\n     and more\n    type: ReLU\n"
    assert format_text(listed) == listed.replace("     and", "      and")


def test_check_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(UNTIDY)
    result = CliRunner().invoke(main, ["fmt", "--check", str(path)])
    assert result.exit_code == 1
    assert path.read_text() == UNTIDY
    assert CliRunner().invoke(main, ["fmt", str(path)]).exit_code == 0
    assert path.read_text() == TIDY
    assert CliRunner().invoke(main, ["fmt", "--check", str(path)]).output == ""


def test_standard_input_is_printed() -> None:
    result = CliRunner().invoke(main, ["fmt", "-"], input="a:   1")
    assert (result.exit_code, result.output) == (0, "a: 1\n")


def test_what_is_not_yaml_is_left(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("a: [1")
    result = CliRunner().invoke(main, ["fmt", str(path)])
    assert result.exit_code == 1
    assert "NS0102" in result.output
    assert path.read_text() == "a: [1"


@pytest.mark.parametrize(
    ("written", "laid_out"),
    [
        ("a: |2\n    b\n  c\n", "a: |2\n    b\n  c\n"),
        ("l:\n    - >1\n       b\n", "l:\n  - >2\n      b\n"),
        ("a: |+\n    b\n\n\nc: 1\n", "a: |+\n  b\n\n\nc: 1\n"),
        ("a: |\n    b  \n     \n    c\n", "a: |\n  b  \n   \n  c\n"),
        ("---\na:   1\n...\n", "---\na: 1\n...\n"),
        (
            "a:\n    ? b\n    : c\n    ? d\n    : e\n",
            "a:\n  ? b\n  : c\n  ? d\n  : e\n",
        ),
        (" --- a\n", "'--- a'\n"),
        (" ... it's: 1\n", "'... it''s': 1\n"),
        (" a: |1\n  x\n", "a: |2\n  x\n"),
        ("a: >\n\n  x\n\u2028", "a: >\n\n  x\n"),
    ],
    ids=[
        *("indented", "folded", "kept", "spaces", "markers", "explicit"),
        *("no marker", "no end", "relative", "separator"),
    ],
)
def test_rare_yaml_stays_what_it_is(written: str, laid_out: str) -> None:
    assert format_text(written) == laid_out
    assert format_text(laid_out) == laid_out
