"""Walks a graph's declarations in the order of their wiring and infers as it goes.

Shapes are inferred on the way, since a `when` may ask for one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from netspec import limits as limits_
from netspec.constraints import Assumptions
from netspec.declarations import FromDecl, GraphDecl, NodeDecl, RefDecl
from netspec.diagnostics import Span, SpecError
from netspec.elaborate import splices
from netspec.elaborate.arguments import Binder
from netspec.elaborate.body import Body, Site, Types, Value
from netspec.elaborate.budget import Budget
from netspec.elaborate.conditions import holds
from netspec.elaborate.outside import Outside
from netspec.elaborate.reader import Reader
from netspec.elaborate.references import References
from netspec.elaborate.repeats import Repeats
from netspec.elaborate.scope import Env
from netspec.elaborate.shapes import Asked, Shapes
from netspec.elaborate.uses import Ports, Uses
from netspec.elaborate.wiring import DEFAULT_INPUT, Wire, Wiring, wire
from netspec.errors import elaborate as errors
from netspec.grammar import JOINS
from netspec.graph import Graph, Node, Origin, Output, Port, Ref
from netspec.limits import Limits
from netspec.link import Scope
from netspec.operators import OPERATORS, Operator
from netspec.reports import Reports


class Elaborator:
    """Elaborates graphs; its findings are in `reports`."""

    def __init__(self, limits: Limits = limits_.DEFAULT) -> None:
        self.limits = limits
        self.outside = Outside()
        self.reports = Reports(self.outside.explained)
        self.budget = Budget(self.reports, limits)
        self.reader = Reader(self.budget)
        self.binder = Binder(self.reader)
        self.shapes = Shapes(self.budget)
        self.assume = Assumptions()
        self.train_assume = Assumptions()  # what only `mode: train` outputs need
        self.wirings: dict[int, Wiring] = {}
        self.params: Mapping[str, Any] = {}  # of the spec
        self.named: References = {}  # the `$names` of declarations
        self.made = 0
        self.uses = Uses(self)
        self.repeats = Repeats(self)

    def graph(
        self,
        decl: GraphDecl,
        env: Env,
        scope: Scope,
        ports: Ports,
        kind: str,
        name: str,
        **extra: Any,
    ) -> Graph | None:
        """The graph of a body, or None if something in it is wrong."""
        body = Body(decl, env, scope, self.reports)
        for port, type in ports:
            body.values[port] = Value(("",), (Ref(port),), (type,))
        if len(ports) == 1:
            body.values.setdefault(DEFAULT_INPUT, body.values[ports[0][0]])
        wiring = self.wiring(body, walled=kind != "network")
        for name in wiring.left_out:
            body.unknown(body.declared[name])
        body.sound = not wiring.findings
        for step in wiring.wires:
            train_only = step.decl.name in wiring.train_only
            about = self.outside.node(step.decl, env.written)
            with self.mode(body, train_only), about:
                self.node(body, step)
        outputs = self.outputs(body, decl, wiring, kind)
        if not body.sound or all(output.mode for output in outputs):
            body.no_output(decl)
            return None
        return Graph(
            kind,
            name,
            id(decl),
            tuple(Port(port, type) for port, type in ports if type is not None),
            tuple(body.nodes.values()),
            outputs,
            is_list=decl.is_list,
            **extra,
        )

    @contextmanager
    def mode(self, body: Body, train_only: bool) -> Iterator[None]:
        """Mark nodes that only training has; what they need of sizes is kept apart."""
        if not train_only:
            yield
            return
        kept, before = self.assume, set(body.nodes)
        self.assume = self.train_assume
        try:
            yield
        finally:
            self.assume = kept
        for name in body.nodes.keys() - before:
            body.nodes[name].train_only = True

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Try something: what it finds is not reported, what it makes not counted."""
        findings, made, trail = self.reports.findings, self.made, self.reports.trail
        self.reports.findings = {}
        try:
            with suppress(SpecError):
                yield
        finally:
            self.reports.findings, self.reports.trail, self.made = findings, trail, made

    def wiring(self, body: Body, *, walled: bool) -> Wiring:
        decl = body.decl
        if id(decl) not in self.wirings:
            found = wire(decl, tuple(body.values), body.scope, walled=walled)
            self.wirings[id(decl)] = found
            for finding in found.findings:
                self.reports.keep(finding)
        return self.wirings[id(decl)]

    def outputs(
        self, body: Body, decl: GraphDecl, wiring: Wiring, kind: str
    ) -> tuple[Output, ...]:
        """The declared outputs that exist, or all of the last node's."""
        if decl.outputs is not None:
            gone = absent_names(body, decl) if kind == "network" else frozenset()
            return tuple(
                Output(output.name, body.read(output.ref)[0], output.mode)
                for output in decl.outputs
                if output.ref.name in body.values and output.ref.name not in gone
            )
        if wiring.last is None or wiring.last not in body.values:
            return ()
        last = body.values[wiring.last]
        body.sound = body.sound and None not in last.types
        pairs = zip(last.names, last.refs, strict=True)
        return tuple(Output(name, ref) for name, ref in pairs)

    # Nodes --------------------------------------------------------------------------

    def node(self, body: Body, step: Wire) -> None:
        """Elaborate one declared node into the body."""
        decl = step.decl
        if not decl.is_whole:
            return body.unknown(decl)
        refs, types = self.inputs(body, step)
        site = Site(body, decl, refs, types, body.env.at_node(types))
        present: bool | None = True
        if decl.when is not None:
            present = holds(decl.when, site.env, self.reader)
        if present is None:
            body.unknown(decl)
        elif not present:
            self.absent(site, step.otherwise)
        elif decl.share is not None:
            self.repeats.share(site)
        elif decl.repeat is not None:
            self.repeats.repeat(site)
        else:
            self.make(body.name(decl), site)

    def make(self, name: str, site: Site) -> Node | None:
        """Make a node of a type or an inline graph under the name."""
        self.budget.spend(site.decl.span, len(site.refs))
        node, names = self.uses.node(name, site)
        if node is None:
            site.body.unknown(site.decl)
            return None
        self.budget.spend(site.decl.span, len(node.outputs))
        self.count(site.decl.span)
        site.body.add(node, names, site.decl.name)
        return node

    def join_list(self, site: Site) -> Node | None:
        """Make a list of nodes that joins the list around it; the last of them."""
        made, _ = self.uses.node(site.decl.name, site)
        last = None
        if made is not None and made.body is not None:
            last = splices.join(site, made.body)
        if last is None:
            site.body.unknown(site.decl)
            return None
        self.count(site.decl.span, len(made.body.present) if made and made.body else 0)
        return last

    def infer(self, operator: Operator, types: Types, asked: Asked) -> Types:
        """The types of an operator's outputs, under what is known of the sizes here."""
        return self.shapes.infer(operator, types, self.assume, asked)

    def count(self, span: Span, more: int = 1) -> None:
        self.made += more
        if not self.budget.within(span, "distinct nodes", self.made, "distinct_nodes"):
            self.reports.stop()

    def inputs(self, body: Body, step: Wire) -> tuple[tuple[Ref, ...], Types]:
        read = [body.read(ref) for ref in step.reads]
        refs, types = tuple(r for r, _ in read), tuple(t for _, t in read)
        source = step.decl.source
        if source is None or source.join is None:
            return refs, types
        return self.join(body, step.decl, source, refs, types)

    def join(
        self,
        body: Body,
        decl: NodeDecl,
        source: FromDecl,
        refs: tuple[Ref, ...],
        types: Types,
    ) -> tuple[tuple[Ref, ...], Types]:
        """A connection as a node of its own, before the one that reads it."""
        assert source.join is not None
        kind, span = source.join.text, source.join.span
        name = f"{decl.name}:{kind}"
        operator = self.binder.operator(
            OPERATORS[JOINS[kind]], source.arguments, body.env, span
        )
        type = None
        if operator is not None:
            asked = Asked(span, source.arguments, body.producers(refs, source.refs))
            (type,) = self.infer(operator, types, asked)
        if operator is None or type is None:
            body.sound = False
            return (Ref(name),), (None,)
        origin = Origin((id(decl), kind), source.span, {})
        node = Node(name, refs, (type,), origin, operator)
        node.settle(tuple(type for type in types if type is not None))
        body.nodes[name] = node
        self.count(source.span)
        return (Ref(name),), (type,)

    def absent(self, site: Site, otherwise: RefDecl | None) -> None:
        """A node whose `when` is false: its input, or its `else`, stands for it."""
        body, decl, refs, types, _ = site
        if otherwise is not None:
            ref, type = body.read(otherwise)
        elif len(refs) == 1:
            ref, type = refs[0], types[0]
        else:
            return self.nothing_stands_for(body, decl, len(refs))
        if type is None:
            return body.unknown(decl)
        name = body.absent_name(decl)
        body.nodes[name] = Node(name, (ref,), (type,), self.origin(decl))
        body.values[decl.name] = Value(("",), (Ref(name),), (type,))
        return None

    def nothing_stands_for(self, body: Body, decl: NodeDecl, count: int) -> None:
        absent = decl.when is not None
        self.reports.add(
            errors.WrongCondition,
            decl.when.span if decl.when is not None else decl.span,
            what=f"`{decl.name}` has {count} inputs, so none of them can stand for it",
            reason="this is false here" if absent else "it is repeated no times here",
            advice_text="name what stands for it with `else: NAME`" if absent else None,
        )
        body.unknown(decl)

    def origin(self, decl: NodeDecl, env: Env | None = None) -> Origin:
        """What the node was written as, for those who emit and draw it."""
        known = self.reader.known
        found = {n: self.reader.written(e.value) for n, e in decl.arguments.items()}
        written = {name: tree for name, tree in found.items() if tree is not None}
        loop = {}
        if decl.repeat is not None and env is not None:
            names = (decl.repeat.counter, decl.repeat.item)
            loop = {name: env.values[name] for name in names if name in env.values}
        over = known(decl.repeat.over) if decl.repeat is not None else None
        place = (id(decl), decl.span)
        return Origin(*place, written, known(decl.when), over, decl.doc, loop)


def absent_names(body: Body, decl: GraphDecl) -> frozenset[str]:
    """The nodes that are absent and that nothing stands for by an `else`."""
    return frozenset(
        node.name
        for node in decl.nodes
        if node.otherwise is None
        and node.name in body.nodes
        and body.nodes[node.name].is_absent
    )
