"""Commands as a person types them; netspec's own run in this very process."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from unittest import mock

from netspec import cli

ROOT = Path(__file__).parent.parent
VARIABLES = re.compile(r"^(?:[A-Z_]+=\S+ )*(?=netspec )")
IN_SHELL = re.compile(r"[|<>;&]|--nproc")
ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
    "PYTHONPATH": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "COLUMNS": "88",
    "HOME": ".",
    "CUDA_VISIBLE_DEVICES": "",
}


def run(command: str) -> tuple[str, int]:
    """What a command prints and its exit status."""
    own = VARIABLES.match(command)
    if own is None or IN_SHELL.search(command):
        return _in_shell(command)
    with mock.patch.dict(os.environ, (pair.split("=") for pair in own[0].split())):
        return _here(command[own.end() :])


def _here(command: str) -> tuple[str, int]:
    printed = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            cli.run(shlex.split(command)[1:])
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
    return printed.buffer.getvalue().decode(), status


def _in_shell(command: str) -> tuple[str, int]:
    done = subprocess.run(
        ["bash", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
        timeout=120,
        check=False,
    )
    return done.stdout, done.returncode


def start(command: str) -> "subprocess.Popen[str]":
    """Begin a command of netspec's in a process of its own, which says nothing."""
    return subprocess.Popen(
        [sys.executable, "-m", *shlex.split(command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )
