"""Declarations -> one hierarchical, typed graph: params, `when` and `repeat` worked out.

Shapes are inferred as the wiring is walked, since a `when` may ask for one. A body that
is elaborated twice with the same arguments and input types is elaborated once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from netspec import limits as limits_
from netspec.binding import Binder, Reports
from netspec.declarations import FromDecl, GraphDecl, NodeDecl, RefDecl
from netspec.diagnostics import Span, Use, suggest
from netspec.dimensions import Assumptions
from netspec.errors import elaborate as errors
from netspec.graph import Graph, Node, Origin, Output, Port, Ref
from netspec.grammar import JOINS
from netspec.limits import Limits
from netspec.link import Block, Scope
from netspec.operators import OPERATORS
from netspec.shapes import Shapes
from netspec.source import Scalar
from netspec.tensors import TensorType
from netspec.values import Env, TypeValue, is_expression, references
from netspec.wiring import DEFAULT_INPUT, Wire, Wiring, wire

Types = tuple[TensorType | None, ...]


class Value:
    """What a name stands for in a graph: its outputs' names, refs and types."""

    __slots__ = ("names", "refs", "types")

    def __init__(self, names: tuple[str, ...], refs: tuple[Ref, ...], types: Types) -> None:
        self.names = names
        self.refs = refs
        self.types = types


class Body:
    """A graph under construction."""

    def __init__(self, decl: GraphDecl, env: Env, scope: Scope) -> None:
        self.decl = decl
        self.env = env
        self.scope = scope
        self.values: dict[str, Value] = {}
        self.nodes: dict[str, Node] = {}
        self.decls: dict[str, NodeDecl] = {}
        self.sound = True
        self.index = 0  # the next number in a list

    def number(self) -> str:
        self.index += 1
        return str(self.index - 1)


class Elaborator:
    """Walks declarations; its findings are in `reports`."""

    def __init__(self, limits: Limits = limits_.DEFAULT) -> None:
        self.limits = limits
        self.reports = Reports()
        self.binder = Binder(self.reports, limits)
        self.assume = Assumptions()
        self.shapes = Shapes(self.reports, limits)
        self.train_assume = Assumptions()  # what only `mode: train` outputs need
        self.bodies: dict[Any, Graph | None] = {}
        self.wirings: dict[int, Wiring] = {}
        self.named: dict[int, frozenset[str]] = {}
        self.made = 0
        self.depth = 0

    # Graphs -------------------------------------------------------------------------

    def graph(
        self,
        decl: GraphDecl,
        env: Env,
        scope: Scope,
        ports: tuple[tuple[str, TensorType | None], ...],
        kind: str,
        name: str,
        **extra: Any,
    ) -> Graph | None:
        """The graph of a body, or None if something in it is wrong."""
        wiring = self.wiring(decl, tuple(port for port, _ in ports))
        body = Body(decl, env, scope)
        body.sound = not wiring.findings and all(type is not None for _, type in ports)
        for port, type in ports:
            body.values[port] = Value(("",), (Ref(port),), (type,))
        for step in wiring.wires:
            with self.mode(step.decl.name in wiring.train_only):
                self.node(body, step)
        for name in wiring.train_only & body.nodes.keys():
            body.nodes[name].train_only = True
        outputs = self.outputs(body, decl, wiring)
        if not body.sound or not outputs:
            return None
        inputs = tuple(Port(port, type) for port, type in ports if type is not None)
        return Graph(
            kind, name, id(decl), inputs, tuple(body.nodes.values()), outputs,
            is_list=decl.is_list, **extra,
        )  # fmt: skip

    @contextmanager
    def mode(self, train_only: bool) -> Iterator[None]:
        """Collect what is needed of sizes apart for nodes that only training has."""
        kept = self.assume
        if train_only:
            self.assume = self.train_assume
        yield
        self.assume = kept

    def wiring(self, decl: GraphDecl, inputs: tuple[str, ...]) -> Wiring:
        if id(decl) not in self.wirings:
            self.wirings[id(decl)] = wire(decl, inputs)
            for finding in self.wirings[id(decl)].findings:
                fields = {k: v for k, v in finding.items() if k not in ("span", "trail")}
                self.reports.add(type(finding), finding.span, **fields)
        return self.wirings[id(decl)]

    def outputs(self, body: Body, decl: GraphDecl, wiring: Wiring) -> tuple[Output, ...]:
        if decl.outputs is None:
            if wiring.last is None or wiring.last not in body.values:
                return ()
            last = body.values[wiring.last]
            if None in last.types:
                body.sound = False
            return tuple(
                Output(name, ref) for name, ref in zip(last.names, last.refs, strict=True)
            )
        found = []
        for output in decl.outputs:
            if output.ref.name not in body.values:
                continue
            ref, type = self.read(body, output.ref)
            if type is None:
                body.sound = False
            found.append(Output(output.name, ref, output.mode))
        return tuple(found)

    # Nodes --------------------------------------------------------------------------

    def node(self, body: Body, step: Wire) -> None:
        """Elaborate one declared node into the body."""
        decl = step.decl
        refs, types = self.inputs(body, step)
        env = body.env.at_node(types)
        present: bool | None = True
        if decl.when is not None:
            present = self.binder.condition(decl.when, env, "`when`")
        if present is None:
            self.unknown(body, decl)
        elif not present:
            self.absent(body, step, refs, types)
        elif decl.share is not None:
            self.shared(body, decl, refs, types)
        elif decl.repeat is not None:
            self.repeat(body, decl, refs, types, env)
        else:
            name = body.number() if body.decl.is_list else decl.name
            self.make(body, name, decl, refs, types, env, decl.name)

    def inputs(self, body: Body, step: Wire) -> tuple[tuple[Ref, ...], Types]:
        read = [self.read(body, ref) for ref in step.reads]
        refs, types = tuple(r for r, _ in read), tuple(t for _, t in read)
        source = step.decl.source
        if source is None or source.join is None:
            return refs, types
        return self.join(body, step.decl, source, refs, types)

    def read(self, body: Body, ref: RefDecl) -> tuple[Ref, TensorType | None]:
        """The value a name stands for; `lstm.hidden` picks an output."""
        value = body.values.get(ref.name)
        if value is None:
            body.sound = False
            return Ref(ref.name), None
        if ref.output is None:
            return value.refs[0], value.types[0]
        if ref.output in value.names:
            at = value.names.index(ref.output)
            return value.refs[at], value.types[at]
        if value.names == ("?",):
            return value.refs[0], None
        body.sound = False
        named = [name for name in value.names if name]
        close = suggest(ref.output, named)
        listed = ", ".join(f"`{ref.name}.{name}`" for name in named)
        advice = f"it has one output; write `{ref.name}`" if not named else f"it has {listed}"
        self.reports.add(
            errors.UnknownOutput, ref.span, node=ref.name, name=ref.output[:64],
            advice_text=f"did you mean `{ref.name}.{close}`?" if close else advice,
        )
        return value.refs[0], None

    def join(
        self, body: Body, decl: NodeDecl, source: FromDecl, refs: tuple[Ref, ...], types: Types
    ) -> tuple[tuple[Ref, ...], Types]:
        """A connection as a node of its own, before the one that reads it."""
        assert source.join is not None
        kind = source.join.text
        operator = self.binder.operator(
            OPERATORS[JOINS[kind]], source.arguments, body.env, source.join.span
        )
        outputs: Types = (None,)
        if operator is not None:
            spans = tuple(ref.span for ref in source.refs)
            outputs = self.shapes.infer(
                operator, types, self.assume, source.join.span,
                source.arguments, self.producers(body, source.refs), spans,
            )
        name = f"{decl.name}:{kind}"
        if operator is None or outputs[0] is None:
            body.sound = False
            return (Ref(name),), (None,)
        origin = Origin((id(decl), kind), source.span, {})
        node = Node(name, refs, (outputs[0],), origin, operator)
        node.call = operator.call(tuple(type for type in types if type is not None))
        body.nodes[name] = node
        self.count(source.span)
        return (Ref(name),), outputs

    def producers(self, body: Body, refs: tuple[RefDecl, ...]) -> tuple[Span | None, ...]:
        """Where the values that a node reads are declared."""
        places = []
        for ref in refs:
            node = next((n for n in body.decl.nodes if n.name == ref.name), None)
            places.append(node.span if node is not None else None)
        return tuple(places)

    def add(self, body: Body, node: Node, names: tuple[str, ...], alias: str) -> None:
        if node.name in body.nodes:
            body.sound = False
            self.reports.add(errors.NameClash, node.origin.span, name=node.name)
            return
        body.nodes[node.name] = node
        refs = tuple(Ref(node.name, i) for i in range(len(node.outputs)))
        body.values[alias] = Value(names, refs, node.outputs)

    def unknown(self, body: Body, decl: NodeDecl) -> None:
        """A node that is wrong: what reads it is left unchecked."""
        body.sound = False
        body.values[decl.name] = Value(("?",), (Ref(decl.name),), (None,))

    def absent(
        self, body: Body, step: Wire, refs: tuple[Ref, ...], types: Types
    ) -> None:
        """A node whose `when` is false: its input, or its `else`, stands for it."""
        decl = step.decl
        if step.otherwise is not None:
            ref, type = self.read(body, step.otherwise)
        elif len(refs) == 1:
            ref, type = refs[0], types[0]
        else:
            assert decl.when is not None
            self.reports.add(
                errors.WrongCondition, decl.when.span,
                what=f"`{decl.name}` has {len(refs)} inputs, so none of them can stand for it",
                reason="this is false here",
                advice_text="name what stands for it with `else: NAME`",
            )
            return self.unknown(body, decl)
        if type is None:
            return self.unknown(body, decl)
        name = f":{decl.name}" if body.decl.is_list else decl.name
        origin = self.origin(decl)
        body.nodes[name] = Node(name, (ref,), (type,), origin)
        body.values[decl.name] = Value(("",), (Ref(name),), (type,))

    def origin(self, decl: NodeDecl, env: Env | None = None) -> Origin:
        written = {}
        for name, entry in decl.arguments.items():
            value = entry.value
            if isinstance(value, Scalar) and is_expression(value, None):
                written[name] = self.binder.reader.parsed.get(value.text)
        when = self.binder.reader.parsed.get(decl.when.text) if decl.when is not None else None
        kept = {name: tree for name, tree in written.items() if tree is not None}
        loop = {}
        if decl.repeat is not None and env is not None:
            names = (decl.repeat.index, decl.repeat.item)
            loop = {name: env.values[name] for name in names if name in env.values}
        return Origin(id(decl), decl.span, kept, when, decl.doc, loop)

    def count(self, span: Span, more: int = 1) -> None:
        self.made += more
        self.binder.within(span, "nodes", self.made, self.limits.nodes)

    # One node -----------------------------------------------------------------------

    def make(
        self,
        body: Body,
        name: str,
        decl: NodeDecl,
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        alias: str,
    ) -> Node | None:
        """Make a node of a type or an inline graph under the name."""
        if self.made > self.limits.nodes:
            self.unknown(body, decl)
            return None
        node, names = self.build(name, decl, refs, types, env, body)
        if node is None:
            self.unknown(body, decl)
            return None
        self.count(decl.span)
        self.add(body, node, names, alias)
        return node

    def build(
        self,
        name: str,
        decl: NodeDecl,
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        body: Body,
    ) -> tuple[Node | None, tuple[str, ...]]:
        if decl.graph is not None:
            return self.inline(name, decl, refs, types, env, body)
        assert decl.type is not None
        target = self.binder.find_type(decl.type, env, body.scope)
        if target is None:
            return None, ()
        if isinstance(target.target, Block):
            return self.block(name, decl, target.target, refs, types, env, body)
        return self.operator(name, decl, target, refs, types, env, body)

    def operator(
        self,
        name: str,
        decl: NodeDecl,
        target: TypeValue,
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        body: Body,
    ) -> tuple[Node | None, tuple[str, ...]]:
        assert decl.type is not None and not isinstance(target.target, Block)
        operator = self.binder.operator(target.target, decl.arguments, env, decl.type.span)
        if operator is None:
            return None, ()
        sources = decl.source.refs if decl.source is not None and not decl.source.join else ()
        outputs = self.shapes.infer(
            operator, types, self.assume, decl.type.span, decl.arguments,
            self.producers(body, sources), tuple(ref.span for ref in sources),
        )  # fmt: skip
        if any(output is None for output in outputs):
            return None, ()
        known = tuple(output for output in outputs if output is not None)
        node = Node(name, refs, known, self.origin(decl, env), operator)
        inputs = tuple(type for type in types if type is not None)
        node.state = operator.state(inputs)
        node.call = operator.call(inputs)
        return node, operator.output_names

    def block(
        self,
        name: str,
        decl: NodeDecl,
        block: Block,
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        body: Body,
    ) -> tuple[Node | None, tuple[str, ...]]:
        assert decl.type is not None
        span = decl.type.span
        values = self.binder.params(
            block.name, block.decl.params, decl.arguments, env, body.scope, block.scope, span
        )
        ports = self.ports(block.decl.graph, types, block.name, span)
        if values is None or ports is None or None in types:
            return None, ()
        key = (id(block.decl), tuple(values.values()), types, id(self.assume))
        if key not in self.bodies:
            inner = Env(values, dict(ports))
            with self.inside(name, decl, block.name) as allowed:
                self.bodies[key] = allowed and self.graph(
                    block.decl.graph, inner, block.scope, ports, "block", block.name,
                    arguments=values, defaults=self.defaults(block), doc=block.decl.doc,
                ) or None
        return self.wrap(name, decl, refs, self.bodies[key], env)

    def defaults(self, block: Block) -> dict[str, Any]:
        """Literal defaults of a block's params, which the emitted class takes over."""
        return {
            name: decl.default.value
            for name, decl in block.decl.params.items()
            if isinstance(decl.default, Scalar) and decl.kind in ("int", "float", "bool")
        }

    def inline(
        self,
        name: str,
        decl: NodeDecl,
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        body: Body,
    ) -> tuple[Node | None, tuple[str, ...]]:
        assert decl.graph is not None
        ports = self.ports(decl.graph, types, decl.name, decl.span)
        if ports is None or None in types:
            return None, ()
        used = references(decl.graph.nodes, self.named)
        values = {k: v for k, v in env.values.items() if k in used}
        key = (id(decl.graph), tuple(values.items()), types, id(self.assume))
        if key not in self.bodies:
            inner = Env(env.values, dict(ports), env.symbols)
            with self.inside(name, decl, name) as allowed:
                self.bodies[key] = allowed and self.graph(
                    decl.graph, inner, body.scope, ports, "inline", "",
                    arguments=values, doc=decl.doc,
                ) or None
        return self.wrap(name, decl, refs, self.bodies[key], env)

    def ports(
        self, decl: GraphDecl, types: Types, what: str, span: Span
    ) -> tuple[tuple[str, TensorType | None], ...] | None:
        """The inputs of a body, one type for each."""
        names = (
            (DEFAULT_INPUT,) if decl.inputs is None else tuple(s.text for s in decl.inputs)
        )
        if len(names) == len(types):
            return tuple(zip(names, types, strict=True))
        listed = f"{len(names)} input{'s' if len(names) != 1 else ''}"
        advice = f"`from: [{', '.join(names)}]` gives one each" if len(names) > 1 else None
        self.reports.add(
            errors.WrongInputs, span, type=what, expected=listed, found=f"{len(types)} given",
            advice_text=advice,
        )
        return None

    def wrap(
        self,
        name: str,
        decl: NodeDecl,
        refs: tuple[Ref, ...],
        graph: Graph | None,
        env: Env | None = None,
    ) -> tuple[Node | None, tuple[str, ...]]:
        if graph is None:
            return None, ()
        types = tuple(graph.type_of(output.ref) for output in graph.outputs)
        node = Node(name, refs, types, self.origin(decl, env), body=graph)
        declared = tuple(output.name for output in graph.outputs)
        return node, declared

    def inside(self, name: str, decl: NodeDecl, block: str) -> "_Inside":
        return _Inside(self, Use(name, decl.span), block)

    # Repeats and shares -------------------------------------------------------------

    def repeat(
        self, body: Body, decl: NodeDecl, refs: tuple[Ref, ...], types: Types, env: Env
    ) -> None:
        """Children one after the other, in a container or spliced into this graph."""
        assert decl.repeat is not None
        elements = self.binder.elements(decl, env)
        if elements is None:
            return self.unknown(body, decl)
        if not elements:
            return self.empty(body, decl, refs, types)
        if decl.repeat.splice:
            self.chain(body, decl, elements, refs, types, env, decl.name)
            return None
        ports = tuple(
            (DEFAULT_INPUT if i == 0 else f"input{i}", type) for i, type in enumerate(types)
        )
        container = Body(decl.graph or GraphDecl((), decl.span), env, body.scope)
        container.decl = GraphDecl(body.decl.nodes, decl.span)
        inner = tuple(Ref(port) for port, _ in ports)
        trail = self.reports.trail
        name = body.number() if body.decl.is_list else decl.name
        self.reports.trail = (*trail, Use(name, decl.span))
        last = self.chain(container, decl, elements, inner, types, env, decl.name)
        self.reports.trail = trail
        if last is None:
            return self.unknown(body, decl)
        graph = Graph(
            "repeat", "", (id(decl), "repeat"),
            tuple(Port(port, type) for port, type in ports if type is not None),
            tuple(container.nodes.values()),
            tuple(
                Output(output, Ref(last.name, i))
                for i, output in enumerate(container.values[decl.name].names)
            ),
            arguments={k: v for k, v in env.values.items() if k in references(decl, self.named)},
        )  # fmt: skip
        node, names = self.wrap(name, decl, refs, graph)
        assert node is not None
        self.add(body, node, names, decl.name)
        return None

    def chain(
        self,
        body: Body,
        decl: NodeDecl,
        elements: tuple[Any, ...],
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        alias: str,
    ) -> Node | None:
        """The children of a repeat; each reads the one before. The last, if all are sound."""
        repeat = decl.repeat
        assert repeat is not None
        node: Node | None = None
        for index, element in enumerate(elements):
            inner = env.with_values({repeat.index: index, repeat.item: element}).at_node(types)
            spliced_into_list = repeat.splice and body.decl.is_list
            name = body.number() if spliced_into_list else f"{repeat.prefix}{repeat.start + index}"
            node = self.make(body, name, decl, refs, types, inner, alias)
            if node is None:
                return None
            if index == 0 and not self.room(decl, node, len(elements)):
                self.unknown(body, decl)
                return None
            refs = (Ref(name), *refs[1:])
            types = (node.outputs[0], *types[1:])
        return node

    def room(self, decl: NodeDecl, first: Node, count: int) -> bool:
        """Whether all children fit the limit, counted before they are made."""
        each = 1 + (first.body.size if first.body is not None else 0)
        total = self.made + each * (count - 1)
        return self.binder.within(decl.span, "nodes", total, self.limits.nodes)

    def empty(self, body: Body, decl: NodeDecl, refs: tuple[Ref, ...], types: Types) -> None:
        """A repeat of nothing: its first input flows through."""
        if not types or types[0] is None:
            return self.unknown(body, decl)
        name = f":{decl.name}" if body.decl.is_list else decl.name
        body.nodes[name] = Node(name, refs[:1], (types[0],), self.origin(decl))
        body.values[decl.name] = Value(("",), (Ref(name),), (types[0],))
        return None

    def shared(
        self, body: Body, decl: NodeDecl, refs: tuple[Ref, ...], types: Types
    ) -> None:
        """Run a sibling again on other inputs, with the sibling's weights."""
        assert decl.share is not None
        sibling = next(node for node in body.decl.nodes if node.name == decl.share.text)
        known = body.nodes.get(sibling.name)
        if known is None or sibling.repeat is not None and sibling.repeat.splice:
            if sibling.name in body.values and known is None:
                body.sound = False
            return self.unknown(body, decl)
        if known.is_absent or known.share is not None:
            reason = "it shares another itself" if known.share else "it is absent here"
            self.refuse_share(body, decl, reason)
            return None
        env = body.env.at_node(types)
        scratch = Body(body.decl, body.env, body.scope)
        scratch.values = dict(body.values)
        if sibling.repeat is not None:
            self.repeat(scratch, sibling._replace(name=decl.name), refs, types, env)
            again = scratch.nodes.get(decl.name)
            names = known.body.outputs if known.body is not None else ()
            outputs = tuple(output.name for output in names)
        else:
            again, outputs = self.build(decl.name, sibling, refs, types, env, body)
        if again is None:
            return self.unknown(body, decl)
        if state_of(again) != state_of(known):
            return self.refuse_share(body, decl, "its parameters would have other shapes here")
        again.share = sibling.name
        again.origin = self.origin(decl)
        self.count(decl.span)
        self.add(body, again, outputs, decl.name)
        return None

    def refuse_share(self, body: Body, decl: NodeDecl, reason: str) -> None:
        from netspec.errors.wiring import SharedWhat

        assert decl.share is not None
        self.reports.add(SharedWhat, decl.share.span, name=decl.share.text, reason=reason)
        self.unknown(body, decl)


class _Inside:
    """Adds a step to the trail while a body is elaborated, and counts its depth."""

    def __init__(self, elaborator: Elaborator, use: Use, block: str) -> None:
        self.elaborator = elaborator
        self.use = use
        self.block = block

    def __enter__(self) -> bool:
        elaborator = self.elaborator
        self.trail = elaborator.reports.trail
        elaborator.depth += 1
        limit = elaborator.limits.block_depth
        if elaborator.depth > limit:
            reason = f"`{self.block}` is used within itself, or too deep"
            elaborator.reports.add(errors.Recursion, self.use.span, limit=limit, reason=reason)
            return False
        elaborator.reports.trail = (*self.trail, self.use)
        return True

    def __exit__(self, *_: object) -> None:
        self.elaborator.depth -= 1
        self.elaborator.reports.trail = self.trail


def state_of(node: Node, path: str = "") -> Mapping[str, Any]:
    """The parameters and buffers under a node, by path: its part of the `state_dict`."""
    found: dict[str, Any] = {}
    if node.share is None:
        for name, weight in node.state.items():
            found[".".join(part for part in (path, name) if part)] = weight
        for child in node.body.present if node.body is not None else ():
            found |= state_of(child, f"{path}.{child.name}" if path else child.name)
    return found
