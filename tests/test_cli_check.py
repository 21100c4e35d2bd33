"""`netspec check` as a program: statuses, formats, colours, and torch left alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from netspec import cli
from netspec.cli import INTERNAL, main, run

ROOT = Path(__file__).parents[1]
GOOD = ROOT / "specs" / "resnet18.yaml"
BAD = "netspec: 1\nname: x\ninput: [3]\ngraph: [Relu]\n"
WARNED = "netspec: 1\nname: x\ninput: [3]\nparams: {n: 1}\ngraph: [ReLU]\n"


def check(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=text)


def test_one_line_a_spec() -> None:
    result = check(str(GOOD))
    assert result.exit_code == 0
    assert "ok, 11,689,512 parameters, 1.81 GMACs, -> [1000]" in result.output


@pytest.mark.parametrize(
    ("arguments", "text", "status"),
    [
        (["-"], WARNED, 0),
        (["-", "--strict"], WARNED, 1),
        (["-"], BAD, 1),
        (["-", "--nothing"], BAD, 2),
        (["-", "--set", "n"], BAD, 2),
        (["-", "--size", "H=x"], BAD, 2),
        (["-", "--limit", "nodes=x"], BAD, 2),
        ([], None, 2),
    ],
)
def test_exit_status(arguments: list[str], text: str | None, status: int) -> None:
    assert check(*arguments, text=text).exit_code == status


def test_a_bad_spec_does_not_hide_a_good_one(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    result = check(str(tmp_path / "bad.yaml"), str(GOOD))
    assert result.exit_code == 1
    assert "ok, 11,689,512" in result.output
    assert "NS0501" in result.output


def test_json_holds_all_that_is_said() -> None:
    (entry,) = json.loads(check("-", "--json", text=BAD).output)
    (finding,) = entry["findings"]
    assert (entry["ok"], finding["code"], finding["line"]) == (False, "NS0501", 4)
    assert finding["help"] == "did you mean `ReLU`?"


def test_settings_have_the_type_of_the_param() -> None:
    ten = check(str(GOOD), "--set", "num_classes=10").output
    assert "-> [10]" in ten
    wrong = check(str(GOOD), "--set", "num_classes=many").output
    assert "expected an integer, found the text 'many'" in wrong
    assert "did you mean `num_classes`" in check(str(GOOD), "--set", "classes=1").output


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "netspec", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize(
    "command", ["check", "summary", "explain NS0508", "fmt --check"]
)
def test_torch_is_never_imported(command: str) -> None:
    words = command.split()
    spec = [] if "explain" in command else ["specs/resnet18.yaml"]
    result = process(*words, *spec)
    assert result.returncode == 0
    loaded = {line.split("|")[-1].strip() for line in result.stderr.splitlines()}
    assert "netspec.cli" in loaded
    assert not loaded & {"torch", "numpy", "torchvision", "dataclasses._"}


def test_no_colours_where_no_one_looks() -> None:
    assert "\x1b[" not in process("check", "nowhere.yaml", FORCE_COLOR="1").stderr


def test_colours_on_a_terminal_unless_they_are_not_wanted() -> None:
    import pty

    def seen(**environment: str) -> bytes:
        ours, theirs = pty.openpty()
        subprocess.run(
            [sys.executable, "-m", "netspec", "check", "nowhere.yaml"],
            stderr=theirs,
            stdout=theirs,
            cwd=ROOT,
            env={**os.environ, **environment},
            check=False,
        )
        os.close(theirs)
        text = os.read(ours, 4096)
        os.close(ours)
        return text

    assert b"\x1b[1;31merror" in seen()
    assert b"\x1b[" not in seen(NO_COLOR="1")


def test_a_bug_is_said_with_how_to_report_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr("netspec.cli.common.network_of", broken)
    with pytest.raises(SystemExit) as caught:
        run(["check", str(GOOD)])
    said = capsys.readouterr().err
    assert caught.value.code == INTERNAL == 70
    assert "internal error: KeyError" in said
    assert "stage: cli/common.py" in said
    assert cli.ISSUES in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "name", ["root", "sizes", "limits", "allow_python", "weights", "spec", "params"]
)
def test_a_param_may_be_called_as_an_argument_of_the_compiler(name: str) -> None:
    text = (
        f"netspec: 1\nparams: {{{name}: 8}}\ninput: [3]\n"
        f"graph: [{{type: Linear, out_features: ${name}}}]\n"
    )
    result = check("-", "--set", f"{name}=5", text=text)
    assert "-> [5]" in result.output
