"""Which nodes of a graph are drawn as one: stacks of layers and runs of equal nodes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from netspec.graph import Graph, Node, Ref
from netspec.operators.base import Category, Operator

CONVOLUTION = Category.CONVOLUTION
HEADS = {CONVOLUTION, Category.LINEAR}
TRAILERS = {Category.NORMALIZATION, Category.ACTIVATION, Category.DROPOUT}


class Unit(NamedTuple):
    """Neighbours drawn as one item: a stack of nodes, and those equal to it.

    They are `alike` if sizes that are inferred, or rates, differ.
    """

    stacks: tuple[tuple[Node, ...], ...]
    alike: bool = False

    @property
    def stack(self) -> tuple[Node, ...]:
        """The nodes that are drawn."""
        return self.stacks[0]

    @property
    def first(self) -> Node:
        """The node that values enter by."""
        return self.stacks[0][0]

    @property
    def last(self) -> Node:
        """The node that values leave by."""
        return self.stacks[-1][-1]

    @property
    def times(self) -> int:
        """How many equal neighbours are drawn as one."""
        return len(self.stacks)


class Folder:
    """Cuts graphs into units; `unfold` keeps every repeat."""

    def __init__(self, *, unfold: bool = False) -> None:
        self.unfold = unfold
        self._keys: dict[Any, int] = {}
        self._signatures: dict[int, int] = {}
        self._shapes: dict[int, int] = {}

    def units(self, graph: Graph) -> list[Unit]:
        """The units of a graph, in an order in which values flow forward."""
        taken: set[str] = set()
        units: list[Unit] = []
        for node in graph.present:
            if node.name in taken:
                continue
            stack = tuple(_stack(graph, node)) if _is_layer(node) else (node,)
            units.append(Unit((stack,)))
            taken.update(member.name for member in stack)
        return units if self.unfold else self._runs(graph, units)

    def _runs(self, graph: Graph, units: list[Unit]) -> list[Unit]:
        runs: list[list[Unit]] = []
        for unit in units:
            if runs and self._again(graph, runs[-1][-1], unit):
                runs[-1].append(unit)
            else:
                runs.append([unit])
        return [_run(run) for run in runs]

    def _again(self, graph: Graph, run: Unit, unit: Unit) -> bool:
        """Whether a unit does again, on its result, what the one before it did."""
        if len(run.stack) != len(unit.stack) or len(run.last.outputs) != 1:
            return False
        if unit.first.body is None and graph.kind != "repeat":
            return False
        if not all(map(self._alike, run.stack, unit.stack)):
            return False
        feeds = [graph.resolve(ref) for ref in unit.first.inputs]
        others = [graph.resolve(ref) for ref in run.first.inputs]
        chained = bool(feeds) and feeds[0] == Ref(run.last.name)
        return (
            chained
            and feeds[1:] == others[1:]
            and sole_reader(graph, run.last) is unit.first
        )

    def _alike(self, a: Node, b: Node) -> bool:
        if a.share or b.share:
            return False
        if a.body is not None and b.body is not None:
            return self.signature(a.body) == self.signature(b.body)
        return a.operator is not None and _identity(a.operator) == _identity(b.operator)

    def signature(self, body: Graph) -> int:
        """Equal for bodies of the same layers with the same arguments but for rates."""
        if id(body) not in self._signatures:
            self._signatures[id(body)] = self._intern(body, exact=True)
        return self._signatures[id(body)]

    def outline(self, body: Graph) -> int:
        """Equal for bodies that differ in numbers alone."""
        if id(body) not in self._shapes:
            self._shapes[id(body)] = self._intern(body, exact=False)
        return self._shapes[id(body)]

    def _intern(self, body: Graph, *, exact: bool) -> int:
        part = self.signature if exact else self.outline
        nodes = tuple(
            (
                node.name,
                node.share,
                part(node.body) if node.body is not None else None,
                _identity(node.operator) if exact else type(node.operator),
                tuple(body.resolve(ref) for ref in node.inputs),
            )
            for node in body.present
        )
        outputs = tuple(body.resolve(output.ref) for output in body.outputs)
        key = (exact, body.kind, body.name, nodes, outputs)
        return self._keys.setdefault(key, len(self._keys) + 1)


def _run(units: list[Unit]) -> Unit:
    first = units[0].first
    alike = any(
        unit.first.body is not first.body or unit.first.outputs != first.outputs
        for unit in units
    )
    return Unit(tuple(unit.stack for unit in units), alike)


def _identity(operator: Operator | None) -> Any:
    """Equal for operators that differ in rates alone, as of dropout."""
    if operator is None:
        return None
    arguments = tuple(
        (name, "rate" if isinstance(value, float) else value)
        for name, value in operator.items()
    )
    return type(operator), arguments


def sole_reader(graph: Graph, node: Node) -> Node | None:
    """The one node that reads this one's only output, if that is all who do."""
    ref = Ref(node.name)
    readers = graph.readers.get(ref, ())
    is_output = any(graph.resolve(output.ref) == ref for output in graph.outputs)
    return readers[0] if len(readers) == 1 and not is_output else None


def is_leaf(units: list[Unit]) -> bool:
    """One stack of layers: drawn as a titled box, not as a cluster around one."""
    return (
        len(units) == 1
        and units[0].first.body is None
        and len(units[0].first.inputs) == 1
        and units[0].times == 1
    )


def is_wrapper(body: Graph, units: list[Unit]) -> bool:
    """A repeat of which all children are drawn as one."""
    return body.kind == "repeat" and len(units) == 1


def _is_layer(node: Node) -> bool:
    return (
        _category(node) in HEADS | TRAILERS
        and len(node.inputs) == len(node.outputs) == 1
        and node.share is None
    )


def _stack(graph: Graph, node: Node) -> Iterator[Node]:
    """Layers that are read as one: conv, norm, act; or norm, act, conv."""
    yield node
    seen = {_category(node)}
    before = _category(node) is Category.NORMALIZATION
    while True:
        following = sole_reader(graph, node)
        if following is None or not _is_layer(following):
            return
        category = _category(following)
        if category in HEADS:
            if before and (category is CONVOLUTION or Category.ACTIVATION in seen):
                yield following
            return
        yield following
        seen.add(category)
        node = following


def _category(node: Node) -> Category | None:
    return node.operator.category if node.operator is not None else None
