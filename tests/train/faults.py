"""Faults played to the checkpoint code: death and full disks at any system call."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

CALLS = ("write", "fsync", "rename", "open", "mkdir", "unlink", "rmdir", "scandir")


class Death(BaseException):
    """The process is gone: nothing after this runs, not even a `finally`."""


@contextmanager
def dying_at(number: int) -> Iterator[list[str]]:
    """Every file call before the `number`-th works; from then on none does.

    Yields the names of the calls that were made.
    """
    made: list[str] = []

    def wrap(name: str) -> Any:
        call = getattr(os, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            made.append(name)
            if len(made) > number:
                raise Death(name)
            if name == "write" and len(made) == number:
                call(args[0], bytes(args[1])[: len(args[1]) // 2])  # torn
                raise Death(name)
            return call(*args, **kwargs)

        return called

    with mock.patch.multiple(os, **{name: wrap(name) for name in CALLS}):
        yield made


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """The disk takes `size` bytes more, and then says that it is full."""
    left, call = size, os.write

    def write(descriptor: int, data: Any) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = call(descriptor, bytes(data[:left]))
        left -= done
        return done

    with mock.patch.object(os, "write", write):
        yield


def corrupt(path: Path, generator: Any) -> str:
    """Damage one file in one of the ways disks and people do; says which."""
    data = bytearray(path.read_bytes())
    way = generator.choice(["flip", "cut", "zero", "grow", "remove", "swap"])
    at = generator.randrange(len(data))
    if way == "flip":
        data[at] ^= 1 << generator.randrange(8)
    elif way == "cut":
        del data[at:]
    elif way == "zero":
        stretch = data[at : at + 64]
        data[at : at + 64] = (
            bytes(b ^ 0xFF for b in stretch)
            if not any(stretch)
            else bytes(len(stretch))
        )
    elif way == "grow":
        data += generator.randbytes(1 + at % 100)
    elif way == "swap":
        other = next(i for i in range(len(data)) if data[i] != data[at])
        data[at], data[other] = data[other], data[at]
    if way == "remove":
        path.unlink()
    else:
        path.write_bytes(data)
    return f"{way} of {path.name} at {at}"
