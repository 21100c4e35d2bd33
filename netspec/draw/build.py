"""An elaborated network -> the drawing model."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.draw import text
from netspec.draw.folding import Folder, Unit, is_leaf, is_wrapper
from netspec.draw.headings import names, output_name, wrapped
from netspec.draw.mainline import main_line
from netspec.draw.model import Drawing, Edge, Item, Place, Row
from netspec.draw.rows import Rows
from netspec.graph import Elaborated, Graph, Node, Ref
from netspec.operators.base import Category

MOST_ITEMS = 20_000  # beyond these, blocks stay closed for good


def build(
    elaborated: Elaborated, *, unfold: bool = False, symbolic: bool = False
) -> Drawing:
    """The drawing model of a network.

    `unfold` keeps equal neighbours apart; `symbolic` keeps the symbols in shapes.
    """
    return _Builder(elaborated.sizes, unfold, symbolic).drawing(elaborated)


class _Feed(NamedTuple):
    """Where a value comes from: a leaf, and the output's name where it has several.

    One that is off the main line outside stays so inside.
    """

    leaf: str
    name: str = ""
    main: bool = True


class _Scope(NamedTuple):
    """A graph, its path, and the values known in it."""

    graph: Graph
    path: str
    values: dict[Ref, _Feed]
    main: set[tuple[str, str]]
    link: Place | None = None

    def feed(self, ref: Ref) -> _Feed:
        return self.values[self.graph.resolve(ref)]

    def is_main(self, ref: Ref, reader: str) -> bool:
        return (self.graph.resolve(ref).source, reader) in self.main


class _Builder:
    def __init__(
        self, example: Mapping[str, int], unfold: bool, symbolic: bool
    ) -> None:
        self.folder = Folder(unfold=unfold)
        self.sizes: Mapping[str, int] = {} if symbolic else example
        self.rows = Rows(self.sizes, example)
        self.edges: list[Edge] = []
        self.room = MOST_ITEMS

    def drawing(self, elaborated: Elaborated) -> Drawing:
        graph = elaborated.graph
        values = {Ref(port.name): _Feed(f">{port.name}") for port in graph.inputs}
        doors = [
            Item(f">{p.name}", "input", (self.rows.port(p),)) for p in graph.inputs
        ]
        scope = _Scope(graph, "", values, main_line(graph))
        inside = self.units(scope, self.folder.units(graph))
        exits = []
        for output in graph.outputs:
            leaf = f"{output.name}>"
            exits.append(Item(leaf, "output", (self.rows.output(graph, output),)))
            self.edge(scope, output.ref, leaf, leaf)
        return Drawing(
            name=elaborated.name,
            doc=elaborated.doc,
            items=(*doors, *inside, *exits),
            edges=tuple(self.edges),
            parameters=elaborated.parameters,
            macs=elaborated.macs,
            input=", ".join(item.rows[0].shape for item in doors),
            sources=tuple(self.rows.sources.items()),
        )

    def edge(self, scope: _Scope, ref: Ref, reader: str, target: str) -> None:
        feed, tensor = scope.feed(ref), scope.graph.type_of(ref)
        self.edges.append(
            Edge(
                source=feed.leaf,
                target=target,
                shape=text.shape(tensor, self.sizes),
                dtype=tensor.dtype,
                name=feed.name,
                main=feed.main and scope.is_main(ref, reader),
            )
        )

    # Units ------------------------------------------------------------------------

    def units(self, scope: _Scope, units: list[Unit]) -> tuple[Item, ...]:
        return tuple(self.unit(scope, unit) for unit in units)

    def unit(self, scope: _Scope, unit: Unit) -> Item:
        self.room -= 1
        if unit.first.body is None:
            item = self.layers(scope, unit)
            self.publish(scope, unit.last, item.id)
            return item
        item = self.block(scope, unit)
        if unit.times == 1:
            return item
        title = item.head._replace(name=names(unit))
        if unit.alike:
            rows = [
                self.rows.node(scope.graph, stack[0], "", None) for stack in unit.stacks
            ]
            macs = [row.macs for row in rows if row.macs is not None]
            title = title._replace(
                arguments=text.span(title.arguments, rows[-1].arguments),
                parameters=sum(row.parameters for row in rows),
                macs=sum(macs) or None,
            )
        return item._replace(title=title, times=unit.times, alike=unit.alike)

    def layers(self, scope: _Scope, unit: Unit) -> Item:
        leaf = f"{scope.path}{unit.first.name}".replace(":", "+")
        for ref in unit.first.inputs:
            self.edge(scope, ref, unit.first.name, leaf)
        rows = tuple(
            self.rows.node(scope.graph, node, scope.path, scope.link)
            for node in unit.stack
        )
        kind = "join" if rows[0].category == Category.JOIN.value else "layers"
        if unit.times > 1:
            rows = (rows[0]._replace(name=names(unit)), *rows[1:])
        return Item(leaf, kind, rows, times=unit.times, alike=unit.alike)

    def publish(self, scope: _Scope, node: Node, leaf: str) -> None:
        """Make known that `leaf` gives all outputs of `node`."""
        several = len(node.outputs) > 1
        for position in range(len(node.outputs)):
            name = output_name(node, position) if several else ""
            scope.values[Ref(node.name, position)] = _Feed(leaf, name)

    # Blocks -----------------------------------------------------------------------

    def block(self, scope: _Scope, unit: Unit) -> Item:
        node, body = unit.first, unit.first.body
        assert body is not None
        title = self.rows.node(scope.graph, node, scope.path, scope.link)
        path = f"{scope.path}{node.name}"
        if self.room <= 0 or node.share is not None:
            return self.sealed(scope, unit, title)
        units = self.folder.units(body)
        inside = _Scope(body, f"{path}.", {}, main_line(body), title.link)
        leaf, wrapper = is_leaf(units), is_wrapper(body, units)
        forks = self.enter(scope, node, inside, () if leaf or wrapper else units)
        if leaf:
            item = self.layers(inside, units[0])
            item = item._replace(title=title._replace(arguments=""))
            self.publish(inside, units[0].last, item.id)
        elif wrapper:
            item = wrapped(title, self.unit(inside, units[0]))
        else:
            children = (*forks, *self.units(inside, units))
            key = self.folder.outline(body)
            item = Item(path, "block", (), title, children=children, key=key)
        for position, output in enumerate(body.outputs):
            scope.values[Ref(unit.last.name, position)] = inside.feed(output.ref)
        return item

    def sealed(self, scope: _Scope, unit: Unit, title: Row) -> Item:
        """A block that stays closed: for want of room, or as one told elsewhere."""
        for ref in unit.first.inputs:
            self.edge(scope, ref, unit.first.name, title.path)
        self.publish(scope, unit.last, title.path)
        return Item(title.path, "block", (), title)

    def enter(
        self, scope: _Scope, node: Node, inside: _Scope, units: Sequence[Unit]
    ) -> list[Item]:
        """Bring the inputs in: by a fork, where that makes a better picture.

        A named block has one for each; others where several units read it.
        """
        least = 1 if inside.graph.kind == "block" else 2
        forks = []
        for port, ref in zip(inside.graph.inputs, node.inputs, strict=True):
            feed = scope.feed(ref)
            readers = inside.graph.readers.get(Ref(port.name), ())
            if sum(unit.first in readers for unit in units) >= least:
                fork = f"{inside.path}>{port.name}"
                self.edge(scope, ref, node.name, fork)
                row = Row(path=fork, name=port.name, type="input")
                forks.append(Item(fork, "fork", (row,)))
                feed = _Feed(fork)
            elif not scope.is_main(ref, node.name):
                feed = feed._replace(main=False)
            inside.values[Ref(port.name)] = feed
        return forks
