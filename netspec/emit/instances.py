"""Trees at some of their instances, and what they hold there.

A repeat within a tree has more children than the tree has instances, so its slots are
longer than the tree's own.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from netspec.emit.trees import Chain, Item, Layer, Module, Repeat, Run, Slot, Use

Places = Sequence[int | None]  # None for an instance that is to hold nothing


def slots(tree: Module) -> list[Slot]:
    """The slots of a tree; those of repeats within it hold values of their own."""
    match tree:
        case Layer():
            return [slot for _, _, slot in tree.arguments]
        case Use():
            return [slot for _, slot in tree.arguments]
        case Chain():
            return [
                s for item in tree.items for s in (item.present, *slots(item.module))
            ]
        case Repeat():
            return []


def repeats(tree: Module) -> list[Repeat]:
    """The repeats within a tree, or the tree itself."""
    match tree:
        case Chain():
            return [found for item in tree.items for found in repeats(item.module)]
        case Repeat():
            return [tree]
        case _:
            return []


def change(
    tree: Module, each: Callable[[str, Slot], Slot], within: Callable[[Repeat], Repeat]
) -> Module:
    """The tree with every slot changed, given its name, and every repeat within it."""
    match tree:
        case Layer():
            layer = tuple((k, name, each(name, s)) for k, name, s in tree.arguments)
            return tree._replace(arguments=layer, blank=each("", tree.blank))
        case Use():
            return tree._replace(
                arguments=tuple((n, each(n, s)) for n, s in tree.arguments)
            )
        case Chain():
            items = tuple(
                Item(
                    item.name,
                    change(item.module, each, within),
                    each("", item.present),
                )
                for item in tree.items
            )
            return tree._replace(items=items)
        case Repeat():
            return within(tree)


def select(tree: Module, places: Places) -> Module:
    """The tree at some places of its slots; None for one that has no value."""
    return change(
        tree,
        lambda _, slot: slot.at(places),
        lambda found: select_repeat(found, places),
    )


def select_repeat(repeat: Repeat, places: Places) -> Repeat:
    """A repeat at some of its instances, with all the children that they have."""
    runs = []
    for run in repeat.runs:
        starts = list(itertools.accumulate(run.counts, initial=0))
        counts = tuple(0 if place is None else run.counts[place] for place in places)
        children = [
            starts[place] + offset
            for place in places
            if place is not None
            for offset in range(run.counts[place])
        ]
        runs.append(Run(select(run.module, children), counts, run.first))
    return repeat._replace(runs=tuple(runs), over=repeat.over.at(places))


def values(tree: Module, place: int) -> tuple[Any, ...]:
    """What a tree holds at one place, to be compared: its values and its counts."""
    found: list[Any] = [(type(s.values[place]), s.values[place]) for s in slots(tree)]
    for repeat in repeats(tree):
        for run in repeat.runs:
            start, count = sum(run.counts[:place]), run.counts[place]
            children = range(start, start + count)
            found.append(tuple(values(run.module, child) for child in children))
    return tuple(found)
