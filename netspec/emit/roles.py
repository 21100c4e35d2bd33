"""What a number is to a class, by its argument: two of one role may be one parameter.

A value that the spec does not write, such as the channels that come in, is called by a
parameter that plays the same part and has the same values; never by one that only
happens to have them, such as a stride for a depth.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from netspec.emit.trees import ANY, Chain, Context, Layer, Module, Repeat, Slot, Use
from netspec.expressions import Reference, Written, references

Roles = frozenset[str]

SIZE = frozenset({"size"})  # of a tensor
_SIZES = frozenset(
    """
    in_channels in_features num_features num_channels embed_dim d_model input_size
    normalized_shape out_channels out_features hidden_size embedding_dim num_embeddings
    dim_feedforward proj_size channels
    """.split()
)
# What arguments that the graph infers are called by a class that takes them.
INCOMING = {
    "num_features": "in_channels",
    "num_channels": "in_channels",
    "normalized_shape": "dim",
    **{name: name for name in ("dim", "embed_dim", "input_size", "d_model")},
}


def roles_of(field: str) -> Roles:
    """The roles that an argument's value plays."""
    return SIZE if field in _SIZES else frozenset({field})


def uses(slots: Iterable[tuple[Roles, Slot]]) -> dict[str, Roles]:
    """The roles of what the spec's expressions refer to, by name."""
    found: dict[str, Roles] = {}
    for roles, slot in slots:
        for part in references(slot.expression) if slot.expression else ():
            name = dotted(part)
            found[name] = found.get(name, frozenset()) | roles
    return found


def dotted(part: Reference) -> str:
    """A reference as the spec writes it, but for its `$`."""
    steps = (f"${dotted(s)}" if isinstance(s, Reference) else s for s in part.steps)
    return ".".join(map(str, (part.name, *steps)))


def hangs(
    slot: Slot, known: Mapping[str, Sequence[Any]], scopes: Sequence[Context]
) -> bool:
    """Whether a slot is written over a param or over an input's size that varies.

    `scopes` are those of the class, whose own inputs a graph within it may hide.
    """
    if slot.expression is None:
        return False
    parts = list(references(slot.expression))
    names = {part.name for part in parts if not part.steps} & known.keys()
    if any(not Slot(tuple(known[name])).is_constant for name in names):
        return True
    if len(slot.contexts) != len(scopes):
        return False
    pairs = list(zip(slot.values, slot.contexts, scopes, strict=True))
    if any(v is not ANY and one.inputs != own.inputs for v, one, own in pairs):
        return False
    sizes = [p for p in parts if p.name in scopes[0].inputs and is_size(p, slot)]
    return any(len({scope.lookup(size) for scope in scopes}) > 1 for size in sizes)


def is_size(written: Written, slot: Slot) -> bool:
    """Whether an expression of a slot is the size of a tensor."""
    if not isinstance(written, Reference) or not written.steps:
        return False
    return all(written.name not in scope.values for scope in slot.contexts)


def played(tree: Module) -> Iterator[tuple[Roles, Slot]]:
    """The slots of a tree and of all that is within, with their roles."""
    match tree:
        case Layer():
            yield from ((roles_of(field), slot) for _, field, slot in tree.arguments)
        case Use():
            roles = {known.name: known.roles for known in tree.emitted.parameters}
            yield from ((roles[name], slot) for name, slot in tree.arguments)
        case Chain():
            for item in tree.items:
                yield from played(item.module)
        case Repeat():
            yield roles_of("depth"), tree.over
            for run in tree.runs:
                yield from played(run.module)


def called(field: str, owner: str) -> list[str]:
    """Names for a new parameter, the best one first; `owner` is the node it is for."""
    name = INCOMING.get(field, field)
    own = f"{owner}_{name.removeprefix('out_')}"
    if not owner:
        return [name.removeprefix("out_")]
    return [own] if name.startswith("out_") else [name, own]
