"""What a constructor takes: parameters, their values over the instances."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from netspec.dimensions import Dimension
from netspec.emit.layout import literal
from netspec.emit.trees import ANY

SCALARS = (bool, int, float, str, tuple, type(None))


class Parameter(NamedTuple):
    """A constructor parameter: its value in each instance, and its default.

    `roles` are the parts it plays, see `roles.py`; `source` is what the spec writes
    where it was made.
    """

    name: str
    values: tuple[Any, ...]
    default: Any = ...
    roles: frozenset[str] = frozenset()
    source: str = ""

    def refined(self, values: Sequence[Any]) -> "Parameter":
        """With the values of instances that had not read it so far."""
        pairs = zip(self.values, values, strict=True)
        return self._replace(values=tuple(b if a is ANY else a for a, b in pairs))

    def settled(self) -> "Parameter":
        """With some value for the instances that never read it."""
        known = next(value for value in self.values if value is not ANY)
        return self.refined((known,) * len(self.values))

    @property
    def annotation(self) -> str:
        kinds = {type(value) for value in self.values}
        if kinds <= {int, bool, float} and len(kinds) == 2 and bool not in kinds:
            return "float"
        if len(kinds) == 1:
            kind = kinds.pop()
            if kind is tuple:
                return "tuple[int, ...]"
            return kind.__name__ if kind is not type(None) else "None"
        named = sorted(
            "tuple[int, ...]" if k is tuple else k.__name__
            for k in kinds
            if k is not type(None)
        )
        return " | ".join([*named, "None"] if type(None) in kinds else named)


def same(first: Sequence[Any], second: Sequence[Any]) -> bool:
    """Whether the values are equal wherever both are read."""
    return all(
        a is ANY or b is ANY or (type(a) is type(b) and a == b)
        for a, b in zip(first, second, strict=True)
    )


def covers(known: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether what has the known values has these, wherever they are read."""
    pairs = list(zip(known, values, strict=True))
    return same(known, values) and all(a is not ANY or b is ANY for a, b in pairs)


def constant(value: Any) -> str:
    """A value that is the same in all instances."""
    return str(value) if isinstance(value, Dimension) else literal(value)
