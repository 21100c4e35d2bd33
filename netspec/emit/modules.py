"""What each node of a body is as a module tree, and which modules a class has."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netspec.emit.forms import fullest, is_chain, is_class, is_module, is_sequential
from netspec.emit.inplace import runs_in_place
from netspec.emit.trees import (
    CannotUnify,
    Chain,
    Context,
    Item,
    Layer,
    Module,
    Registry,
    Repeat,
    Run,
    Slot,
    Use,
    slots,
    steps,
)
from netspec.emit.unify import unify
from netspec.graph import Graph, Node
from netspec.operators.base import Form
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
            items.append(Item(first.name, unify(trees, here), _presence(nodes, graphs)))
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


def _presence(found: Sequence[Node | None], graphs: Sequence[Graph]) -> Slot:
    """Where a node is present; absent, its declaration tells the condition."""
    when = next((node.origin.when for node in found if node is not None), None)
    contexts = tuple(context(graph) for graph in graphs)
    return Slot(tuple(node is not None for node in found), when, contexts)


def _repeat(container: Graph, registry: Registry) -> Repeat:
    nodes = container.nodes
    prefix = nodes[0].name.rstrip("0123456789")
    start = int(nodes[0].name[len(prefix) :])
    form = "ModuleDict" if prefix or start else "ModuleList"
    form = "Sequential" if is_sequential(container) else form
    children = [module(node, container, registry) for node in nodes]
    return Repeat(tuple(_runs(children)), prefix, start, form)


def _runs(children: list[Module]) -> Iterator[Run]:
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


def alike(first: Graph, second: Graph) -> bool:
    """Whether two bodies are wired the same, but for nodes that one of them lacks."""
    if _frame(first) != _frame(second):
        return False
    pairs = zip(first.nodes, second.nodes, strict=True)
    return all(a.is_absent != b.is_absent or _wires(a) == _wires(b) for a, b in pairs)


def _frame(body: Graph) -> tuple[Any, ...]:
    names = tuple(node.name for node in body.nodes)
    return names, body.outputs, tuple(port.name for port in body.inputs), body.is_list


def _wires(node: Node) -> tuple[Any, ...]:
    return node.inputs, node.share, node.train_only, len(node.outputs)


def switches(bodies: Sequence[Graph]) -> dict[str, Slot]:
    """Lines of `forward` that some instances leave out, and where they are present."""
    found = {}
    for node in fullest(bodies).present:
        nodes = [body.by_name[node.name] for body in bodies]
        here = [not other.is_absent for other in nodes]
        if not all(here) and not is_module(node):
            presence = [
                other if p else None for other, p in zip(nodes, here, strict=True)
            ]
            found[node.name] = _presence(presence, bodies)
    return found


def _need_one_full(bodies: Sequence[Graph]) -> None:
    """Refuse bodies of which none has all nodes, or that lack one in several ways."""
    full = {node.name for node in fullest(bodies).present}
    for body in bodies:
        if not {node.name for node in body.present} <= full:
            raise CannotUnify
    for name in full:
        nodes = [body.by_name[name] for body in bodies]
        if len({node.inputs for node in nodes if node.is_absent}) > 1:
            raise CannotUnify


def members(
    bodies: Sequence[Graph], registry: Registry
) -> list[tuple[str, Module, Slot]]:
    """The submodules of a class: name, tree, presence. Raises CannotUnify."""
    if bodies[0].is_list and all(is_chain(body) for body in bodies):
        return [
            (item.name, item.module, item.present)
            for item in chain(bodies, registry).items
        ]
    _need_one_full(bodies)
    found = []
    for name in [node.name for node in bodies[0].nodes]:
        nodes = [body.by_name[name] for body in bodies]
        here = [not node.is_absent for node in nodes]
        kinds = {_kind(node) for node in nodes if not node.is_absent}
        if len(kinds) > 1:
            raise CannotUnify
        if kinds == {str(Form.TENSOR)}:
            if not all(here):
                raise CannotUnify
            _same_tensors(nodes)
            continue
        if kinds != {"module"} or nodes[here.index(True)].share is not None:
            _same_calls([node for node in nodes if not node.is_absent])
            continue
        presence = [None if node.is_absent else node for node in nodes]
        tree = _together(nodes, bodies, registry, here)
        found.append((name, tree, _presence(presence, bodies)))
    return found


def _together(
    nodes: Sequence[Node],
    bodies: Sequence[Graph],
    registry: Registry,
    here: Sequence[bool],
) -> Module:
    """One tree for a node in all instances; lists are laid over each other."""
    lists = [node.body for node in nodes if node.body is not None]
    if len(lists) == len(nodes) and all(_is_list(body) for body in lists):
        return chain(lists, registry)
    trees = [
        module(node, body, registry)
        for node, body, present in zip(nodes, bodies, here, strict=True)
        if present
    ]
    return unify(trees, here)


def _is_list(body: Graph) -> bool:
    return body.kind == "inline" and body.is_list and is_chain(body)


def _kind(node: Node) -> str:
    return "module" if is_module(node) else str(node.call.form if node.operator else "")


def _same_calls(nodes: Sequence[Node]) -> None:
    """Lines of `forward` without a module must be the same in all instances."""
    calls = {
        (node.operator,)
        if node.body is None
        else tuple(c.operator for c in node.body.nodes)
        for node in nodes
    }
    if len(calls) > 1:
        raise CannotUnify


def _same_tensors(nodes: Sequence[Node]) -> None:
    """Tensors that a class owns may differ in their sizes alone."""
    kinds = {
        (node.type, len(node.outputs[0].sizes), node.operator.__dict__["init"])
        for node in nodes
        if node.operator is not None
    }
    if len(kinds) > 1:
        raise CannotUnify
