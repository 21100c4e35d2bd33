"""The command line as a whole: every command is there, and torch only where needed."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from netspec.cli import COMMANDS, main
from netspec.counts import counted

ROOT = Path(__file__).parent.parent
SPEC = str(ROOT / "specs" / "resnet50.yaml")
WITHOUT_TORCH = (
    ["check", SPEC],
    ["summary", SPEC, "--depth", "1"],
    ["build", SPEC, "--stage", "shapes"],
    ["draw", SPEC, "-o", "out.dot"],
    ["diff", SPEC, SPEC],
    ["schema", SPEC],
    ["ops", "Conv2d"],
    ["explain", "NS0508"],
)
CODE = """
import sys
from netspec.cli import run
try:
    run(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
assert "torch" not in sys.modules
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_documented(name: str) -> None:
    command = import_module(f"netspec.cli.{name}").command
    assert isinstance(command, click.Command)
    assert command.help


@pytest.mark.parametrize("arguments", WITHOUT_TORCH, ids=lambda found: found[0])
def test_torch_is_not_imported(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_importing_netspec_does_not_import_torch() -> None:
    code = "import sys, netspec; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_misspelt_command_is_suggested() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "chek", SPEC],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Did you mean 'check'?" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", SPEC, "--stage", "python", "-o", "out.py"],
        ["train", SPEC, "--recipe", "recipe.yaml", "--nproc", "2", "--dry-run"],
        ["train", SPEC, "--recipe", "recipe.yaml", "--nproc", "2", "--find-lr"],
    ],
    ids=" ".join,
)
def test_options_that_exclude_each_other(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "leave out" in result.output


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (999, "999 MACs"),
        (999_499, "999 kMACs"),
        (999_999, "1.00 MMACs"),
        (4_089_184_256, "4.09 GMACs"),
        (99_960, "100 kMACs"),
    ],
)
def test_large_counts_have_three_digits(number: int, text: str) -> None:
    assert counted(number, "MACs") == text
