"""Nodes that stand for several, by `repeat`, and nodes that share another's weights."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netspec.declarations import GraphDecl, NodeDecl, RepeatDecl
from netspec.diagnostics import Use
from netspec.elaborate import splices
from netspec.elaborate.body import Body, Site, Value
from netspec.elaborate.conditions import elements
from netspec.elaborate.references import references
from netspec.elaborate.scope import Env, Given
from netspec.elaborate.wiring import DEFAULT_INPUT
from netspec.errors.wiring import SharedWhat
from netspec.graph import Graph, Node, Output, Port, Ref, weights
from netspec.operators.base import Weight
from netspec.source import Sequence

if TYPE_CHECKING:
    from netspec.elaborate.walk import Elaborator


class Repeats:
    """Makes repeats and shares, with the elaborator that makes single nodes."""

    def __init__(self, elaborator: "Elaborator") -> None:
        self.elaborator = elaborator
        self.budget = elaborator.budget
        self.reports = elaborator.reports
        self.states = States()

    def repeat(self, site: Site) -> None:
        """Children one after the other, in a container or spliced into this graph."""
        repeat = site.decl.repeat
        assert repeat is not None
        found = elements(repeat, site.env, self.elaborator.reader)
        if found is None:
            site.body.unknown(site.decl)
        elif not found:
            self.empty(site)
        elif repeat.splice:
            self.chain(site, found)
        else:
            self.contain(site, found)

    def contain(self, site: Site, elements: tuple[Any, ...]) -> None:
        """The children in a container of their own."""
        body, decl, refs, types, env = site
        # A `:` is in no name of a spec, so no child is called like a port.
        ports = {
            DEFAULT_INPUT if i == 0 else f"input:{i}": type
            for i, type in enumerate(types)
        }
        name = body.name(decl)
        inside = GraphDecl(body.decl.nodes, decl.span)
        container = Body(inside, env, body.scope, self.reports)
        inner = site._replace(body=container, refs=tuple(map(Ref, ports)))
        with self.reports.within(Use(name, decl.span)):
            last = self.chain(inner, elements)
        if last is None:
            return body.unknown(decl)
        names = container.values[decl.name].names
        used = references(decl, self.elaborator.named)
        graph = Graph(
            "repeat",
            "",
            (id(decl), "repeat"),
            tuple(Port(port, type) for port, type in ports.items() if type is not None),
            tuple(container.nodes.values()),
            tuple(Output(output, Ref(last.name, i)) for i, output in enumerate(names)),
            arguments={k: v for k, v in env.values.items() if k in used},
        )
        origin = self.elaborator.origin(decl)
        body.add(Node(name, refs, last.outputs, origin, body=graph), names, decl.name)
        return None

    def chain(self, site: Site, elements: tuple[Any, ...]) -> Node | None:
        """The children; each reads the one before. The last, if all are sound."""
        body, decl, refs, types, env = site
        repeat = decl.repeat
        assert repeat is not None
        node: Node | None = None
        written = self.written(repeat, env, len(elements))
        for index, value in enumerate(elements):
            loop = {repeat.counter: index, repeat.item: value}
            inner = env.in_turn(loop, types, {repeat.item: written[index]})
            with self.elaborator.outside.node(decl, inner.written):
                node = self.child(Site(body, decl, refs, types, inner), index)
            if node is None:
                return None
            if index == 0 and not self.room(decl, node, len(elements)):
                body.unknown(decl)
                return None
            refs, types = (Ref(node.name), *refs[1:]), (node.outputs[0], *types[1:])
        return node

    def written(self, repeat: RepeatDecl, env: Env, count: int) -> list[Given]:
        """What was written for each element; nothing for a number that is counted."""
        over = self.elaborator.reader.origin(repeat.over, env)
        if isinstance(over.tree, Sequence) and len(over.tree.items) == count:
            return [over._replace(tree=item) for item in over.tree.items]
        causes = self.elaborator.outside.causes((repeat.over, env.written))
        return [Given(None, {}, causes)] * count

    def child(self, site: Site, index: int) -> Node | None:
        """One child of a repeat; of a list spliced into a list, its last node."""
        body, decl, repeat = site.body, site.decl, site.decl.repeat
        assert repeat is not None
        if not (repeat.splice and body.decl.is_list):
            return self.elaborator.make(f"{repeat.prefix}{repeat.start + index}", site)
        if splices.is_spliced_list(site):
            return self.elaborator.join_list(site)
        return self.elaborator.make(body.name(decl), site)

    def room(self, decl: NodeDecl, first: Node, count: int) -> bool:
        """Whether all children fit the limit, counted before they are made."""
        each = 1 + (first.body.size if first.body is not None else 0)
        total = self.elaborator.made + each * (count - 1)
        return self.budget.within(decl.span, "nodes", total, "nodes")

    def empty(self, site: Site) -> None:
        """A repeat of nothing: its first input flows through."""
        body, decl, refs, types, _ = site
        if not types:
            return self.elaborator.nothing_stands_for(body, decl, 0)
        if types[0] is None:
            return body.unknown(decl)
        name = body.absent_name(decl)
        origin = self.elaborator.origin(decl)
        body.nodes[name] = Node(name, refs[:1], (types[0],), origin)
        body.values[decl.name] = Value(("",), (Ref(name),), (types[0],))
        return None

    # Sharing ------------------------------------------------------------------------

    def share(self, site: Site) -> None:
        """Run a sibling again on other inputs, with the sibling's weights."""
        body, decl = site.body, site.decl
        assert decl.share is not None
        sibling = body.declared[decl.share.text]
        known = body.nodes.get(sibling.name)
        if known is None:
            return body.unknown(decl)
        if known.is_absent or known.share is not None:
            reason = "it shares another itself" if known.share else "it is absent here"
            return self.refuse(body, decl, reason)
        again, names = self.again(site, sibling)
        if again is None:
            return body.unknown(decl)
        if not self.states.same(again, known):
            shapes = _unlike(again, known) or "its parameters would have other shapes"
            return self.refuse(body, decl, shapes)
        again.share = sibling.name
        again.origin = self.elaborator.origin(decl)
        self.elaborator.count(decl.span)
        return body.add(again, names, decl.name)

    def again(
        self, site: Site, sibling: NodeDecl
    ) -> tuple[Node | None, tuple[str, ...]]:
        """The sibling's declaration elaborated on other inputs, apart from the body."""
        body, name = site.body, site.decl.name
        apart = Body(body.decl, body.env, body.scope, self.reports)
        other = site._replace(body=apart, decl=sibling._replace(name=name))
        if sibling.repeat is not None:
            self.repeat(other)
        else:
            self.elaborator.make(name, other)
        value = apart.values.get(name)
        return apart.nodes.get(name), value.names if value is not None else ()

    def refuse(self, body: Body, decl: NodeDecl, reason: str) -> None:
        assert decl.share is not None
        self.reports.add(
            SharedWhat, decl.share.span, name=decl.share.text, reason=reason
        )
        body.unknown(decl)


def _unlike(again: Node, known: Node) -> str | None:
    """The first parameter whose shape would be another."""
    others = _owned(again)
    for name, weight in _owned(known).items():
        other = others.get(name, weight)
        if other != weight:
            own, wanted = list(weight.shape), list(other.shape)
            return f"`{name}` is {own}, and would be {wanted} here"
    return None


def _owned(node: Node) -> Mapping[str, Weight]:
    return node.state if node.body is None else dict(weights(node.body))


class States:
    """Compares what modules own; what is known of a body is kept."""

    def __init__(self) -> None:
        self.owns: dict[Graph, bool] = {}
        self.equal: dict[tuple[Graph, Graph], bool] = {}

    def same(self, one: Node, other: Node) -> bool:
        """Whether two modules have parameters and buffers of the same paths, shapes."""
        if one.body is other.body:
            return one.state == other.state
        if one.body is None or other.body is None:
            return False
        key = (one.body, other.body)
        if key not in self.equal:
            these, those = self.owners(one.body), self.owners(other.body)
            self.equal[key] = these.keys() == those.keys() and all(
                self.same(node, those[name]) for name, node in these.items()
            )
        return self.equal[key]

    def owners(self, body: Graph) -> dict[str, Node]:
        """The nodes of a body that own anything, by name."""
        return {node.name: node for node in body.present if self.own(node)}

    def own(self, node: Node) -> bool:
        if node.share is not None or node.body is None:
            return node.share is None and bool(node.state)
        if node.body not in self.owns:
            self.owns[node.body] = any(map(self.own, node.body.present))
        return self.owns[node.body]
