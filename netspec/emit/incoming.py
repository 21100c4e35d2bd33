"""What the sizes that a node reads are: the input's, or those that another node makes.

The graph infers them; here they are what the spec writes where they come from.
"""

from functools import cache, reduce
from typing import NamedTuple

from netspec.emit.trees import Context
from netspec.expressions import Binary, Expression, Literal, Reference, Written
from netspec.graph import Graph, Node, Ref
from netspec.operators import OPERATORS
from netspec.operators.base import Category
from netspec.tensors import TensorType

# The arguments that are sizes of what comes in; the first are of its channels.
CHANNELS = ("in_channels", "num_features", "num_channels")
READ = (
    *CHANNELS,
    *("in_features", "embed_dim", "input_size", "d_model", "normalized_shape"),
)
MAKE = ("out_channels", "out_features", "embedding_dim", "hidden_size")
KEEP = (
    *(Category.ACTIVATION, Category.NORMALIZATION, Category.POOLING, Category.DROPOUT),
    *(Category.JOIN, Category.ARITHMETIC, Category.ATTENTION, Category.RESAMPLING),
)
FAR = 16  # how many nodes that keep a size are followed
Sites = dict[int, tuple[Node, Graph]]  # by a body's id, where in a class it stands


class Read(NamedTuple):
    """How the spec writes a size, and what its names mean there."""

    expression: Written | None
    context: Context


def context(graph: Graph, node: Node | None = None) -> Context:
    """The names in scope where a node is declared."""
    values = dict(graph.arguments)
    own: tuple[TensorType, ...] = ()
    if node is not None:
        values |= node.origin.loop
        own = tuple(graph.type_of(ref) for ref in node.inputs)
    return Context(values, {port.name: port.type for port in graph.inputs}, own)


def argument(
    node: Node, graph: Graph, field: str, value: object, sites: Sites
) -> Read | None:
    """What an inferred argument of a node is."""
    if field not in READ or not isinstance(value, int):
        return None
    sizes = graph.type_of(node.inputs[0]).sizes
    by_channel = field in CHANNELS or sizes[-1] != value
    step = "channels" if by_channel else "features"
    return made(node.inputs[0], graph, step, sites)


def made(ref: Ref, graph: Graph, step: str, sites: Sites) -> Read | None:
    """A size of a value, `channels` or `features`, as it was written.

    What comes into a body within a class is what its node reads there.
    """
    axis = 1 if step == "channels" else -1
    for _ in range(FAR):
        ref = graph.resolve(ref)
        node = graph.by_name.get(ref.source)
        if node is None and id(graph) in sites:
            place = [port.name for port in graph.inputs].index(ref.source)
            node, graph = sites[id(graph)]
            ref = node.inputs[place]
            continue
        if node is None:
            return Read(_size_of(ref.source, step), context(graph))
        if node.operator is None or ref.output or node.share is not None:
            return None
        if isinstance(node.operator, OPERATORS["Concat"]):
            return _sum(node, graph, step, sites)
        for field in MAKE:
            if field in node.operator.fields:
                return _written(node, graph, field, axis)
        if node.operator.category not in KEEP or not _keeps(node, graph, axis):
            return None
        ref = node.inputs[0]
    return None


def _keeps(node: Node, graph: Graph, axis: int) -> bool:
    """Whether a node gives as many as it reads, along a dimension that both have."""
    given, made = graph.type_of(node.inputs[0]).sizes, node.outputs[0].sizes
    return len(given) == len(made) > axis and given[axis] == made[axis]


@cache
def _size_of(port: str, step: str) -> Reference:
    return Reference(port, (step,), 0, 0)


def _written(node: Node, graph: Graph, field: str, axis: int) -> Read | None:
    """The argument that says how many a node makes."""
    value = getattr(node.operator, field)
    if node.outputs[0].sizes[axis] != value:
        return None
    tree = node.origin.expressions.get(field)
    if not isinstance(tree, Expression):
        tree = Literal(value, 0, 0)
    return Read(tree, context(graph, node))


def _sum(node: Node, graph: Graph, step: str, sites: Sites) -> Read | None:
    """What the parts that are joined have together."""
    axis = 1 if step == "channels" else -1
    sizes = [graph.type_of(ref).sizes for ref in node.inputs]
    if len(sizes) > 3 or any(len(each) <= axis for each in sizes):
        return None
    together = sum(size for each in sizes if isinstance(size := each[axis], int))
    if node.outputs[0].sizes[axis] != together:
        return None
    trees = []
    for ref in node.inputs:
        source = graph.by_name.get(graph.resolve(ref).source)
        joined = source is not None and isinstance(source.operator, type(node.operator))
        part = None if joined else made(ref, graph, step, sites)
        if part is None or not isinstance(part.expression, Expression):
            return None
        trees.append(part.expression)
    tree = reduce(lambda left, right: Binary("+", left, right, 0, 0), trees)
    return Read(tree, context(graph))
