"""An emitted file as a live module: the same text, run once and kept.

Its lines are known to tracebacks and debuggers, and an instance can be copied and
pickled: what is pickled holds the text, so a fresh process that has netspec loads it.
"""

import linecache
import sys
from hashlib import sha256
from types import ModuleType
from typing import Any

from torch import nn

from netspec.emit.allowed import NONE, Own, check, check_torch

PACKAGE = "netspec.emitted"


def load(source: str, name: str, own: Own = NONE, spec: str = "") -> ModuleType:
    """Run an emitted file as a module; the same text of the same `spec` is run once.

    `own` are the user's own classes that it may make, see `allowed.check`.
    """
    text = f"{spec}\n{source}".encode("utf-8", "surrogateescape")
    digest = sha256(text).hexdigest()[:12]
    full_name = f"{PACKAGE}.{name}_{digest}"
    if full_name in sys.modules:
        return sys.modules[full_name]
    filename = f"<netspec {name}_{digest}.py>"
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    module = ModuleType(full_name)
    module.__file__ = filename
    sys.modules[full_name] = module
    try:
        tree = check(source, own)  # our own text; see `allowed` for what it may hold
        check_torch(tree, own)
        exec(compile(tree, filename, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[full_name]
        raise
    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__module__ == full_name:
            _make_portable(value, (source, name, dict(own), spec))
    return module


def _make_portable(cls: type, file: tuple[Any, ...]) -> None:
    """Pickle instances of a class with what `load` needs to define it."""
    if not issubclass(cls, nn.Module):
        return

    def reduce(self: nn.Module, protocol: Any) -> tuple[Any, ...]:
        return _empty, (cls.__name__, *file), self.__dict__

    cls.__reduce_ex__ = reduce  # type: ignore[method-assign,assignment]


def _empty(class_name: str, *file: Any) -> nn.Module:
    """An instance without state, which unpickling then fills."""
    cls = getattr(load(*file), class_name)
    instance: nn.Module = cls.__new__(cls)
    return instance
