"""The commands as a user calls them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from netspec.cli import main, run
from netspec.diagnostics import SpecError

SPEC = str(Path(__file__).parents[2] / "specs" / "resnet50.yaml")


def call(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "html", "mmd", "json"])
def test_the_suffix_is_the_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"picture.{suffix}"
    result = call("draw", SPEC, "-o", str(path), "--depth", "0")
    assert (result.exit_code, result.output) == (0, f"wrote {path}\n")
    start = path.read_bytes()[:40]
    starts = {
        "svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph",
        "html": b"<!DOCTYPE html>", "mmd": b"flowchart", "json": b"{",
    }  # fmt: skip
    assert start.startswith(starts[suffix])


def test_standard_output_and_params() -> None:
    result = call("draw", SPEC, "-o", "-", "-T", "dot", "--set", "num_classes=7")
    assert "<B>Linear</B> 7" in result.output


def test_without_a_file_it_is_named_after_the_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("draw", SPEC, "--depth", "0").exit_code == 0
    assert (tmp_path / "resnet50.svg").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--expand", "layr1"], "did you mean `layer1`?"),
        (["--theme", "lite"], "did you mean `light`?"),
        (["--show", "shape"], "did you mean `shapes`?"),
        (["--show", "nmes"], "`nmes` is not a fact to show"),
        (["-T", "gif"], "`gif` is not a format"),
    ],
)
def test_wrong_options_are_said_in_words(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run(["draw", SPEC, "-o", str(tmp_path / "x.svg"), *words])
    assert caught.value.code == 1
    assert said in capsys.readouterr().err


def test_a_suffix_that_is_no_format_is_told_where_it_was_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        run(["draw", SPEC, "-o", "x.jpg"])
    told = capsys.readouterr().err
    assert "`jpg` is not a format" in told
    assert "1 | -o x.jpg\n  |      ^^^ expected one of svg, png" in told


def test_a_folder_that_is_not_there_is_said_in_words() -> None:
    result = call("draw", SPEC, "-o", "/no/such/folder/x.dot")
    assert result.exit_code == 1
    assert "cannot write /no/such/folder/x.dot" in result.output


def test_view_needs_a_file() -> None:
    assert "needs a file" in call("view", "-").output


def test_view_refuses_a_file_that_is_not_there() -> None:
    with pytest.raises(SpecError, match="cannot read"):
        CliRunner().invoke(main, ["view", "nope.yaml"], catch_exceptions=False)
