"""Which bodies are one class, and in which order the classes are written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from netspec.emit.forms import is_chain, is_class
from netspec.emit.members import alike, members
from netspec.emit.parameters import Parameter
from netspec.emit.probes import is_like, probes, root_probes
from netspec.emit.trees import CannotUnify, Registry
from netspec.emit.writer import ClassWriter, free_name
from netspec.expressions import show
from netspec.graph import Elaborated, Graph, Node
from netspec.names import class_name


class Emitted:
    """One class of the emitted file."""

    def __init__(self, name: str, bodies: Sequence[Graph]) -> None:
        self.name = name
        self.bodies = tuple(bodies)
        self.parameters: list[Parameter] = []
        self.lines: list[str] = []
        self.difference = ""  # what sets it apart from other classes of its block

    def index(self, body: Graph) -> int:
        """The position of a body among the instances."""
        return next(i for i, other in enumerate(self.bodies) if other is body)

    def __repr__(self) -> str:
        return f"<class {self.name}>"


class Definition(NamedTuple):
    """A declaration that becomes a class: the bodies made of it, and its probes."""

    name: str
    bodies: list[Graph]
    probes: list[Graph]


def definitions(root: Graph) -> list[Definition]:
    """The declarations that become classes, those used by others first."""
    found: dict[object, Definition] = {}
    for name, body in _class_bodies(root, root.name):
        found.setdefault(body.definition, Definition(name, [], [])).bodies.append(body)
    for definition in list(found.values()):
        for probe in probes(definition.bodies):
            for _, body in _class_bodies(probe, definition.name):
                known = found.get(body.definition)
                if known is not None and not _holds(known, body):
                    known.probes.append(body)
    return _dependencies_first(list(found.values()))


def _holds(definition: Definition, body: Graph) -> bool:
    return any(body is other for other in (*definition.bodies, *definition.probes))


def _class_bodies(root: Graph, name: str) -> list[tuple[str, Graph]]:
    """The bodies under a graph that become classes, each once, with their names."""
    seen: set[int] = set()

    def named(graph: Graph, name: str, node: Node) -> str:
        """An inline block's name: its own, or if that is a number, its container's."""
        if graph.kind == "repeat":
            return name
        return f"{name}_{node.name}" if node.name.isdigit() else node.name

    def visit(graph: Graph, name: str) -> Iterator[tuple[str, Graph]]:
        if id(graph) in seen:
            return
        seen.add(id(graph))
        if is_class(graph):
            yield name, graph
        for node in graph.present:
            if node.body is not None:
                yield from visit(node.body, node.body.name or named(graph, name, node))

    return list(visit(root, name))


class _Circle(Exception):
    """Definitions whose bodies use each other's; `members` are their numbers."""

    def __init__(self, members: Iterable[int]) -> None:
        self.members = frozenset(members)


def _dependencies_first(found: list[Definition]) -> list[Definition]:
    """Order definitions so that each follows all that its bodies use.

    A block may lie within itself, by a param or by another block. Its bodies do not, so
    those that hold as many others within each other are a definition of their own.
    """
    while True:
        try:
            return _ordered(found)
        except _Circle as circle:
            parts = (
                _by_height(definition) if i in circle.members else [definition]
                for i, definition in enumerate(found)
            )
            found = list(chain.from_iterable(parts))


def _ordered(found: list[Definition]) -> list[Definition]:
    owner = {id(body): i for i, d in enumerate(found) for body in d.bodies}
    ordered: dict[int, None] = {}
    waiting: dict[int, None] = {}

    def place(i: int) -> None:
        if i in ordered:
            return
        if i in waiting:
            raise _Circle([*waiting][[*waiting].index(i) :])
        waiting[i] = None
        for body in found[i].bodies:
            for used in _used(body):
                if id(used) in owner:
                    place(owner[id(used)])
        del waiting[i]
        ordered[i] = None

    for i in range(len(found)):
        place(i)
    return [found[i] for i in ordered]


def _by_height(definition: Definition) -> list[Definition]:
    """A definition's bodies, apart by how many lie within each other in them."""
    known: dict[int, int] = {}
    heights: dict[int, list[Graph]] = {}
    for body in definition.bodies:
        heights.setdefault(_height(body, known), []).append(body)
    return [definition._replace(bodies=heights[height]) for height in sorted(heights)]


def _height(graph: Graph, known: dict[int, int]) -> int:
    if id(graph) not in known:
        within = (_height(used, known) for used in _used(graph))
        known[id(graph)] = 1 + max(within, default=0)
    return known[id(graph)]


def _used(graph: Graph) -> Iterator[Graph]:
    for node in graph.present:
        if node.body is not None:
            yield node.body
            if not is_class(node.body):
                yield from _used(node.body)


def collect(network: Elaborated, taken: set[str]) -> list[Emitted]:
    """The classes of a network in the order they are written; the root is last."""
    root = network.graph
    registry = Registry()
    classes: list[Emitted] = []
    for definition in definitions(root):
        for group in _partition(definition.bodies, registry):
            if group[0] is root:
                continue
            like = [p for p in definition.probes if is_like(p, group)]
            difference = _difference(group, definition.bodies)
            group = _extend(group, like, registry)
            emitted = Emitted(free_name(class_name(definition.name), taken), group)
            emitted.difference = difference
            ClassWriter(emitted, registry, None, taken).write()
            registry |= {id(body): emitted for body in group}
            classes.append(emitted)
    return [*classes, _root(network, registry, taken)]


def _difference(group: Sequence[Graph], bodies: Sequence[Graph]) -> str:
    """The params that no other class of the block has with these values, in words."""
    others = [body for body in bodies if all(body is not own for own in group)]
    found = []
    for name, value in group[0].arguments.items() if others else ():
        shared = all(body.arguments.get(name) == value for body in group)
        alone = all(body.arguments.get(name) != value for body in others)
        if shared and alone and not isinstance(value, Mapping):
            found.append(f"`{name}` is {show(value)}")
    return " and ".join(found)


def _extend(
    group: list[Graph], probes: Iterable[Graph], registry: Registry
) -> list[Graph]:
    """A group with those probes that are the same class."""
    for probe in probes:
        if _fits([*group, probe], registry):
            group = [*group, probe]
    return group


def _root(network: Elaborated, registry: Registry, taken: set[str]) -> Emitted:
    """The network's own class, its constructor taking the params that it alone uses."""
    root, name = network.graph, class_name(network.name)
    kept: list[Graph] = [root]
    for probe in root_probes(root):
        known = all(id(body) in registry for _, body in _class_bodies(probe, "")[1:])
        if known and is_like(probe, kept) and _fits([root, probe], registry):
            trial = Emitted(name, [root, probe])
            ClassWriter(trial, registry, network, set(taken)).write()
            if all(parameter.name in root.arguments for parameter in trial.parameters):
                kept.append(probe)
    emitted = Emitted(name, kept)
    ClassWriter(emitted, registry, network, taken).write()
    return emitted


def _partition(bodies: list[Graph], registry: Registry) -> list[list[Graph]]:
    """The fewest groups whose bodies differ only in numbers or in absent nodes."""
    if _fits(bodies, registry):  # as mostly; one by one takes the square of the time
        return [bodies]
    groups: list[list[Graph]] = []
    for body in bodies:
        for group in groups:
            if _fits([*group, body], registry):
                group.append(body)
                break
        else:
            groups.append([body])
    return groups


def _fits(bodies: list[Graph], registry: Registry) -> bool:
    chains = [body.is_list and is_chain(body) for body in bodies]
    if any(chains) and not all(chains):
        return False
    if not all(chains) and not all(alike(body, bodies[0]) for body in bodies[1:]):
        return False
    try:
        members(bodies, registry)
    except CannotUnify:
        return False
    return True
