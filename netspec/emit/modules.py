"""What each node is as a module, and how the modules of several bodies are made one.

A tree is built for each node from concrete values; `unify` lays the trees of several
instances of a class over each other, so that each place holds a `Slot`: one value for
every instance.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from netspec.expressions import Expression
from netspec.graph import Graph, Node
from netspec.operators.base import Form, Operator
from netspec.tensors import TensorType

if TYPE_CHECKING:
    from netspec.emit.classes import Emitted


class CannotUnify(Exception):
    """Bodies that are not one class: they differ in more than numbers."""


class Context(NamedTuple):
    """What the names of an expression mean for one instance."""

    values: dict[str, Any]
    inputs: dict[str, TensorType]
    own: tuple[TensorType, ...] = ()


class _Any:
    """The value of a place in an instance that never reads it: any will do."""

    def __repr__(self) -> str:
        return "ANY"


ANY = _Any()


class Slot(NamedTuple):
    """One place of a class: its value in each instance, and how the spec writes it."""

    values: tuple[Any, ...]
    expression: Expression | None = None
    contexts: tuple[Context, ...] = ()

    @property
    def known(self) -> list[Any]:
        """The values that are read."""
        return [value for value in self.values if value is not ANY]

    @property
    def is_constant(self) -> bool:
        return len({(type(value), value) for value in self.known}) <= 1

    @property
    def value(self) -> Any:
        """The value of a constant slot."""
        return self.known[0]


class Layer(NamedTuple):
    """A call of a torch.nn class: `nn.Conv2d(…)`."""

    operator: Operator
    function: str
    arguments: tuple[tuple[str | None, str, Slot], ...]  # keyword, field, value


class Use(NamedTuple):
    """An instance of an emitted class, with the values of its parameters."""

    emitted: "Emitted"
    arguments: tuple[tuple[str, Slot], ...]


class Item(NamedTuple):
    """A child of a container, and in which instances it is present."""

    name: str
    module: "Module"
    present: Slot


class Chain(NamedTuple):
    """nn.Sequential of children that may differ."""

    items: tuple[Item, ...]
    numbered: bool


class Run(NamedTuple):
    """Equal or evenly changing children: `count` of them from number `first` on."""

    module: "Module"  # its slots: all children of the first instance, of the second, …
    counts: tuple[int, ...]  # in each instance
    first: int
    indices: tuple[int, ...]  # the children's, as the slots list them


class Repeat(NamedTuple):
    """A repeat: runs of children; `form` is the container's class."""

    runs: tuple[Run, ...]
    prefix: str
    start: int
    form: str  # "Sequential", "ModuleList" or "ModuleDict"


Module = Layer | Use | Chain | Repeat
Registry = dict[int, "Emitted"]  # the class of each body, by the body's id


# One instance ---------------------------------------------------------------------


def context(graph: Graph, node: Node | None = None) -> Context:
    """The names in scope where a node is declared."""
    values = dict(graph.arguments)
    own: tuple[TensorType, ...] = ()
    if node is not None:
        values |= node.origin.loop
        own = tuple(graph.type_of(ref) for ref in node.inputs)
    return Context(values, {port.name: port.type for port in graph.inputs}, own)


def is_module(node: Node) -> bool:
    """Whether the node is an attribute of its class, not only a line of `forward`."""
    return node.body is not None or (
        node.operator is not None and form(node) is Form.MODULE
    )


def form(node: Node) -> Form:
    assert node.operator is not None
    return node.operator.form


def is_plain_module(node: Node) -> bool:
    """A module that takes one tensor and gives one: nn.Sequential can hold it."""
    if node.share is not None or len(node.inputs) != 1 or len(node.outputs) != 1:
        return False
    if node.body is not None:
        return len(node.body.outputs) == 1
    return is_module(node) and _plain_call(node)


def _plain_call(node: Node) -> bool:
    call = node.call
    return call.operands is None and not call.forward and call.results is None


def is_chain(graph: Graph) -> bool:
    """Whether the body is one module after the other, nothing else."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return False
    if not all(is_plain_module(node) for node in graph.present):
        return False
    value = graph.inputs[0].name
    for node in graph.nodes:
        if len(node.inputs) != 1 or node.inputs[0] != (value, 0):
            return False
        value = node.name
    return graph.outputs[0].ref == (value, 0) and bool(graph.present)


def is_class(graph: Graph) -> bool:
    """Whether a body becomes a class of its own."""
    if graph.kind in ("block", "network"):
        return True
    return graph.kind == "inline" and not is_chain(graph)


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
    plain = len(container.inputs) == 1 and all(is_plain_module(node) for node in nodes)
    named = bool(prefix) or start != 0
    container_form = "Sequential" if plain else "ModuleDict" if named else "ModuleList"
    children = [module(node, container, registry) for node in nodes]
    return Repeat(tuple(_runs(children)), prefix, start, container_form)


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


def steps(values: Sequence[Any]) -> tuple[int, int] | None:
    """(first, step) if the values are integers that change evenly."""
    if not all(type(value) is int for value in values):
        return None
    step = values[1] - values[0] if len(values) > 1 else 0
    if any(b - a != step for a, b in zip(values, values[1:], strict=False)):
        return None
    return values[0], step


def slots(tree: Module) -> list[Slot]:
    """Every slot of a tree."""
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
            return [slot for run in tree.runs for slot in slots(run.module)]


# Several instances ------------------------------------------------------------------


def unify(trees: Sequence[Module], here: Sequence[bool] | None = None) -> Module:
    """One tree for several. Raises CannotUnify.

    `here` says in which instances there is a tree at all; the others take any value,
    which they never read.
    """
    if here is not None and not all(here):
        given, nothing = iter(trees), change(trees[0], _unread)
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


T = TypeVar("T")


def _unread(slot: Slot) -> Slot:
    return slot._replace(values=(ANY,) * len(slot.values))


def change(tree: Module, each: Callable[[Slot], Slot]) -> Module:
    """The tree with every slot changed."""
    match tree:
        case Layer():
            layer = tuple((k, field, each(slot)) for k, field, slot in tree.arguments)
            return tree._replace(arguments=layer)
        case Use():
            return tree._replace(
                arguments=tuple((n, each(s)) for n, s in tree.arguments)
            )
        case Chain():
            items = tuple(
                Item(item.name, change(item.module, each), each(item.present))
                for item in tree.items
            )
            return tree._replace(items=items)
        case Repeat():
            runs = tuple(
                run._replace(module=change(run.module, each)) for run in tree.runs
            )
            return tree._replace(runs=runs)


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
    expressions = {repr(slot.expression) for slot in found if slot.known}
    expression = found[0].expression if len(expressions) == 1 else None
    return Slot(values, expression, contexts if len(contexts) == len(values) else ())


def _unify_layers(layers: list[Layer]) -> Layer:
    first = layers[0]
    if any(layer.function != first.function for layer in layers):
        raise CannotUnify
    order: dict[str, str | None] = {}
    for layer in layers:
        order |= {field: keyword for keyword, field, _ in layer.arguments}
    fields = sorted(order, key=lambda field: _rank(first, field))
    arguments = []
    for field in fields:
        slot = _join([_argument(layer, field) for layer in layers])
        if field == "inplace":
            slot = Slot((all(slot.known),) * len(slot.values))
        arguments.append((order[field], field, slot))
    return Layer(first.operator, first.function, tuple(arguments))


def _rank(layer: Layer, field: str) -> int:
    known = list(layer.operator.fields)
    given = [name for keyword, name, _ in layer.arguments if keyword is None]
    return (
        given.index(field)
        if field in given
        else 100 + known.index(field)
        if field in known
        else 999
    )


def _argument(layer: Layer, field: str) -> Slot:
    """The argument's value; one that was left out is at its default."""
    for _, name, slot in layer.arguments:
        if name == field:
            return slot
    value = layer.operator.__dict__.get(field)
    count = len(layer.arguments[0][2].values) if layer.arguments else 1
    return Slot((value,) * count)


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
    if any(other[1:] != first[1:] for other in repeats):
        raise CannotUnify
    if any(len(other.runs) != len(first.runs) for other in repeats):
        raise CannotUnify
    runs = []
    for parts in zip(*(other.runs for other in repeats), strict=True):
        if len({part.first for part in parts}) > 1:
            raise CannotUnify
        tree = unify([part.module for part in parts])
        counts = tuple(count for part in parts for count in part.counts)
        indices = tuple(index for part in parts for index in part.indices)
        runs.append(Run(tree, counts, parts[0].first, indices))
    return Repeat(tuple(runs), first.prefix, first.start, first.form)


# Classes ----------------------------------------------------------------------------


def structure(body: Graph) -> tuple[Any, ...]:
    """The wiring by name, which a class's instances share."""
    wires = tuple(
        (node.name, node.inputs, node.share, node.train_only, len(node.outputs))
        for node in body.nodes
    )
    return wires, body.outputs, tuple(port.name for port in body.inputs), body.is_list


def members(
    bodies: Sequence[Graph], registry: Registry
) -> list[tuple[str, Module, Slot]]:
    """The submodules of a class: name, tree, presence. Raises CannotUnify."""
    if bodies[0].is_list and all(is_chain(body) for body in bodies):
        return [
            (item.name, item.module, item.present)
            for item in chain(bodies, registry).items
        ]
    found = []
    for name in [node.name for node in bodies[0].nodes]:
        nodes = [body.by_name[name] for body in bodies]
        here = [not node.is_absent for node in nodes]
        kinds = {_kind(node) for node in nodes if not node.is_absent}
        if len(kinds) > 1 or (kinds and False in here and kinds != {"module"}):
            raise CannotUnify
        if kinds != {"module"} or nodes[here.index(True)].share is not None:
            _same_calls([node for node in nodes if not node.is_absent])
            continue
        trees = [
            module(n, b, registry)
            for n, b in zip(nodes, bodies, strict=True)
            if not n.is_absent
        ]
        presence = [None if node.is_absent else node for node in nodes]
        found.append((name, unify(trees, here), _presence(presence, bodies)))
    return found


def _kind(node: Node) -> str:
    return (
        "module"
        if is_module(node)
        else str(node.operator.form if node.operator else "")
    )


def _same_calls(nodes: Sequence[Node]) -> None:
    """Lines of `forward` without a module must be the same in all instances."""
    operators = {node.operator for node in nodes if node.operator is not None}
    if len(operators) > 1:
        raise CannotUnify


# What runs in place -----------------------------------------------------------------


def is_fresh(graph: Graph, source: str) -> bool:
    """Whether a value is a new tensor that no backward reads and no one else holds."""
    node = graph.by_name.get(source)
    if node is None or node.is_absent:
        return False
    if node.operator is not None:
        return node.operator.fresh
    assert node.body is not None
    inner = node.body
    if len(inner.outputs) != 1:
        return False
    ref = inner.outputs[0].ref
    return len(inner.readers.get(inner.resolve(ref), ())) == 0 and is_fresh(
        inner, ref.source
    )


def runs_in_place(node: Node, graph: Graph) -> bool:
    """Whether overwriting the node's first input can be seen by no one."""
    ref = graph.resolve(node.inputs[0])
    outputs = {graph.resolve(output.ref) for output in graph.outputs}
    only_reader = len(graph.readers[ref]) == 1 and ref not in outputs
    return only_reader and is_fresh(graph, ref.source) and ref == node.inputs[0]
