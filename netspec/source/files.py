"""Files, found and decoded."""

import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from netspec import limits as limits_
from netspec.diagnostics import Source, Span, SpecError
from netspec.errors import source as errors
from netspec.limits import Limits
from netspec.source.build import parse
from netspec.source.problems import character, character_after
from netspec.source.tree import Tree
from netspec.spelling import suggest


def read(path: str | Path, limits: Limits = limits_.DEFAULT) -> Tree:
    """Read a YAML file; `-` is standard input.

    Raises SpecError if it cannot be read, is not YAML, or is over a limit.
    """
    return parse(load(path, limits), limits)


def load(
    path: str | Path, limits: Limits = limits_.DEFAULT, at: Span | None = None
) -> Source:
    """The text of a regular file, decoded; `at` is where the spec names it."""
    name = str(path)
    try:
        data = _bytes(name, limits.file_bytes)
    except (OSError, ValueError) as error:
        raise SpecError(_unreadable(name, error, at)) from None
    if len(data) > limits.file_bytes:
        span, what = at or character(Source(name, "")), "the bytes of a file"
        raise SpecError(errors.TooLarge.of(span, what, limits, "file_bytes"))
    return Source("<stdin>" if name == "-" else name, _decoded(name, data))


def _bytes(name: str, limit: int) -> bytes:
    """What a file holds, up to the first byte over the limit."""
    if name == "-":
        return _at_most(sys.stdin.buffer, limit + 1)
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is not a regular file")
        return _at_most(file, limit + 1)


def _at_most(file: BinaryIO, limit: int) -> bytes:
    """The first bytes of a file, no more of them allocated than there are."""
    found = bytearray()
    while len(found) < limit:
        part = file.read(min(limit - len(found), 2**16))
        if not part:
            break
        found += part
    return bytes(found)


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        source = Source(name, data.decode("utf-8", "replace"))
        problem = f"byte 0x{data[error.start]:02x} is not UTF-8"
        span = character_after(source, before)
        raise SpecError(errors.YamlSyntax(span=span, problem=problem)) from None


def _unreadable(
    name: str, error: OSError | ValueError, at: Span | None
) -> errors.UnreadableFile:
    """Why a file cannot be read, with the name that was likely meant."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    shown = name.encode("utf-8", "backslashreplace").decode()
    path = Path(name)
    stems = {Path(other).stem: other for other in _siblings(path)}
    close = stems.get(suggest(path.stem, stems) or "")
    return errors.UnreadableFile(
        span=at or character(Source(shown, "")),
        path=shown,
        reason=reason[0].lower() + reason[1:],
        suggestion=str(path.with_name(close))
        if close not in (None, path.name)
        else None,
    )


def _siblings(path: Path) -> list[str]:
    """The names in a file's folder, as many as one would look through."""
    try:
        with os.scandir(path.parent) as found:
            return [entry.name for entry, _ in zip(found, range(1000), strict=False)]
    except (OSError, ValueError):
        return []
