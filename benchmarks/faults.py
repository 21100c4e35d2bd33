"""The long fault suite: `make faults`. Counts go to benchmarks/results/faults.json.

Trainers are forked from one process that has imported torch, so that hundreds of them
can be killed in minutes: at random times, in the middle of saves, by signals.
"""

import json
import mmap
import os
import random
import shutil
import signal
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from netspec.errors.training import BadCheckpoint, CannotWrite, TrainingError
from netspec.train import environment
from netspec.train import loop as loop_module
from netspec.train.checkpoint import load_checkpoint, newest, save_checkpoint
from netspec.train.recipe import load_recipe
from netspec.train.session import Request, train
from tests.train.faults import Death, corrupt, dying_at, full_after

RESULTS = Path(__file__).parent / "results/faults.json"
SPEC = Path(__file__).parents[1] / "tests/train/tiny.yaml"
INTERVAL = 3  # steps between two checkpoints
RECIPE = f"""
data: {{type: fake, shape: [1, 8, 8], train_samples: 400, heldout_samples: 20}}
epochs: 8
batch_size: 8
log_every: 10
optimizer: {{type: AdamW, lr: 0.01}}
schedule: {{type: cosine, warmup: 1}}
average: {{decay: 0.9}}
train_transforms: [{{type: RandomCrop, size: 8, padding: 1}}]
checkpoint: {{every: {INTERVAL}}}
"""


class Trainer:
    """A forked trainer, and the step it has reached."""

    def __init__(self, folder: Path, recipe: Any) -> None:
        self.folder = folder
        self.shared = mmap.mmap(-1, 16)
        self.pid = os.fork()
        if not self.pid:
            os._exit(self._train(recipe))

    def _train(self, recipe: Any) -> int:
        step = loop_module.Loop.train_step
        restore = loop_module.restore

        def counted(loop: Any, parts: Any) -> None:
            self.shared[:8] = struct.pack("q", loop.at.step + 1)
            step(loop, parts)

        def noted(loop: Any, state: Any, path: Path) -> list[str]:
            said = restore(loop, state, path)
            self.shared[8:] = struct.pack("q", loop.at.step)
            return said

        loop_module.Loop.train_step = counted  # type: ignore[method-assign]
        loop_module.restore = noted
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        request = Request(
            spec=SPEC, recipe=recipe, out=self.folder, device="cpu", resume=True
        )
        try:
            return train(request)
        except TrainingError:
            return 1

    @property
    def reached(self) -> int:
        """The step it has begun, or 0."""
        return int(struct.unpack("q", self.shared[:8])[0])

    @property
    def began_at(self) -> int:
        """The step it went on from."""
        return int(struct.unpack("q", self.shared[8:])[0])

    def at_least(self, step: int) -> Callable[[], bool]:
        """Whether it has begun this step."""
        return lambda: self.reached >= step

    def status(self) -> int | None:
        """How it ended, None while it runs."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def end(self, number: int) -> tuple[int, float]:
        """Send a signal and wait: how it ended and after how long."""
        start = time.monotonic()
        os.kill(self.pid, number)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), time.monotonic() - start

    def saving(self) -> bool:
        """Whether a checkpoint is half-written."""
        return any(self.folder.glob("checkpoints/.step-*.tmp"))


def wait(trainer: Trainer, condition: Callable[[], bool]) -> int | None:
    """Until the condition holds, or the status of a trainer that ended before."""
    while not condition():
        status = trainer.status()
        if status is not None:
            return status
        time.sleep(0.0003)
    return None


def final_bits(folder: Path) -> dict[str, bytes]:
    found = newest(folder / "checkpoints")
    assert found is not None
    (learner,) = found[1]["learners"].values()
    tensors = {**learner["model"], **learner["average"]}
    for parameter, moments in learner["optimizer"]["state"].items():
        tensors |= {f"{parameter}/{name}": value for name, value in moments.items()}
    return {name: value.numpy().tobytes() for name, value in tensors.items()}


def kills(work: Path, recipe: Any, wanted: int, in_save: int) -> dict[str, int]:
    """SIGKILL at random times and in the middle of saves, run after run."""
    # In this very process: what is imported on the way need not be again after a fork.
    request = Request(spec=SPEC, recipe=recipe, out=work / "whole", device="cpu")
    assert train(request) == 0
    expected = final_bits(work / "whole")
    found = dict.fromkeys(
        ("kills", "in_mid_save", "unresumable", "lost_more", "other_bits", "runs"), 0
    )
    generator = random.Random(0)
    while found["kills"] < wanted or found["in_mid_save"] < in_save:
        folder = work / f"run-{found['runs']}"
        _kill_until_done(folder, recipe, generator, found)
        found["runs"] += 1
        found["other_bits"] += final_bits(folder) != expected
        shutil.rmtree(folder)
    return found


def _kill_until_done(
    folder: Path, recipe: Any, generator: random.Random, found: dict[str, int]
) -> None:
    reached = 0
    while True:
        trainer = Trainer(folder, recipe)
        status = wait(trainer, trainer.at_least(1))
        if status is None:
            before = trainer.began_at
            found["lost_more"] += reached - before > INTERVAL + 1
            wished = trainer.reached + generator.randrange(1, 2 * INTERVAL)
            status = wait(trainer, trainer.at_least(wished))
        if status is None and generator.random() < 0.6:
            status = wait(trainer, trainer.saving)
        elif status is None:
            time.sleep(generator.random() * 0.01)
            status = trainer.status()
        if status is not None:
            found["unresumable"] += status != 0
            return
        trainer.end(signal.SIGKILL)
        reached = trainer.reached
        found["kills"] += 1
        found["in_mid_save"] += trainer.saving()


def signals(work: Path, recipe: Any, wanted: int) -> dict[str, Any]:
    """SIGTERM, SIGINT and SIGUSR1: saved at the very step, and the right status."""
    found = {"signals": 0, "wrong_status": 0, "lost_a_step": 0, "slowest_seconds": 0.0}
    generator = random.Random(1)
    while found["signals"] < wanted:
        folder = work / f"signals-{found['signals']}"
        trainer = Trainer(folder, recipe)
        if wait(trainer, trainer.at_least(generator.randrange(1, 100))) is not None:
            continue
        number = generator.choice([signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
        status, seconds = trainer.end(number)
        state = newest(folder / "checkpoints")
        assert state is not None
        found["signals"] += 1
        found["wrong_status"] += status != 128 + number
        found["lost_a_step"] += state[1]["position"]["step"] != trainer.reached
        found["slowest_seconds"] = max(found["slowest_seconds"], round(seconds, 2))
        shutil.rmtree(folder)
    return found


def _state(value: float) -> dict[str, Any]:
    return {"weights": torch.full((4096,), value), "step": int(value)}


def damage(work: Path, wanted: int) -> dict[str, int]:
    """Checkpoints damaged in every way: none may be loaded in silence."""
    good = save_checkpoint(work / "good", "step-000000001", _state(1), keep=2)
    names = sorted(path.name for path in good.iterdir())
    generator = random.Random(2)
    silent = 0
    for _ in range(wanted):
        copy = work / good.name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(good, copy)
        corrupt(copy / generator.choice(names), generator)
        try:
            load_checkpoint(copy)
            silent += 1
        except BadCheckpoint:
            pass
    return {"damaged": wanted, "loaded_in_silence": silent}


def deaths(work: Path) -> dict[str, int]:
    """Death at every write, fsync, rename and so on of a save."""
    number = unresumable = 0
    while True:
        folder = work / "death"
        shutil.rmtree(folder, ignore_errors=True)
        for step in (0, 1):
            save_checkpoint(folder, f"step-{step:09d}", _state(step), keep=2)
        try:
            with dying_at(number):
                save_checkpoint(folder, "step-000000002", _state(2), keep=2)
            return {"places": number, "unresumable": unresumable}
        except Death:
            found = newest(folder)
            unresumable += found is None or found[1]["step"] not in (1, 2)
        number += 1


def full_disks(work: Path, offsets: int) -> dict[str, int]:
    """A disk that is full after so many bytes: said, and nothing lost."""
    folder = work / "full"
    save_checkpoint(folder, "step-000000001", _state(1), keep=2)
    whole = folder / "step-000000001"
    size = sum(path.stat().st_size for path in whole.iterdir())
    wrong = 0
    for number in range(offsets):
        try:
            with full_after(size * number // offsets):
                save_checkpoint(folder, "step-000000002", _state(2), keep=2)
            wrong += 1
        except CannotWrite:
            wrong += [path.name for path in folder.iterdir()] != [whole.name]
    return {"offsets": offsets, "wrong": wrong}


def workers(work: Path, wanted: int) -> dict[str, int]:
    """A killed worker ends the run in words, and it goes on from its checkpoint."""
    path = work / "workers.yaml"
    path.write_text(RECIPE)
    settings = {"workers": "2", "train_transforms": "[RandAugment]", "epochs": "100"}
    recipe = load_recipe(path, settings)
    found = {"workers_killed": 0, "not_said": 0, "unresumable": 0}
    for _ in range(wanted):
        trainer = Trainer(work / "workers", recipe)
        begun = wait(trainer, trainer.at_least(trainer.reached + 5))
        found["unresumable"] += begun is not None
        children = f"/proc/{trainer.pid}/task/{trainer.pid}/children"
        os.kill(int(Path(children).read_text().split()[0]), signal.SIGKILL)
        found["workers_killed"] += 1
        found["not_said"] += wait(trainer, lambda: False) != 1
    return found


def main() -> None:
    torch.set_num_threads(1)
    environment._commit = lambda: None  # git would take longer than the training
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "recipe.yaml").write_text(RECIPE)
        recipe = load_recipe(work / "recipe.yaml")
        results = {
            "kills": kills(work, recipe, wanted=500, in_save=150),
            "signals": signals(work, recipe, wanted=100),
            "damage": damage(work, wanted=2000),
            "deaths": deaths(work),
            "full_disks": full_disks(work, offsets=50),
            "workers": workers(work, wanted=5),
        }
    results["seconds"] = round(time.monotonic() - start)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
