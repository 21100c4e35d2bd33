"""What each node of a body is as a module tree."""

from collections.abc import Iterator, Sequence
from typing import Any

from netspec.emit.arithmetic import is_true
from netspec.emit.forms import is_class, is_sequential, passing
from netspec.emit.incoming import Read, argument, context, made, told
from netspec.emit.inplace import runs_in_place
from netspec.emit.parameters import Parameter
from netspec.emit.runs import runs
from netspec.emit.trees import (
    CannotUnify,
    Chain,
    Item,
    Layer,
    Module,
    Registry,
    Repeat,
    Slot,
    Use,
)
from netspec.emit.unify import unify
from netspec.expressions import Binary, Expression, Literal
from netspec.graph import Graph, Node, Origin


def module(node: Node, graph: Graph, registry: Registry) -> Module:
    """The tree of one node of one body; classes within it are in the registry."""
    if node.body is None:
        if id(node) not in registry.layers:
            registry.layers[id(node)] = node, _layer(node, graph, registry)
        return registry.layers[id(node)][1]
    if node.body.kind == "repeat":
        return _repeat(node, node.body, graph, registry)
    if is_class(node.body):
        if id(node.body) not in registry:  # a probe's, which was no class
            raise CannotUnify
        return _use(node, node.body, graph, registry)
    return chain((node.body,), registry, ((node, graph),))


def _use(node: Node, body: Graph, graph: Graph, registry: Registry) -> Use:
    emitted = registry[id(body)]
    index, scope = emitted.index(body), context(graph, node)
    arguments = []
    for parameter in emitted.parameters:
        read = _read(parameter, node, graph, registry)
        where = read or told(node, graph, parameter.name, registry.sites, scope)
        written = node.origin.expressions.get(parameter.name)
        value = parameter.values[index]
        slot = Slot((value,), where.expression, (where.context,), written)
        arguments.append((parameter.name, slot))
    return Use(emitted, tuple(arguments))


def _read(
    parameter: Parameter, node: Node, graph: Graph, registry: Registry
) -> Read | None:
    """What a parameter is that is a size of an input of its class."""
    assert node.body is not None
    name, _, step = parameter.source.partition(".")
    ports = [port.name for port in node.body.inputs]
    if name not in ports or step not in ("channels", "features"):
        return None
    return made(node.inputs[ports.index(name)], graph, step, registry.sites)


def _layer(node: Node, graph: Graph, registry: Registry) -> Layer:
    assert node.operator is not None
    scope, written = context(graph, node), node.origin.expressions
    arguments = []
    for keyword, value, field in node.call.arguments:
        read = None
        if field not in written:
            read = argument(node, graph, field, value, registry.sites)
        where = read or told(node, graph, field, registry.sites, scope)
        slot = Slot((value,), where.expression, (where.context,), written.get(field))
        arguments.append((keyword, field, slot))
    if node.operator.inplace:
        arguments.append(("inplace", "inplace", Slot((runs_in_place(node, graph),))))
    return Layer(
        node.operator,
        node.call.function,
        tuple(arguments),
        passing(node),
        Slot((None,), None, (scope,)),
        written,
    )


def chain(
    graphs: Sequence[Graph],
    registry: Registry,
    sites: Sequence[tuple[Node, Graph]] = (),
) -> Chain:
    """The children of chains over each other, each present in some instances.

    `sites` are the nodes that the chains are, unless they are classes.
    """
    registry.sites.update(zip(map(id, graphs), sites, strict=False))
    places = [_places(graph) for graph in graphs]
    order: dict[Place, Node] = {}
    for found in places:
        order = {**order, **{p: n for p, n in found.items() if p not in order}}
    _need_order(list(order), places)
    numbered = all(node.name.isdigit() for graph in graphs for node in graph.present)
    items = []
    for place in order:
        nodes = [found.get(place) for found in places]
        nodes = [None if node is None or node.is_absent else node for node in nodes]
        trees = [
            module(node, graph, registry)
            for node, graph in zip(nodes, graphs, strict=True)
            if node is not None
        ]
        if trees:
            here = [node is not None for node in nodes]
            name = next(node.name for node in nodes if node is not None)
            items.append(Item(name, unify(trees, here), presence(nodes, graphs)))
    return Chain(tuple(items), numbered)


Place = tuple[Any, str, int]  # a declaration, a name, how many of them came before


def _places(graph: Graph) -> dict[Place, Node]:
    """The nodes by where they stand; in a list a name is but a number."""
    found: dict[Place, Node] = {}
    counts: dict[Any, int] = {}
    for node in graph.nodes:
        key = node.origin.key
        place = (key, "" if graph.is_list else node.name, counts.get(key, 0))
        found[place] = node
        counts[key] = counts.get(key, 0) + 1
    return found


def _need_order(order: list[Place], places: Sequence[dict[Place, Node]]) -> None:
    """Refuse chains that come in another order than the one they would share."""
    position = {place: i for i, place in enumerate(order)}
    for found in places:
        here = [position[place] for place, node in found.items() if not node.is_absent]
        if here != sorted(here):
            raise CannotUnify


def presence(nodes: Sequence[Node | None], graphs: Sequence[Graph]) -> Slot:
    """Where a node is present; there its declaration tells the condition."""
    here = tuple(node is not None and not node.is_absent for node in nodes)
    origin = next(node.origin for node in nodes if node and not node.is_absent)
    slot = Slot(here, None, tuple(map(context, graphs)))
    conditions = (tree for tree in _conditions(origin) if is_true(slot, tree))
    return slot._replace(expression=next(conditions, None))


def _conditions(origin: Origin) -> Iterator[Expression]:
    """What may have taken a node away: its `when`, a `repeat` of nothing, or either."""
    when, count = origin.when, origin.over
    if when is not None:
        yield when
    if count is not None:
        some = Binary(">", count, Literal(0, 0, 0), 0, 0)
        yield some
        if when is not None:
            yield Binary("and", when, some, 0, 0)


def _numbering(names: Sequence[str]) -> tuple[str, int]:
    """The prefix of a repeat's children, which may end in digits, and their start."""
    for cut in range(len(names[0].rstrip("0123456789")), len(names[0])):
        prefix, start = names[0][:cut], int(names[0][cut:])
        if all(name == f"{prefix}{start + i}" for i, name in enumerate(names)):
            return prefix, start
    raise AssertionError(f"children of a repeat are numbered: {names}")


def _repeat(node: Node, container: Graph, graph: Graph, registry: Registry) -> Repeat:
    registry.sites[id(container)] = node, graph
    nodes = container.nodes
    over = Slot((len(nodes),), node.origin.over, (context(graph, node),))
    prefix, start = _numbering([node.name for node in nodes])
    form = "ModuleDict" if prefix or start else "ModuleList"
    form = "Sequential" if is_sequential(container) else form
    children = [module(node, container, registry) for node in nodes]
    return Repeat(tuple(runs(children)), over, prefix, start, form)
