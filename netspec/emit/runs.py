"""Which children of a repeat are one line: equal ones, or evenly changing ones."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from netspec.emit.instances import repeats, slots, values
from netspec.emit.trees import ANY, CannotUnify, Module, Repeat, Run, Slot
from netspec.emit.unify import unify
from netspec.expressions import Binary, Expression, Literal

T = TypeVar("T")


def runs(children: list[Module]) -> Iterator[Run]:
    """The runs that children fall into, each as long as it can be."""
    first = 0
    while first < len(children):
        end = _run_end(children, first)
        yield Run(unify(children[first:end]), (end - first,), first)
        first = end


def _run_end(children: list[Module], first: int) -> int:
    """Where the run ends: children that are equal, else numbers that change evenly."""
    end = first + 1
    while end < len(children) and _are_equal(children[end - 1 : end + 1]):
        end += 1
    if end - first > 1:
        return end
    end = first + 2
    while end < len(children) and _change_evenly(children[end - 2 : end + 1]):
        end += 1
    return end if end - first > 2 else first + 1


def _are_equal(children: list[Module]) -> bool:
    tree = _together(children)
    return tree is not None and _is_same(tree, len(children))


def _change_evenly(children: list[Module]) -> bool:
    tree = _together(children)
    if tree is None or not all(_is_same(r, len(children)) for r in repeats(tree)):
        return False  # a repeat within is written once, for all of them
    return all(s.is_constant or steps(s.values) is not None for s in slots(tree))


def _together(children: list[Module]) -> Module | None:
    try:
        return unify(children)
    except CannotUnify:
        return None


def _is_same(tree: Module, count: int) -> bool:
    """Whether a tree of several children holds the same for each of them."""
    return len({values(tree, place) for place in range(count)}) == 1


def line(values: Sequence[Any]) -> tuple[Any, Any]:
    """(first, step) of the values of an instance; of one that reads none, any."""
    found = steps(values) if any(value is not ANY for value in values) else (ANY, ANY)
    if found is None:
        raise CannotUnify
    return found


def is_fixed(run: Run) -> bool:
    """Whether all instances that have children have equally many."""
    return len({count for count in run.counts if count}) == 1


def counts(run: Run, repeat: Repeat) -> Slot:
    """How many children a run has, as what the repeat counts: all, or those left."""
    over = repeat.over
    others = [other.counts for other in repeat.runs if other is not run]
    values = tuple(count or ANY for count in run.counts)
    rest = sum(max(count) for count in others)
    tree = over.expression if isinstance(over.expression, Expression) else None
    if tree is not None and rest:
        tree = Binary("-", tree, Literal(rest, 0, 0), 0, 0)
    return Slot(values, tree, over.contexts)


def is_same(run: Run) -> bool:
    """Whether the children of each instance are equal."""
    found = [values(run.module, place) for place in range(sum(run.counts))]
    return all(len(set(part)) <= 1 for part in split(tuple(found), run.counts))


def split(values: tuple[T, ...], counts: tuple[int, ...]) -> list[tuple[T, ...]]:
    """The values of each instance's children."""
    parts: list[tuple[T, ...]] = []
    position = 0
    for count in counts:
        parts.append(values[position : position + count])
        position += count
    return parts


def steps(values: Sequence[Any]) -> tuple[int, int] | None:
    """(first, step) if the values are integers that change evenly."""
    if not all(type(value) is int for value in values):
        return None
    step = values[1] - values[0] if len(values) > 1 else 0
    if any(b - a != step for a, b in itertools.pairwise(values)):
        return None
    return values[0], step
