"""What the sizes that a node reads are: the input's, or those that another node makes.

The graph infers them; here they are what the spec writes where they come from.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache, reduce
from typing import NamedTuple

from netspec.elaborate.scope import Unknown
from netspec.emit.forms import is_class
from netspec.emit.trees import ANY, Context
from netspec.expressions import (
    Binary,
    Call,
    Conditional,
    Expression,
    ExpressionError,
    Literal,
    Reference,
    Unary,
    Written,
    references,
    walk,
)
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
    Category.PADDING,
)
MOVE = ("Identity", "Roll", "Flip", "CumSum")
FAR = 16  # how many nodes that keep a size are followed, and fewer from there on
TERMS = 3  # of a sum that is written
SMALL = 12  # parts of an expression in which something stands for `$from`
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


def comes_in(values: Sequence[object], scopes: Sequence[Context]) -> bool:
    """Whether sizes are, in each instance, of the first input."""
    inputs = [next(iter(scope.inputs.values())).sizes for scope in scopes]
    pairs = zip(values, inputs, strict=True)
    return all(value is ANY or value in sizes for value, sizes in pairs)


def told(
    node: Node,
    graph: Graph,
    field: str,
    sites: Sites,
    scope: Context | None = None,
    far: int = FAR,
) -> Read:
    """An argument as the spec writes it, with what `$from` is in place of it.

    `scope` is the node's, where it is known.
    """
    written, scope = node.origin.expressions.get(field), scope or context(graph, node)
    if written is None or not _asks(written):
        return Read(written, scope)

    @cache
    def known(step: str) -> Expression | None:
        found = made(node.inputs[0], graph, step, sites, far)
        if found is None or not isinstance(found.expression, Expression):
            return None
        return found.expression if _means(found, scope) else None

    def each(part: Reference) -> Expression:
        asked = part.name == "from" and part.steps in (("channels",), ("features",))
        return (asked and known(str(part.steps[0]))) or part

    def plain(tree: Expression) -> Expression:
        found = _replaced(tree, each)
        return found if sum(1 for _ in walk(found)) <= SMALL else tree

    if isinstance(written, Expression):
        return Read(plain(written), scope)
    return Read(tuple(item and plain(item) for item in written), scope)


@lru_cache
def _asks(written: Written) -> bool:
    """Whether an expression asks for a size of what its node reads."""
    if isinstance(written, Expression):
        return any(part.name == "from" for part in references(written))
    return any(item is not None and _asks(item) for item in written)


def _means(read: Read, scope: Context) -> bool:
    """Whether all that an expression refers to is the same in another place."""
    parts = references(read.expression) if read.expression else ()
    try:
        return all(read.context.lookup(p) == scope.lookup(p) for p in parts)
    except (Unknown, ExpressionError):
        return False


def _replaced(tree: Expression, known: Callable[[Reference], Expression]) -> Expression:
    """The expression with others for its references."""
    match tree:
        case Reference():
            return known(tree)
        case Unary():
            return tree._replace(operand=_replaced(tree.operand, known))
        case Binary():
            left, right = _replaced(tree.left, known), _replaced(tree.right, known)
            return tree._replace(left=left, right=right)
        case Conditional():
            parts = (tree.then, tree.condition, tree.otherwise)
            then, condition, otherwise = (_replaced(part, known) for part in parts)
            return Conditional(then, condition, otherwise, tree.start, tree.end)
        case Call():
            inside = tuple(_replaced(part, known) for part in tree.arguments)
            return tree._replace(arguments=inside)
    return tree


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


def made(
    ref: Ref, graph: Graph, step: str, sites: Sites, far: int = FAR
) -> Read | None:
    """A size of a value, `channels` or `features`, as it was written.

    What comes into a body within a class is what its node reads there.
    """
    axis = 1 if step == "channels" else -1
    for _ in range(far):
        ref = graph.resolve(ref)
        node = graph.by_name.get(ref.source)
        if node is None and id(graph) in sites:
            place = [port.name for port in graph.inputs].index(ref.source)
            node, graph = sites[id(graph)]
            ref = node.inputs[place]
            continue
        if node is None:
            return Read(_size_of(ref.source, step), context(graph))
        if node.share is not None:
            return None
        if node.body is not None and not is_class(node.body):
            sites = {**sites, id(node.body): (node, graph)}
            ref, graph = node.body.outputs[ref.output].ref, node.body
            continue
        if node.operator is None or ref.output:
            return None
        if isinstance(node.operator, OPERATORS["Concat"]):
            return _sum(node, graph, step, sites, far)
        for field in MAKE:
            if field in node.operator.fields:
                if node.outputs[0].sizes[axis] != getattr(node.operator, field):
                    return None
                return _written(node, graph, field, sites, far // 4)
        keeps = node.operator.category in KEEP or node.type in MOVE
        if not keeps or not _keeps(node, graph, axis):
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


def _written(node: Node, graph: Graph, field: str, sites: Sites, far: int) -> Read:
    """The argument that says how many a node makes."""
    read = told(node, graph, field, sites, far=far)
    if isinstance(read.expression, Expression):
        return read
    return read._replace(expression=Literal(getattr(node.operator, field), 0, 0))


def _sum(node: Node, graph: Graph, step: str, sites: Sites, far: int) -> Read | None:
    """What the parts that are joined have together."""
    axis = 1 if step == "channels" else -1
    sizes = [graph.type_of(ref).sizes for ref in node.inputs]
    if len(sizes) > FAR or any(len(each) <= axis for each in sizes):
        return None
    together = sum(size for each in sizes if isinstance(size := each[axis], int))
    if node.outputs[0].sizes[axis] != together:
        return None
    terms: dict[object, list[Expression]] = {}  # those that are equal together
    for ref in node.inputs:
        source = graph.by_name.get(graph.resolve(ref).source)
        joined = source is not None and isinstance(source.operator, type(node.operator))
        part = None if joined else made(ref, graph, step, sites, far)
        if part is None or not isinstance(part.expression, Expression):
            return None
        tree = part.expression
        key = (tree.name, tree.steps) if isinstance(tree, Reference) else len(terms)
        terms.setdefault(key, []).append(tree)
    if len(terms) > TERMS:
        return None
    trees = [_times(len(equal), equal[0]) for equal in terms.values()]
    tree = reduce(lambda left, right: Binary("+", left, right, 0, 0), trees)
    return Read(tree, context(graph))


def _times(count: int, tree: Expression) -> Expression:
    return Binary("*", Literal(count, 0, 0), tree, 0, 0) if count > 1 else tree
