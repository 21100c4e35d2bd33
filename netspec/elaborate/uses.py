"""A node as what its type says: an operator, a block, or an inline block."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from netspec.declarations import GraphDecl, NodeDecl
from netspec.diagnostics import Span, Use
from netspec.elaborate.body import Body, Types
from netspec.elaborate.values import Env, references
from netspec.elaborate.wiring import DEFAULT_INPUT
from netspec.errors import elaborate as errors
from netspec.graph import Graph, Node, Ref
from netspec.link import Block
from netspec.operators import Operator
from netspec.operators.python import PythonModule, python_type
from netspec.source import Scalar
from netspec.tensors import TensorType

if TYPE_CHECKING:
    from netspec.elaborate.walk import Elaborator

Made = tuple[Node | None, tuple[str, ...]]  # a node, and its outputs' names
Ports = tuple[tuple[str, TensorType | None], ...]
NOTHING: Made = (None, ())


class Uses:
    """Makes one node of a declared type; a body made before is taken again."""

    def __init__(self, elaborator: "Elaborator") -> None:
        self.elaborator = elaborator
        self.binder = elaborator.binder
        self.reports = elaborator.reports
        self.bodies: dict[Any, Graph | None] = {}
        self.open: list[Any] = []  # the bodies being made, outermost first

    def node(
        self,
        name: str,
        decl: NodeDecl,
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        body: Body,
    ) -> Made:
        """The node under its name; (None, ()) if something in it is wrong."""
        if decl.graph is not None:
            return self.inline(name, decl, refs, types, env, body)
        assert decl.type is not None
        target = self.binder.find_type(decl.type, env, body.scope)
        if target is None:
            return NOTHING
        if isinstance(target.target, Block):
            return self.block(name, decl, target.target, refs, types, env, body)
        return self.operator(name, decl, target.target, refs, types, env, body)

    def operator(
        self,
        name: str,
        decl: NodeDecl,
        kind: type[Operator],
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        body: Body,
    ) -> Made:
        assert decl.type is not None
        span = decl.type.span
        if issubclass(kind, PythonModule):
            kind = python_type(kind.path, decl.arguments) or kind
        operator = self.binder.operator(kind, decl.arguments, env, span)
        if operator is None:
            return NOTHING
        joined = decl.source is None or decl.source.join is not None
        sources = decl.source.refs if decl.source is not None and not joined else ()
        outputs = self.elaborator.shapes.infer(
            operator,
            types,
            self.elaborator.assume,
            span,
            decl.arguments,
            body.producers(sources),
        )
        known = tuple(output for output in outputs if output is not None)
        if len(known) < len(outputs):
            return NOTHING
        node = Node(name, refs, known, self.elaborator.origin(decl, env), operator)
        node.settle(tuple(type for type in types if type is not None))
        if body.decl.is_list:
            node.call = operator.as_layer(node.call)
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
    ) -> Made:
        assert decl.type is not None
        span = decl.type.span
        values = self.binder.params(
            block.name,
            block.decl.params,
            decl.arguments,
            env,
            body.scope,
            block.scope,
            span,
        )
        ports = self.ports(block.decl.graph, types, block.name, span)
        if values is None or ports is None or None in types:
            return NOTHING
        key = self.key(block, values, types)
        if key not in self.bodies or key in self.open:
            with self.inside(key, name, decl, block.name) as allowed:
                self.bodies[key] = None
                if allowed:
                    self.bodies[key] = self.body(block, values, ports)
        return self.wrap(name, decl, refs, self.bodies[key], env)

    def key(self, block: Block, values: Mapping[str, Any], types: Types) -> Any:
        return (block, tuple(values.values()), types, id(self.elaborator.assume))

    def body(
        self, block: Block, values: Mapping[str, Any], ports: Ports
    ) -> Graph | None:
        return self.elaborator.graph(
            block.decl.graph,
            Env(values, dict(ports)),
            block.scope,
            ports,
            "block",
            block.name,
            arguments=values,
            defaults=defaults(block),
            doc=block.decl.doc,
            again=partial(self.again, block, tuple(name for name, _ in ports)),
        )

    def again(
        self,
        block: Block,
        names: tuple[str, ...],
        values: Mapping[str, Any],
        types: tuple[TensorType, ...],
    ) -> Graph | None:
        """A block's body at other values; None, quietly, if it has none."""
        key = self.key(block, values, types)
        if key not in self.bodies:
            self.bodies[key] = None
            with self.elaborator.quiet():
                ports = tuple(zip(names, types, strict=True))
                self.bodies[key] = self.body(block, values, ports)
        return self.bodies[key]

    def inline(
        self,
        name: str,
        decl: NodeDecl,
        refs: tuple[Ref, ...],
        types: Types,
        env: Env,
        body: Body,
    ) -> Made:
        assert decl.graph is not None
        ports = self.ports(decl.graph, types, decl.name, decl.span)
        if ports is None or None in types:
            return NOTHING
        used = references(decl.graph.nodes, self.elaborator.named)
        values = {k: v for k, v in env.values.items() if k in used}
        key = (
            id(decl.graph),
            tuple(values.items()),
            types,
            id(self.elaborator.assume),
        )
        if key not in self.bodies:
            with self.inside(key, name, decl, name) as allowed:
                self.bodies[key] = None
                if allowed:
                    self.bodies[key] = self.elaborator.graph(
                        decl.graph,
                        Env(env.values, dict(ports), env.symbols),
                        body.scope,
                        ports,
                        "inline",
                        "",
                        arguments=values,
                        doc=decl.doc,
                    )
        return self.wrap(name, decl, refs, self.bodies[key], env)

    def ports(
        self, decl: GraphDecl, types: Types, what: str, span: Span
    ) -> Ports | None:
        """The inputs of a body, one type for each."""
        declared = decl.inputs
        names = (
            (DEFAULT_INPUT,) if declared is None else tuple(s.text for s in declared)
        )
        if len(names) == len(types):
            return tuple(zip(names, types, strict=True))
        advice = f"`from: [{', '.join(names)}]` gives one each" if names[1:] else None
        self.reports.add(
            errors.WrongInputs,
            span,
            type=what,
            expected=f"{len(names)} input{'s' if len(names) != 1 else ''}",
            found=f"{len(types)} given",
            advice_text=advice,
        )
        return None

    def wrap(
        self,
        name: str,
        decl: NodeDecl,
        refs: tuple[Ref, ...],
        graph: Graph | None,
        env: Env,
    ) -> Made:
        if graph is None:
            return NOTHING
        if not self.binder.within(decl.span, "nodes", graph.size, "nodes"):
            return NOTHING
        types = tuple(graph.type_of(output.ref) for output in graph.outputs)
        node = Node(name, refs, types, self.elaborator.origin(decl, env), body=graph)
        return node, tuple(output.name for output in graph.outputs)

    @contextmanager
    def inside(self, key: Any, name: str, decl: NodeDecl, block: str) -> Iterator[bool]:
        """Add a step to the trail while a body is made; False if it may not be."""
        trail, limit = self.reports.trail, self.elaborator.limits.block_depth
        place = decl.type.span if decl.type is not None else decl.span
        again, deep = key in self.open, len(self.open) >= limit
        if again:
            reason = f"`{block}` is used within itself with the same arguments"
            self.reports.add(errors.Recursion, place, name=block, reason=reason)
        elif deep and any(other[0] == key[0] for other in self.open):
            reason = f"`{block}` is used within itself more than {limit} deep"
            self.reports.add(errors.Recursion, place, name=block, reason=reason)
        elif deep:
            self.binder.within(place, "nested blocks", limit + 1, "block_depth")
        self.reports.trail = (*trail, Use(name, decl.span))
        self.open.append(key)
        try:
            yield not again and not deep
        finally:
            self.open.pop()
            self.reports.trail = trail


LITERAL = (
    "int",
    "float",
    "bool",
    "pair",
)  # params whose default is a value as it stands


def defaults(block: Block) -> dict[str, Any]:
    """Literal defaults of a block's params, which the emitted class takes over."""
    return {
        name: decl.default.value
        for name, decl in block.decl.params.items()
        if isinstance(decl.default, Scalar)
        and decl.kind in LITERAL
        and type(decl.default.value) is not str
    }
