"""The run folder: a contract for scripts, held by one trainer at a time."""

import fcntl
import json
import math
import os
import socket
from collections.abc import Callable, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import IO, Any

from netspec.errors.training import (
    CannotWrite,
    FolderInUse,
    FolderNotEmpty,
    NotARun,
    RunChanged,
)
from netspec.train import files

SPEC, MODEL = "spec.yaml", "model.py"
RECIPE, ENVIRONMENT = "recipe.yaml", "env.json"
METRICS, CHECKPOINTS = "metrics.jsonl", "checkpoints"
BEST, LAST = "best.safetensors", "last.safetensors"

_LOCKS: set[IO[str]] = set()


def _let_go() -> None:
    """In a forked worker: it may outlive the trainer, and the lock must not."""
    for lock in _LOCKS:
        lock.close()


os.register_at_fork(after_in_child=_let_go)


class RunFolder:
    """A folder that one run writes to; use as a context.

    Of a run's processes the first has it `held`: locked against other trainers.
    """

    def __init__(self, path: Path, *, held: bool = True) -> None:
        self.path = path
        self.held = held
        self.lines = 0
        self.texts: Mapping[str, str] = {}
        self._lock: IO[str] | None = None

    def __enter__(self) -> "RunFolder":
        if self.held:
            self._lock = self._locked()
            _LOCKS.add(self._lock)
        return self

    def _locked(self) -> IO[str]:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = open(self.path / ".lock", "a+", encoding="utf-8")  # noqa: SIM115 - held
        except OSError as error:
            advice = "choose another --out"
            raise CannotWrite.of(self.path, error, advice) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise FolderInUse(folder=self.path, owner=owner) from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        lock.flush()
        return lock

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            _LOCKS.remove(self._lock)
            self._lock.close()

    @property
    def started(self) -> bool:
        """Whether a run was begun here."""
        return (self.path / RECIPE).exists()

    @property
    def checkpoints(self) -> Path:
        return self.path / CHECKPOINTS

    def begin(
        self, texts: Mapping[str, str], *, resume: bool, allow_change: bool
    ) -> None:
        """Take what the run is made of, and compare it with what is here.

        Raises FolderNotEmpty or RunChanged.
        """
        if not resume:
            self.refuse_if_started()
        if self.started and not allow_change:
            difference = "\n".join(self._differences(texts))
            if difference:
                raise RunChanged(folder=self.path, difference=difference)
        self.texts = texts

    def describe(self) -> None:
        """Write what the run is made of: once it goes on, not before."""
        for name, text in self.texts.items():
            self.write(name, text.encode())

    def refuse_if_started(self) -> None:
        """Raises FolderNotEmpty if a run was begun here."""
        if self.started:
            raise FolderNotEmpty(folder=self.path)

    def _differences(self, texts: Mapping[str, str]) -> list[str]:
        found: list[str] = []
        for name, text in texts.items():
            before = self._text(name)
            if name == ENVIRONMENT:
                before, text = _binding(before), _binding(text)
            elif name == RECIPE:
                before, text = _deciding(before), _deciding(text)
            lines = (before.splitlines(), text.splitlines())
            found += unified_diff(
                *lines, f"{name} (there)", f"{name} (now)", "", "", 0, ""
            )
        return [line for line in found if line]

    def _text(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def write(self, name: str, data: bytes) -> None:
        """Give a file of the folder new content, whole or not at all."""
        try:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            files.replace(self.path / name, data)
        except OSError as error:
            raise CannotWrite.of(self.path / name, error) from None

    def log(self, line: Mapping[str, Any]) -> None:
        """Add a line to metrics.jsonl."""
        data = (json.dumps(_finite(line), allow_nan=False) + "\n").encode()
        try:
            files.append(self.path / METRICS, data)
        except OSError as error:
            raise CannotWrite.of(self.path / METRICS, error) from None
        self.lines += 1

    def metrics(self) -> list[dict[str, Any]]:
        """The lines logged so far."""
        return read_metrics(self.path)

    def keep_lines(self, count: int) -> None:
        """Forget the metrics after the first `count`: their steps come again.

        Raises NotARun.
        """
        whole: list[bytes] = read_file(self.path, METRICS, _lines)
        self.write(METRICS, b"".join(line + b"\n" for line in whole[:count]))
        self.lines = count


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics.jsonl; none if there is no such file.

    Raises NotARun.
    """
    lines: list[bytes] = read_file(folder, METRICS, _lines)
    return [json.loads(line) for line in lines]


def read_file(folder: Path, name: str, read: Callable[[bytes], Any]) -> Any:
    """What a file of a run folder says; if it is not there, what an empty one does.

    Raises NotARun.
    """
    path = folder / name
    try:
        return read(path.read_bytes() if path.exists() else b"")
    except OSError as error:
        reason = f"{name} cannot be read ({error.strerror})"
    except ValueError:
        reason = f"{name} is damaged"
    raise NotARun(folder=folder, reason=reason)


def _lines(data: bytes) -> list[bytes]:
    """Lines of JSON. What follows the last line's end is torn, and no line."""
    found = [line for line in data.split(b"\n")[:-1] if line]
    for line in found:
        numbers = {**_mapping(line), "split": 0}
        if not all(isinstance(x, int | float | None) for x in numbers.values()):
            raise ValueError("not a number")
        if "step" not in numbers:
            raise ValueError("no step")
    return found


def _mapping(data: str | bytes) -> dict[str, Any]:
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return found


def _finite(line: Mapping[str, Any]) -> dict[str, Any]:
    """The line as JSON can say it: null for what is infinite or no number."""

    def odd(value: Any) -> bool:
        return isinstance(value, float) and not math.isfinite(value)

    return {name: None if odd(value) else value for name, value in line.items()}


def read_environment(folder: Path) -> dict[str, Any]:
    """What a run ran on; nothing if that is not there. Raises NotARun."""
    found: dict[str, Any] = read_file(
        folder, ENVIRONMENT, lambda data: _mapping(data) if data else {}
    )
    return found


# What may change between a run and its resumption: it changes no bit of the result.
_FREE = {"doc", "workers", "log_every", "checkpoint", "tensorboard", "wandb"}


_BINDING = ("processes", "graph", "overfit", "data")  # of env.json


def _deciding(recipe: str) -> str:
    import yaml

    try:
        found = yaml.safe_load(recipe)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        return recipe
    kept = {key: value for key, value in found.items() if key not in _FREE}
    return str(yaml.safe_dump(kept, sort_keys=False))


def _binding(environment: str) -> str:
    import yaml

    try:
        found = _mapping(environment)
    except ValueError:
        return environment
    return str(yaml.safe_dump({key: found.get(key) for key in _BINDING}))
