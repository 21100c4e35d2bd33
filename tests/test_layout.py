"""Values as the emitted file writes them."""

import ast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netspec.emit.layout import literal


@given(st.text(st.one_of(st.sampled_from("'\"\\\n\r\t\0{}u"), st.characters())))
@example("\"'\\")
def test_text_is_read_back_as_it_was(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("same", '"same"'),
        ("it's", '"it\'s"'),
        ('a"b', "'a\"b'"),
        ("a\nb", r'"a\nb"'),
        (("a",), '("a",)'),
        ((1, (2.5, None)), "(1, (2.5, None))"),
    ],
)
def test_values_are_written_as_a_formatter_would(value: object, written: str) -> None:
    assert literal(value) == written
