"""Which `$names` a declaration mentions anywhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from netspec.source import Scalar

References = dict[int, tuple[Any, frozenset[str]]]  # by id; the tree is kept alive


def references(tree: Any, cache: References) -> frozenset[str]:
    """Every `$name` that appears anywhere in a declaration."""
    if id(tree) not in cache:
        cache[id(tree)] = (tree, frozenset(_names(tree)))
    return cache[id(tree)][1]


_NAME = re.compile(r"\$([A-Za-z_]\w*)", re.ASCII)


def _names(tree: Any) -> Iterator[str]:
    match tree:
        case Scalar():
            if isinstance(tree.value, str):
                yield from _NAME.findall(tree.text)
        case str():
            yield from ()
        case Mapping():
            for value in tree.values():
                yield from _names(value)
        case tuple():
            for value in tree:
                if isinstance(value, tuple | Mapping):
                    yield from _names(value)
