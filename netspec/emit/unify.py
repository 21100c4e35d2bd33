"""Lays the trees of several instances over each other: one tree for all of a class."""

from collections.abc import Sequence
from typing import TypeVar

from netspec.emit.instances import select
from netspec.emit.trees import (
    CannotUnify,
    Chain,
    Item,
    Layer,
    Module,
    Repeat,
    Run,
    Slot,
    Use,
    agreed,
)

T = TypeVar("T")


def unify(trees: Sequence[Module], here: Sequence[bool] | None = None) -> Module:
    """One tree for several. Raises CannotUnify.

    `here` says in which instances there is a tree at all; the others take any value,
    which they never read.
    """
    if here is not None and not all(here):
        given, nothing = iter(trees), select(trees[0], [None])
        trees = [next(given) if present else nothing for present in here]
    first = trees[0]
    if len(trees) == 1:
        return first
    match first:
        case Layer():
            return _unify_layers(_all(Layer, trees))
        case Use():
            return _unify_uses(_all(Use, trees))
        case Chain():
            return _unify_chains(_all(Chain, trees))
        case Repeat():
            return _unify_repeats(_all(Repeat, trees))


def _all(kind: type[T], trees: Sequence[Module]) -> list[T]:
    same: list[T] = [tree for tree in trees if isinstance(tree, kind)]
    if len(same) < len(trees):
        raise CannotUnify
    return same


def _unify_uses(uses: list[Use]) -> Use:
    first = uses[0]
    if any(use.emitted is not first.emitted for use in uses):
        raise CannotUnify
    columns = zip(*(use.arguments for use in uses), strict=True)
    arguments = [
        (column[0][0], _join([slot for _, slot in column])) for column in columns
    ]
    return Use(first.emitted, tuple(arguments))


def _join(found: Sequence[Slot]) -> Slot:
    values = tuple(value for slot in found for value in slot.values)
    contexts = tuple(scope for slot in found for scope in slot.contexts)
    known = [slot for slot in found if slot.known]
    written = agreed([slot.written for slot in known])
    expression = agreed([slot.expression for slot in known], written)
    scopes = contexts if len(contexts) == len(values) else ()
    return Slot(values, expression, scopes, written)


def _unify_layers(layers: list[Layer]) -> Layer:
    first = layers[0]
    if any((o.function, o.passing) != (first.function, first.passing) for o in layers):
        raise CannotUnify
    order: dict[str, str | None] = {}
    for layer in layers:
        order |= {field: keyword for keyword, field, _ in layer.arguments}
    fields = sorted(order, key=lambda field: _rank(first, field))
    arguments = []
    for field in fields:
        slot = _join([_argument(layer, field) for layer in layers])
        if field == "inplace" and first.operator.inplace:
            slot = Slot((all(slot.known),) * len(slot.values))
        arguments.append((order[field], field, slot))
    blank = _join([layer.blank for layer in layers])
    return first._replace(arguments=tuple(arguments), blank=blank)


def _rank(layer: Layer, field: str) -> tuple[int, int]:
    """What is positional comes first, then the fields, then what was inferred."""
    known = list(layer.operator.fields)
    given = [name for keyword, name, _ in layer.arguments if keyword is None]
    if field in given:
        return 0, given.index(field)
    return (1, known.index(field)) if field in known else (2, 0)


def _argument(layer: Layer, field: str) -> Slot:
    """The argument's value; one that was left out is at its default."""
    for _, name, slot in layer.arguments:
        if name == field:
            return slot
    value = layer.operator.__dict__.get(field)
    values = (value,) * len(layer.blank.values)
    return Slot(values, layer.written.get(field), layer.blank.contexts)


def _unify_chains(chains: list[Chain]) -> Chain:
    first = chains[0]
    if any(len(other.items) != len(first.items) for other in chains):
        raise CannotUnify
    items = []
    for parts in zip(*(other.items for other in chains), strict=True):
        if any(part.name != parts[0].name for part in parts):
            raise CannotUnify
        tree = unify([part.module for part in parts])
        items.append(Item(parts[0].name, tree, _join([part.present for part in parts])))
    return Chain(tuple(items), first.numbered)


def _unify_repeats(repeats: list[Repeat]) -> Repeat:
    first = repeats[0]
    if any(other[2:] != first[2:] for other in repeats):
        raise CannotUnify
    if any(len(other.runs) != len(first.runs) for other in repeats):
        raise CannotUnify
    if _is_one_by_one(first) and not _same_counts(repeats):
        raise CannotUnify
    runs = []
    for parts in zip(*(other.runs for other in repeats), strict=True):
        if len({part.first for part in parts}) > 1:
            raise CannotUnify
        tree = unify([part.module for part in parts])
        counts = tuple(count for part in parts for count in part.counts)
        runs.append(Run(tree, counts, parts[0].first))
    over = _join([repeat.over for repeat in repeats])
    return first._replace(runs=tuple(runs), over=over)


def _is_one_by_one(repeat: Repeat) -> bool:
    """Whether children are written one by one: several runs by name or by call."""
    layers = [run.module for run in repeat.runs if isinstance(run.module, Layer)]
    calls = {layer.passing for layer in layers}
    return len(repeat.runs) > 1 and (repeat.is_named or len(calls) > 1)


def _same_counts(repeats: Sequence[Repeat]) -> bool:
    """Whether the runs of all that are there are of the same lengths."""
    counts = {tuple(run.counts for run in repeat.runs) for repeat in repeats}
    there = {runs for runs in counts if any(map(any, runs))}
    return len(there) <= 1
