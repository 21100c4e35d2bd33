"""What each node of a body is as a module tree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netspec.emit.forms import is_class, is_sequential
from netspec.emit.inplace import runs_in_place
from netspec.emit.runs import runs
from netspec.emit.trees import (
    CannotUnify,
    Chain,
    Context,
    Item,
    Layer,
    Module,
    Registry,
    Repeat,
    Slot,
    Use,
)
from netspec.emit.unify import unify
from netspec.graph import Graph, Node
from netspec.tensors import TensorType

if TYPE_CHECKING:
    from netspec.emit.classes import Emitted


def context(graph: Graph, node: Node | None = None) -> Context:
    """The names in scope where a node is declared."""
    values = dict(graph.arguments)
    own: tuple[TensorType, ...] = ()
    if node is not None:
        values |= node.origin.loop
        own = tuple(graph.type_of(ref) for ref in node.inputs)
    return Context(values, {port.name: port.type for port in graph.inputs}, own)


def module(node: Node, graph: Graph, registry: Registry) -> Module:
    """The tree of one node of one body; classes within it are in the registry."""
    if node.body is None:
        return _layer(node, graph)
    if node.body.kind == "repeat":
        return _repeat(node.body, registry)
    if is_class(node.body):
        if id(node.body) not in registry:  # a probe's, which was no class
            raise CannotUnify
        return _use(node, node.body, graph, registry[id(node.body)])
    return chain((node.body,), registry)


def _use(node: Node, body: Graph, graph: Graph, emitted: "Emitted") -> Use:
    index = emitted.index(body)
    scope = context(graph, node)
    arguments = [
        (
            parameter.name,
            Slot(
                (parameter.values[index],),
                node.origin.expressions.get(parameter.name),
                (scope,),
            ),
        )
        for parameter in emitted.parameters
    ]
    return Use(emitted, tuple(arguments))


def _layer(node: Node, graph: Graph) -> Layer:
    assert node.operator is not None
    scope = context(graph, node)
    arguments = [
        (
            argument.keyword,
            argument.field,
            Slot(
                (argument.value,), node.origin.expressions.get(argument.field), (scope,)
            ),
        )
        for argument in node.call.arguments
    ]
    if node.operator.inplace:
        arguments.append(("inplace", "inplace", Slot((runs_in_place(node, graph),))))
    return Layer(node.operator, node.call.function, tuple(arguments))


def chain(graphs: Sequence[Graph], registry: Registry) -> Chain:
    """The children of chains over each other, each present in some instances."""
    places = [_places(graph) for graph in graphs]
    order: dict[Place, Node] = {}
    for found in places:
        order = {**order, **{p: n for p, n in found.items() if p not in order}}
    _need_order(list(order), places)
    numbered = all(node.name.isdigit() for graph in graphs for node in graph.present)
    items = []
    for place, first in order.items():
        nodes = [found.get(place) for found in places]
        nodes = [None if node is None or node.is_absent else node for node in nodes]
        trees = [
            module(node, graph, registry)
            for node, graph in zip(nodes, graphs, strict=True)
            if node is not None
        ]
        if trees:
            here = [node is not None for node in nodes]
            items.append(Item(first.name, unify(trees, here), presence(nodes, graphs)))
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
    found = [node if node and not node.is_absent else None for node in nodes]
    when = next((node.origin.when for node in found if node), None)
    contexts = tuple(context(graph) for graph in graphs)
    return Slot(tuple(node is not None for node in found), when, contexts)


def _repeat(container: Graph, registry: Registry) -> Repeat:
    nodes = container.nodes
    prefix = nodes[0].name.rstrip("0123456789")
    start = int(nodes[0].name[len(prefix) :])
    form = "ModuleDict" if prefix or start else "ModuleList"
    form = "Sequential" if is_sequential(container) else form
    children = [module(node, container, registry) for node in nodes]
    return Repeat(tuple(runs(children)), prefix, start, form)
