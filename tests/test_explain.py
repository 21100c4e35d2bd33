"""`netspec explain`: its wrong examples are wrong as they say, its right ones right."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from netspec.cli import main
from netspec.explain import explanations, page
from tests.tried import tried

ROOT = Path(__file__).parents[1]
every_code = pytest.mark.parametrize("code", explanations())


@every_code
def test_wrong_is_wrong(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    entry = explanations()[code]
    found = tried(entry, "wrong")
    assert found.codes == {code}, found.printed
    *before, last = found.statuses
    assert not any(before), found.printed
    assert last == (entry.severity == "error"), found.printed


@every_code
def test_right_is_right(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = tried(explanations()[code], "right")
    assert found.codes == set(), found.printed
    assert not any(found.statuses), found.printed


@every_code
def test_every_code_is_explained(code: str) -> None:
    entry = explanations()[code]
    assert len(entry.text) > 20
    assert {"wrong", "right"} <= {example.name for example in entry.examples}


@every_code
def test_explanation_is_shown(code: str) -> None:
    result = CliRunner().invoke(main, ["explain", code.lower()])
    assert result.exit_code == 0
    assert all(word in result.output for word in (code, "Wrong", "Right"))
    shown = {line.strip() for line in result.output.splitlines()}
    for example in explanations()[code].examples:
        assert {line.strip() for line in example.text.splitlines()} <= shown


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
