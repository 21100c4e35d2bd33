"""What a person sees of a run: a bar on a terminal, plain lines elsewhere."""

import math
import resource
import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

import torch
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column


class Display(Protocol):
    """Shows how far a run is."""

    def start(self, done: int, total: int, epochs: int) -> None: ...

    def step(self, done: int) -> None: ...

    def line(self, line: Mapping[str, Any]) -> None: ...

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


def display(quiet: bool = False) -> Display:
    """A bar if standard error is a terminal, lines otherwise, nothing if quiet."""
    if quiet:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()


class Silent:
    """Shows nothing: for processes other than the first."""

    def start(self, done: int, total: int, epochs: int) -> None:
        pass

    def step(self, done: int) -> None:
        pass

    def line(self, line: Mapping[str, Any]) -> None:
        pass

    def say(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class Lines(Silent):
    """A line of `key=value` for each evaluation, some of training, and what is said."""

    EVERY = 5.0  # seconds between two lines of training

    def __init__(self) -> None:
        self.shown = -math.inf

    def line(self, line: Mapping[str, Any]) -> None:
        now = time.monotonic()
        if line["split"] == "train":
            if now - self.shown < self.EVERY:
                return
            self.shown = now
        self.say(" ".join(f"{key}={_short(value)}" for key, value in line.items()))

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class Bar(Silent):
    """A bar with the epoch, memory and time left; metrics take the room there is."""

    EVERY = 0.1  # seconds between two drawings

    def __init__(self) -> None:
        fixed, rest = Column(no_wrap=True), Column(no_wrap=True, ratio=1)
        self.progress = Progress(
            TextColumn("epoch {task.fields[epoch]}", table_column=fixed),
            BarColumn(bar_width=16, table_column=fixed.copy()),
            TextColumn("{task.fields[metrics]}", markup=False, table_column=rest),
            TextColumn("{task.fields[memory]}", table_column=fixed.copy()),
            TimeRemainingColumn(table_column=fixed.copy()),
            console=Console(stderr=True),
            expand=True,
        )
        self.drawn = 0.0

    def start(self, done: int, total: int, epochs: int) -> None:
        self.epochs, self.steps = epochs, max(total // epochs, 1)
        self.progress.start()
        self.task = self.progress.add_task(
            "", completed=done, total=total, metrics="", **self._fields(done)
        )

    def step(self, done: int) -> None:
        now = time.monotonic()
        if now - self.drawn > self.EVERY:
            self.drawn = now
            self.progress.update(self.task, completed=done, **self._fields(done))

    def _fields(self, done: int) -> dict[str, Any]:
        epoch = min(done // self.steps + 1, self.epochs)
        return {"epoch": f"{epoch}/{self.epochs}", "memory": _memory()}

    def line(self, line: Mapping[str, Any]) -> None:
        if line["split"] == "train":
            self.progress.update(self.task, metrics=_describe(line))
        else:
            self.say(f"epoch {line['epoch']:>3}  {_describe(line)}")

    def say(self, text: str) -> None:
        self.progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        self.progress.stop()


def _memory() -> str:
    """The most memory in use so far: the GPU's, or without one the process's own."""
    if torch.cuda.is_available():
        used = torch.cuda.max_memory_allocated()
    else:
        unit = 1 if sys.platform == "darwin" else 1024
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return f"{used / 2**30:.1f} GiB"


def _describe(line: Mapping[str, Any]) -> str:
    hidden = {"step", "epoch", "split", "seconds", "lr"}
    shown = {name: value for name, value in line.items() if name not in hidden}
    return "  ".join(f"{name} {_short(value)}" for name, value in shown.items())


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
