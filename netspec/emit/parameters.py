"""What a constructor takes: parameters, their values over the instances."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from netspec.dimensions import Dimension
from netspec.emit.layout import literal
from netspec.emit.trees import ANY, Slot
from netspec.expressions import Reference
from netspec.graph import Graph

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
                return self._of_tuples
            return kind.__name__ if kind is not type(None) else "None"
        named = sorted(
            self._of_tuples if k is tuple else k.__name__
            for k in kinds
            if k is not type(None)
        )
        return " | ".join([*named, "None"] if type(None) in kinds else named)

    @property
    def _of_tuples(self) -> str:
        lists = (value for value in self.values if isinstance(value, tuple))
        kinds = {type(item) for items in lists for item in items}
        return f"tuple[{'float' if float in kinds else 'int'}, ...]"


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


def stands_for(found: Any, value: Any) -> bool:
    """Whether what an expression gives is a value, or a list of nothing else."""
    alike = isinstance(found, tuple) and len(found) > 1 and set(found) == {value}
    return bool(found == value) or alike


def place(lists: Sequence[Any], steps: Sequence[object], part: Slot) -> int | None:
    """The index at which lists have a slot's values, if steps are one index of theirs.

    It may be a counter, which is a number in a child of a repeat.
    """
    index = steps[0]
    if isinstance(index, Reference):
        counted = {scope.lookup(index) for scope in part.contexts}
        index = counted.pop() if len(counted) == 1 else None
    if len(steps) > 1 or not isinstance(index, int) or not lists:
        return None
    if not all(isinstance(each, tuple) for each in lists):
        return None
    found = [each[index] if index < len(each) else ANY for each in lists]
    return index if same(found, part.values) else None


def declared(bodies: Sequence[Graph]) -> dict[str, tuple[Any, ...]]:
    """The block's own params, by name, as they differ between instances."""
    found = {}
    for name in bodies[0].arguments:
        values = tuple(body.arguments.get(name) for body in bodies)
        if all(map(_is_plain, values)):
            found[name] = values
    return found


def _is_plain(value: Any) -> bool:
    """Whether a value is a scalar, or a list of numbers."""
    if isinstance(value, tuple):
        return all(type(item) in (int, float) for item in value)
    return isinstance(value, SCALARS)
