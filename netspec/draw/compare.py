"""What differs between two networks, as data and as text."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from netspec.draw import text
from netspec.graph import Elaborated, Graph, Node, walk
from netspec.network import Network

State = Mapping[str, tuple[int, ...]]


class Change(NamedTuple):
    """One node that was added, removed or changed; `facts` are name, before, after."""

    kind: str
    path: str
    type: str
    facts: tuple[tuple[str, str, str], ...] = ()


class Checkpoint(NamedTuple):
    """What becomes of the first network's checkpoint keys in the second."""

    kept: tuple[str, ...]
    reshaped: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]
    lost: tuple[str, ...]
    new: tuple[str, ...]


class Comparison(NamedTuple):
    """Two networks side by side; totals are before and after."""

    names: tuple[str, str]
    parameters: tuple[int, int]
    macs: tuple[int | None, int | None]
    changes: tuple[Change, ...]
    checkpoint: Checkpoint

    @property
    def is_same(self) -> bool:
        """Whether nothing differs that a user would see."""
        kept = not self.checkpoint.reshaped + self.checkpoint.lost + self.checkpoint.new
        return not self.changes and kept

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {
            "names": self.names,
            "parameters": self.parameters,
            "macs": self.macs,
            "changes": [change._asdict() for change in self.changes],
            "checkpoint": self.checkpoint._asdict(),
        }


def compare(before: Network, after: Network) -> Comparison:
    """What turns the first network into the second, node by node."""
    return Comparison(
        names=(before.name, after.name),
        parameters=(before.parameters, after.parameters),
        macs=(before.macs, after.macs),
        changes=tuple(_changes(before.elaborated, after.elaborated)),
        checkpoint=_checkpoint(before.state, after.state),
    )


def _changes(before: Elaborated, after: Elaborated) -> Iterator[Change]:
    old, new = _nodes(before), _nodes(after)
    for path, node in old.items():
        if path not in new:
            if _parent(path) in new or not _parent(path):
                yield Change("removed", path, node.type)
            continue
        facts = tuple(_facts(node, new[path]))
        if facts:
            yield Change("changed", path, new[path].type, facts)
    for path, node in new.items():
        if path not in old and (_parent(path) in old or not _parent(path)):
            yield Change("added", path, node.type)
    yield from _outputs(before.graph, after.graph)


def _outputs(before: Graph, after: Graph) -> Iterator[Change]:
    """Outputs that come, go, or are taken from another node."""
    old, new = (
        {o.name or "output": str(graph.resolve(o.ref)) for o in graph.outputs}
        for graph in (before, after)
    )
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield Change("removed", name, "output")
        elif name not in old:
            yield Change("added", name, "output")
        elif old[name] != new[name]:
            yield Change("changed", name, "output", (("from", old[name], new[name]),))


class Placed(NamedTuple):
    """A node as it is compared: with its type and all that is known of it, as text."""

    type: str
    reads: str
    arguments: Mapping[str, str]
    output: str


def _nodes(network: Elaborated) -> dict[str, Placed]:
    return {
        path: Placed(
            node.type,
            ", ".join(str(graph.resolve(ref)) for ref in node.inputs),
            _arguments(node),
            " · ".join(text.shape(out, network.sizes) for out in node.outputs),
        )
        for path, node, graph in walk(network.graph)
    }


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _facts(old: Placed, new: Placed) -> Iterator[tuple[str, str, str]]:
    if old.type != new.type:
        yield "type", old.type, new.type
    if old.reads != new.reads:
        yield "from", old.reads, new.reads
    first, second = old.arguments, new.arguments
    for name in dict.fromkeys((*first, *second)):
        if first.get(name) != second.get(name):
            yield name, first.get(name, "–"), second.get(name, "–")
    if old.output != new.output:
        yield "output", old.output, new.output


def _arguments(node: Node) -> dict[str, str]:
    if node.share is not None:
        return {"share": node.share}
    if node.operator is not None:
        return {name: text.value(given, name) for name, given in node.operator.items()}
    if node.body is None or node.body.kind != "block":
        return {}
    return {
        name: text.value(given, name) for name, given in node.body.arguments.items()
    }


def _checkpoint(old: State, new: State) -> Checkpoint:
    return Checkpoint(
        kept=tuple(key for key in old if new.get(key) == old[key]),
        reshaped=tuple(
            (key, old[key], new[key])
            for key in old
            if key in new and new[key] != old[key]
        ),
        lost=tuple(key for key in old if key not in new),
        new=tuple(key for key in new if key not in old),
    )


# As text --------------------------------------------------------------------------

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
SHOWN = 8  # keys of a kind that are named


def report(comparison: Comparison) -> str:
    """The comparison as a person reads it."""
    lines = [" -> ".join(comparison.names)]
    lines.append(_total("parameters", comparison.parameters))
    lines.append(_total("multiply-adds", comparison.macs))
    lines += ["", *map(_line, comparison.changes)] if comparison.changes else []
    lines += ["", *_keys(comparison.checkpoint)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _total(name: str, pair: tuple[int | None, int | None]) -> str:
    old, new = pair
    if old is None or new is None:
        return f"  {name:14} unknown without example sizes"
    if old == new:
        return f"  {name:14} {old:,}, unchanged"
    ratio = f"  ({(new - old) / old:+.1%})" if old else ""
    return f"  {name:14} {old:,} -> {new:,}{ratio}"


def _line(change: Change) -> str:
    facts = ", ".join(f"{name} {old} -> {new}" for name, old, new in change.facts)
    return f"  {SIGNS[change.kind]} {change.path}  {change.type}  {facts}"


def _keys(checkpoint: Checkpoint) -> Iterator[str]:
    total = len(checkpoint.kept) + len(checkpoint.reshaped) + len(checkpoint.lost)
    yield f"  checkpoint: {len(checkpoint.kept)} of {total} keys survive"
    for key, old, new in checkpoint.reshaped[:SHOWN]:
        yield f"    ~ {key}  {list(old)} -> {list(new)}"
    for sign, keys in (("-", checkpoint.lost), ("+", checkpoint.new)):
        for key in keys[:SHOWN]:
            yield f"    {sign} {key}"
        if len(keys) > SHOWN:
            yield f"    {sign} … and {len(keys) - SHOWN} more"
    if len(checkpoint.reshaped) > SHOWN:
        yield f"    ~ … and {len(checkpoint.reshaped) - SHOWN} more"
