"""`netspec explain`: its wrong examples are wrong as they say, its right ones right."""

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from netspec.cli import main
from netspec.cli.common import read_settings
from netspec.compiler import compile
from netspec.diagnostics import Finding, SpecError
from netspec.explain import Explanation, explanations, page
from netspec.train.recipe import load_recipe

ROOT = Path(__file__).parents[1]
CORE = {c: e for c, e in explanations().items() if c < "NS07"}
RECIPES = {c: e for c, e in explanations().items() if c.startswith("NS08")}
INDIRECT = {"NS0101"}  # named by the file, not by a place in it


def found(entry: Explanation, name: str, folder: Path) -> tuple[Finding, ...]:
    for other in entry.examples:
        if other.name.endswith(".yaml"):
            (folder / other.name).write_text(other.text)
    example = next(e for e in entry.examples if e.name == name)
    (folder / "spec.yaml").write_text(example.whole)
    settings = read_settings(shlex.split(example.options)[1::2])
    try:
        return compile(folder / "spec.yaml", **settings).warnings
    except SpecError as error:
        return error.findings


@pytest.mark.parametrize("code", CORE)
def test_wrong_is_wrong_and_right_is_right(code: str, tmp_path: Path) -> None:
    entry = CORE[code]
    assert {f.code for f in found(entry, "wrong", tmp_path)} == {code}
    assert found(entry, "right", tmp_path) == ()


@pytest.mark.parametrize("code", RECIPES)
def test_recipes_are_as_they_say(code: str, tmp_path: Path) -> None:
    for example in RECIPES[code].examples:
        (tmp_path / f"{example.name}.yaml").write_text(example.text)
    with pytest.raises(SpecError) as caught:
        load_recipe(tmp_path / "wrong.yaml")
    assert {finding.code for finding in caught.value.findings} == {code}
    assert load_recipe(tmp_path / "right.yaml").batch_size == 64


@pytest.mark.parametrize("code", explanations())
def test_every_code_is_explained(code: str) -> None:
    assert len(explanations()[code].text) > 20


@pytest.mark.parametrize("code", CORE)
def test_explanation_is_shown(code: str) -> None:
    result = CliRunner().invoke(main, ["explain", code.lower()])
    assert result.exit_code == 0
    assert all(word in result.output for word in (code, "Wrong", "Right"))


def test_every_code_is_listed() -> None:
    listed = CliRunner().invoke(main, ["explain"]).output
    assert all(f"{code}  " in listed for code in explanations())


def test_unknown_code_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["explain", "NS0609X"])
    assert result.exit_code == 2
    assert "NS0609" in result.output


def test_the_page_is_up_to_date(update_golden: bool) -> None:
    path = ROOT / "docs" / "errors.md"
    if update_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(page())
    assert path.read_text() == page()


@pytest.mark.parametrize("short", ["508", "ns508", "NS0508"])
def test_a_code_may_be_written_short(short: str) -> None:
    assert CliRunner().invoke(main, ["explain", short]).exit_code == 0
