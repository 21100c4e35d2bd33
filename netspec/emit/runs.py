"""Which children of a repeat are one line: equal ones, or evenly changing ones."""

from collections.abc import Iterator

from netspec.emit.trees import CannotUnify, Module, Run, slots, steps
from netspec.emit.unify import unify


def runs(children: list[Module]) -> Iterator[Run]:
    """The runs that children fall into, each as long as it can be."""
    first = 0
    while first < len(children):
        end = _run_end(children, first)
        indices = tuple(range(first, end))
        yield Run(unify(children[first:end]), (end - first,), first, indices)
        first = end


def _run_end(children: list[Module], first: int) -> int:
    """Where the run ends: children that are equal, else numbers that change evenly."""
    end = first + 1
    while end < len(children) and _are_run(children[end - 1 : end + 1], 0):
        end += 1
    if end - first > 1:
        return end
    end = first + 2
    while end < len(children) and _are_run(children[end - 2 : end + 1], None):
        end += 1
    return end if end - first > 2 else first + 1


def _are_run(children: list[Module], step: int | None) -> bool:
    try:
        found = slots(unify(children))
    except CannotUnify:
        return False
    if step == 0:
        return all(slot.is_constant for slot in found)
    return all(slot.is_constant or steps(slot.values) is not None for slot in found)
