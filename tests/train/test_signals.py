"""Signals: to a trainer alone or with its workers, early, twice, in a long call."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from netspec.train.checkpoint import newest
from netspec.train.distributed import World
from netspec.train.folder import RunFolder
from netspec.train.loop import Loop
from netspec.train.setup import Job
from tests.train.commands import ENVIRONMENT, arguments, finish, run, wait_for_metrics
from tests.train.conftest import TINY, StopAt

WORKERS = ("--set", "workers=2", "--set", "train_transforms=[RandAugment]")
LONG = ("--set", "epochs=1000", "--set", "log_every=1", *WORKERS)


def in_a_group(recipe: Path, out: Path, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        arguments(recipe, out, "--device", "cpu", *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
        start_new_session=True,
    )


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1"])
def test_a_signal_to_the_whole_group_saves(
    name: str, recipe_file: Path, tmp_path: Path
) -> None:
    out, number = tmp_path / "run", signal.Signals[name]
    process = in_a_group(recipe_file, out, *LONG)
    wait_for_metrics(process, out)
    os.killpg(process.pid, number)
    process.send_signal(number)  # `timeout` sends it to its child besides
    status, said = finish(process, seconds=60)
    assert (status, f"{name}: saved; go on with --resume" in said) == (
        128 + number,
        True,
    ), said
    assert newest(out / "checkpoints") is not None


def test_workers_that_die_first_do_not_hide_the_signal(
    make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netspec.errors.training import WorkerEnded

    def steps(_: Loop) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        raise WorkerEnded(reason="killed by signal: Terminated.")
        yield

    monkeypatch.setattr(Loop, "steps", steps)
    display = StopAt(None)
    with display.signals, RunFolder(tmp_path) as folder:
        job = Job(TINY, {}, make_recipe(), World("cpu"))
        assert not Loop(job, folder, display.signals, display).run()
    assert newest(tmp_path / "checkpoints") is not None


def test_a_signal_before_the_first_step_is_seen_there(
    make_recipe: Any, tmp_path: Path
) -> None:
    job = Job(TINY, {}, make_recipe(), World("cpu"))
    display = StopAt(None)
    display.signals.number = signal.SIGTERM
    with RunFolder(tmp_path) as folder:
        loop = Loop(job, folder, display.signals, display)
        assert not loop.run()
    assert loop.at.step == 0


CALL = """
import hashlib
from netspec.train.signals import Signals
with Signals() as signals:
    signals.can_save = {can_save}
    print("ready", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)  # one call of C, minutes long
"""


@pytest.mark.parametrize(("can_save", "needed"), [(True, 2), (False, 1)])
def test_a_long_call_does_not_keep_the_last_signal_waiting(
    can_save: bool, needed: int
) -> None:
    code = CALL.format(can_save=can_save)
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for _ in range(needed):
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        time.sleep(1.2)
    assert process.wait(timeout=10) == 128 + signal.SIGTERM


def test_a_killed_trainers_workers_do_not_hold_its_folder(
    recipe_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    options = ("--set", "epochs=3", "--set", "log_every=1", *WORKERS)
    process = in_a_group(recipe_file, out, *options)
    wait_for_metrics(process, out)
    process.kill()
    process.wait()
    status, said = run(recipe_file, out, *options, "--resume")
    assert status == 0, said
