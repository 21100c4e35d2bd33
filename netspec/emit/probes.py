"""Bodies elaborated once more at other numbers, to see what depends on what.

A block used once, or always at the same width, shows only constants. Its probes show
which of them are its params and which are its input's channels, so that its class is
written as it would be by hand. No probe is ever emitted as an instance.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from netspec.expressions import references
from netspec.graph import Graph
from netspec.tensors import TensorType

SEQUENCE = 3  # dimensions, of which any but the batch may be a layer's features
LARGE = 8  # integers above this are sizes, which make sense only together


def probes(bodies: list[Graph]) -> Iterator[Graph]:
    """The first body of a block at other params and input channels, one change each."""
    first = bodies[0]
    if first.kind != "block" or first.again is None:
        return
    types = tuple(port.type for port in first.inputs)
    free = {name: _other(first.arguments[name]) for name in _free(bodies)}
    for name, value in free.items():
        yield from _again(first, {name: value}, types)
    sizes = {name: v for name, v in free.items() if isinstance(v, int) and v > LARGE}
    for axis in (1, 2) if any(type.rank == SEQUENCE for type in types) else (1,):
        wide = tuple(_wider(type, axis) for type in types)
        yield from _again(first, {}, wide)
        yield from _again(first, sizes, wide)


def root_probes(root: Graph) -> Iterator[Graph]:
    """The network at other values of its own numeric params, one change each."""
    for name, value in root.arguments.items():
        if type(value) in (int, float) and not _reaches_blocks(root, name):
            types = tuple(port.type for port in root.inputs)
            yield from _again(root, {name: _other(value)}, types)


def _reaches_blocks(graph: Graph, param: str) -> bool:
    """Whether a param decides what blocks or repeats are, and not layers alone."""
    for node in graph.nodes:
        body = node.body
        if body is None:
            continue
        if body.kind == "inline":
            found = _reaches_blocks(body, param)
        elif body.kind == "repeat":
            found = param in body.arguments
        else:
            written = node.origin.expressions.values()
            found = any(part.name == param for w in written for part in references(w))
        if found:
            return True
    return False


def is_like(probe: Graph, bodies: list[Graph]) -> bool:
    """Whether a probe has just the nodes that the real bodies may have."""
    for node in probe.nodes:
        real = [body.by_name[node.name] for body in bodies if node.name in body.by_name]
        if all(other.is_absent is not node.is_absent for other in real):
            return False
    return True


def _free(bodies: list[Graph]) -> list[str]:
    """Numeric params that are required, or that differ between the uses."""
    first = bodies[0]
    return [
        name
        for name, value in first.arguments.items()
        if type(value) in (int, float)
        and (
            name not in first.defaults
            or any(body.arguments[name] != value for body in bodies)
        )
    ]


def _other(value: float) -> float:
    """A number that keeps most of what a size must meet: twice as much."""
    return value * 2 if value else type(value)(1)


def _wider(type: TensorType, axis: int) -> TensorType:
    size = type.sizes[axis] if axis < type.rank else None
    if not isinstance(size, int):
        return type
    return type.with_sizes((*type.sizes[:axis], size * 2, *type.sizes[axis + 1 :]))


def _again(
    body: Graph, values: Mapping[str, Any], types: tuple[TensorType, ...]
) -> Iterator[Graph]:
    assert body.again is not None
    found = body.again({**body.arguments, **values}, types)
    if found is not None and found is not body:
        yield found
