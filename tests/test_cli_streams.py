"""Closed and full streams, pipes, links: the command line answers in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.errors.references import NoReference
from netspec.errors.weights import WeightsError
from netspec.references import find
from netspec.weights import read_weights

ROOT = Path(__file__).parents[1]
SPEC = "netspec: 1\nname: precious\ninput: [3, H]\ngraph: [ReLU]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line in which `netspec` is this one."""
    text = command.replace("netspec", f"{sys.executable} -m netspec")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = ["/bin/sh", "-c", text]
    return subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command",
    [
        "netspec check - <&-",
        "netspec check nosuch.yaml 2>&-",
        "netspec check nosuch.yaml >&- 2>&-",
        "netspec check spec.yaml > /dev/full",
        "netspec build spec.yaml -o - >&-",
        "netspec build spec.yaml -o - > /dev/full",
        "netspec draw spec.yaml -T dot -o - >&-",
        "netspec draw spec.yaml -T dot -o - > /dev/full",
        "mkdir gone; cd gone; rmdir ../gone; netspec check ../spec.yaml",
    ],
)
def test_streams_that_cannot_be_used(command: str, folder: Path) -> None:
    done = shell(command, folder)
    assert (done.returncode, "internal error" in done.stderr) == (1, False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.stderr or "2>&-" in command


def test_a_closed_stream_that_nobody_needs(folder: Path) -> None:
    done = shell("netspec check spec.yaml >&- <&- 2>&-", folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "options", ["--size H=²", "--size H=٣", "--limit nodes=²", "--limit nodes=-1"]
)
def test_numbers_of_options_are_plain(options: str, folder: Path) -> None:
    done = shell(f"netspec check spec.yaml {options}", folder)
    assert (done.returncode, "integer, and got" in done.stderr) == (2, True)


def test_odd_bytes_and_huge_limits_of_options(folder: Path) -> None:
    done = shell("netspec check spec.yaml --set \"n=$(printf '\\377')\"", folder)
    assert (done.returncode, "error[NS0102]" in done.stderr) == (1, True)
    huge = f"--limit file_bytes={'9' * 18}"
    for words in ("spec.yaml", "- < spec.yaml"):
        assert shell(f"netspec check {huge} {words}", folder).returncode == 0


def test_a_drawing_is_named_after_the_file_of_the_spec(folder: Path) -> None:
    (folder / "precious.svg").write_text("mine")
    done = shell("netspec draw spec.yaml", folder)
    assert (done.returncode, (folder / "spec.svg").exists()) == (0, True)
    assert (folder / "precious.svg").read_text() == "mine"


def test_a_drawing_without_a_name_follows_no_link(folder: Path) -> None:
    (folder / "mine").write_text("mine")
    (folder / "spec.svg").symlink_to("mine")
    done = shell("netspec draw spec.yaml", folder)
    assert (done.returncode, "is a link" in done.stderr) == (2, True)
    assert shell("netspec draw - < spec.yaml", folder).returncode == 2
    assert shell("netspec draw spec.yaml -o ''", folder).returncode == 1
    assert (folder / "mine").read_text() == "mine"
    assert shell("netspec draw spec.yaml -o spec.svg", folder).returncode == 0


def test_weights_are_read_from_no_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(WeightsError, match="not a regular file"):
            read_weights(folder / name)


def test_a_factory_that_needs_arguments() -> None:
    with pytest.raises(NoReference, match="TypeError"):
        find("python:os:system")


def test_an_export_needs_a_folder(folder: Path) -> None:
    from netspec import compile
    from netspec.errors.export import ExportError
    from netspec.export import export

    with pytest.raises(ExportError, match="there is no folder"):
        export(compile(folder / "spec.yaml"), folder / "no" / "x.pt2")
