"""`netspec ops` says what the declarations say."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from netspec.cli.ops import command
from netspec.operators import OPERATORS


def said(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_list_holds_every_operator_once() -> None:
    listed = json.loads(said("--json"))
    names = [name for members in listed.values() for name in members]
    assert sorted(names) == sorted(OPERATORS)
    text = said()
    assert "convolution\n  Conv1d" in text
    assert all(f"  {name} " in text for name in names)


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_is_documented(name: str) -> None:
    kind, text = OPERATORS[name], said(name)
    assert text.startswith(f"{name} ({kind.category.value})")
    assert kind.link() in text
    found = json.loads(said(name, "--json"))
    assert [a["name"] for a in found["arguments"]] == list(kind.fields)
    for argument in found["arguments"]:
        assert argument["type"] in text


def test_conv2d_as_text() -> None:
    assert "  stride        1         a positive integer, or a list of 2\n" in said(
        "Conv2d"
    )
    assert "https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d" in said(
        "Conv2d"
    )


def test_unknown_operator_gets_a_suggestion() -> None:
    result = CliRunner().invoke(command, ["Conv2D"])
    assert result.exit_code == 1
    assert "Did you mean 'Conv2d'?" in result.output


def test_torch_is_not_loaded() -> None:
    code = (
        "import sys; from netspec.cli.ops import command;"
        "command(['Conv2d'], standalone_mode=False); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
