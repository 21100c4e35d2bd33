"""`netspec train` in processes of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


TINY = HERE / "tiny.yaml"


def arguments(recipe: Path, out: Path, *more: str, spec: Path = TINY) -> list[str]:
    command = [sys.executable, "-m", "netspec", "train", str(spec)]
    return [*command, "--recipe", str(recipe), "--out", str(out), *more]


def start(
    recipe: Path, out: Path, *more: str, paths: str = "", spec: Path = TINY
) -> "subprocess.Popen[str]":
    """Begin a run; `paths` are searched for modules besides netspec's own."""
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{ROOT}{os.pathsep}{paths}"}
    return subprocess.Popen(
        arguments(recipe, out, "--device", "cpu", *more, spec=spec),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def finish(process: "subprocess.Popen[str]", seconds: float = 120) -> tuple[int, str]:
    """The exit status and everything that was printed."""
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, output


def run(recipe: Path, out: Path, *more: str) -> tuple[int, str]:
    return finish(start(recipe, out, *more))


def wait_for(process: "subprocess.Popen[str]", condition: Callable[[], object]) -> None:
    """Until it holds; a generous limit against hanging, and none for the dead."""
    end = time.monotonic() + 90
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def wait_for_metrics(process: "subprocess.Popen[str]", out: Path) -> None:
    """Until the run has logged something."""
    path = out / "metrics.jsonl"
    wait_for(process, lambda: path.exists() and path.stat().st_size > 0)
