"""Checkpoints that survive a kill at any moment and are never trusted unseen.

A checkpoint is a folder `step-000000123`, or `step-000000123-end` once an epoch is
evaluated, of three files:

    tensors.safetensors   every tensor of the state
    state.json            the rest of the state, naming its tensors
    manifest.json         the size and sha256 of the other two

It is written under another name, synced, re-read and only then renamed, so a folder
of that name was whole when it appeared. On the way back the manifest's hashes are
compared before anything else is read; none of the formats can run code.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save

from netspec.errors.training import BadCheckpoint, CannotWrite, NoGoodCheckpoint
from netspec.train import files
from netspec.train.packing import pack, unpack

FORMAT = 2  # 1 had the state of torch's schedulers
TENSORS, STATE, MANIFEST = "tensors.safetensors", "state.json", "manifest.json"
_NAME = re.compile(r"step-\d{9}(-end)?")


def save_checkpoint(folder: Path, name: str, state: Any, keep: int) -> Path:
    """Save the state under a name, then delete all but the `keep` newest checkpoints.

    Raises CannotWrite; what was saved before is whole then.
    """
    target = folder / name
    if target.exists() and not problem_of(target):
        return target
    temporary = folder / f".{target.name}.{os.getpid()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        _write(temporary, name, state)
        if target.exists():
            shutil.rmtree(target)
        files.rename(temporary, target)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise CannotWrite.of(target, error) from None
    for old in checkpoints(folder)[keep:]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def _clear(folder: Path) -> None:
    """Remove what killed trainers left half-written."""
    for left in folder.glob(".step-*.tmp"):
        shutil.rmtree(left, ignore_errors=True)


def _write(folder: Path, name: str, state: Any) -> None:
    folder.mkdir()
    text, tensors = pack({"format": FORMAT, "name": name, "state": state})
    parts = {TENSORS: save(tensors), STATE: text.encode()}
    for name, data in parts.items():
        files.write(folder / name, data)
    files.write(folder / MANIFEST, _manifest(parts).encode())
    files.sync_folder(folder)
    problem = problem_of(folder)
    if problem:
        raise OSError(0, f"what was written reads back wrong: {problem}")


def _manifest(parts: dict[str, bytes]) -> str:
    found = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in parts.items()
    }
    return json.dumps({"format": FORMAT, "files": found}, indent=1) + "\n"


def checkpoints(folder: Path) -> list[Path]:
    """The folder's checkpoints, the newest first, whole or not."""
    found = [path for path in folder.glob("step-*") if _NAME.fullmatch(path.name)]
    return sorted(found, reverse=True)


def load_checkpoint(path: Path) -> Any:
    """The state saved in one checkpoint. Raises BadCheckpoint."""
    parts = _read(path)
    try:
        found = unpack(parts[STATE].decode(), load(parts[TENSORS]))
    except (ValueError, KeyError, TypeError, SafetensorError) as error:
        raise BadCheckpoint(path=path, reason=str(error)) from None
    if found["format"] != FORMAT or found["name"] != path.name:
        raise BadCheckpoint(path=path, reason="it is of another step or format")
    return found["state"]


def newest(
    folder: Path, use: Callable[[Any, Path], Any] = lambda state, path: state
) -> tuple[Path, Any, list[BadCheckpoint]] | None:
    """The newest whole checkpoint, what `use` made of it, and the bad newer ones.

    A state that lacks what `use` takes of it is bad, too. None if there is no
    checkpoint. Raises NoGoodCheckpoint if all are bad.
    """
    bad: list[BadCheckpoint] = []
    for path in checkpoints(folder):
        try:
            return path, use(load_checkpoint(path), path), bad
        except BadCheckpoint as error:
            bad.append(error)
        except KeyError as error:
            bad.append(BadCheckpoint(path=path, reason=f"its state lacks {error}"))
    if not bad:
        return None
    reasons = "\n".join(error.title for error in bad)
    raise NoGoodCheckpoint(folder=folder, count=len(bad), reasons=reasons)


def set_aside(bad: Path) -> None:
    """Rename a bad checkpoint out of the way of the good ones to come."""
    aside = bad.with_name(f"bad-{bad.name}")
    shutil.rmtree(aside, ignore_errors=True)
    bad.rename(aside)


def problem_of(path: Path) -> str | None:
    """Why a checkpoint is not whole, or None."""
    try:
        _read(path)
    except BadCheckpoint as error:
        return str(error.fields["reason"])
    return None


def _read(path: Path) -> dict[str, bytes]:
    """The files a manifest vouches for, after comparing their hashes."""
    try:
        text = (path / MANIFEST).read_bytes()
        names = {entry.name for entry in path.iterdir()}
        parts = {name: (path / name).read_bytes() for name in (TENSORS, STATE)}
    except OSError as error:
        reason = f"{Path(error.filename or '').name}: {error.strerror}"
        raise BadCheckpoint(path=path, reason=reason) from None
    if names != {TENSORS, STATE, MANIFEST}:
        extra = ", ".join(sorted(names - {TENSORS, STATE, MANIFEST}))
        raise BadCheckpoint(path=path, reason=f"unexpected files: {extra}")
    if text != _manifest(parts).encode():
        raise BadCheckpoint(path=path, reason="its hashes do not match its manifest")
    return parts
