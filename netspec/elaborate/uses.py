"""A node as what its type says: an operator, a block, or an inline block."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from netspec.declarations import GraphDecl, NodeDecl
from netspec.diagnostics import Label, Span, Use
from netspec.elaborate.body import Site, Types
from netspec.elaborate.budget import weight
from netspec.elaborate.references import references
from netspec.elaborate.scope import Env, Given, Names
from netspec.elaborate.shapes import Asked
from netspec.elaborate.types import find_type
from netspec.elaborate.wiring import DEFAULT_INPUT
from netspec.errors import elaborate as errors
from netspec.graph import Graph, Node
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
        self.budget = elaborator.budget
        self.reports = elaborator.reports
        self.bodies: dict[Any, Graph | None] = {}
        self.open: list[Any] = []  # the bodies being made, outermost first

    def node(self, name: str, site: Site) -> Made:
        """The node under its name; (None, ()) if something in it is wrong."""
        decl = site.decl
        if decl.graph is not None:
            return self.inline(name, decl.graph, site)
        assert decl.type is not None
        target = find_type(decl.type, site.env, site.body.scope, self.elaborator.reader)
        if target is None:
            return NOTHING
        if isinstance(target.target, Block):
            return self.block(name, target.target, decl.type.span, site)
        turn = (Use(name, decl.span),) if decl.repeat is not None else ()
        with self.reports.within(*turn):
            return self.operator(name, target.target, decl.type.span, site)

    def operator(self, name: str, kind: type[Operator], span: Span, site: Site) -> Made:
        """A node of an operator; `span` is where its type is written."""
        body, decl, refs, types, env = site
        if issubclass(kind, PythonModule):
            kind = python_type(kind.path, decl.arguments) or kind
        operator = self.binder.operator(kind, decl.arguments, env, span)
        if operator is None:
            return NOTHING
        joined = decl.source is None or decl.source.join is not None
        written = decl.source.refs if decl.source is not None and not joined else ()
        asked = Asked(span, decl.arguments, body.producers(refs, written))
        outputs = self.elaborator.infer(operator, types, asked)
        known = tuple(output for output in outputs if output is not None)
        if len(known) < len(outputs):
            return NOTHING
        node = Node(name, refs, known, self.elaborator.origin(decl, env), operator)
        node.settle(tuple(type for type in types if type is not None))
        if body.decl.is_list:
            node.call = operator.as_layer(node.call)
        return node, operator.output_names

    def block(self, name: str, block: Block, span: Span, site: Site) -> Made:
        """A node of a block; `span` is where its type is written.

        If an argument is wrong, its inputs count as unknown: they may be wrong by it.
        """
        if not block.decl.is_whole:
            return NOTHING
        values, sound = self.binder.params(block, site, span)
        if not sound:
            is_read = site.decl.source is not None  # else it may lack its `from`
            inputs = site.types if is_read else _names(block.decl.graph)
            site = site._replace(types=(None,) * len(inputs))
        ports = self.ports(block.decl.graph, site, block.name, span)
        if ports is None:
            return NOTHING
        self.budget.spend(span, weight(values))
        key = self.key(block, values, tuple(type for _, type in ports))
        if key not in self.bodies or key in self.open:
            with self.inside(key, name, site.decl, block.name) as allowed:
                self.bodies[key] = None
                if allowed:
                    written = self.written(block, site)
                    self.bodies[key] = self.body(block, values, ports, written)
        return self.wrap(name, self.bodies[key], site) if sound else NOTHING

    def written(self, block: Block, site: Site) -> Names:
        """What was written for a block's params, at this use or as their defaults."""
        names: dict[str, Given] = {}
        for name, param in block.decl.params.items():
            entry = site.decl.arguments.get(name)
            if entry is not None:
                names[name] = self.elaborator.reader.origin(entry.value, site.env)
            elif param.default is not None:
                names[name] = Given(param.default, names)
        return names

    def key(self, block: Block, values: Mapping[str, Any], types: Types) -> Any:
        return (block, tuple(values.values()), types, id(self.elaborator.assume))

    def body(
        self,
        block: Block,
        values: Mapping[str, Any],
        ports: Ports,
        written: Names,
    ) -> Graph | None:
        return self.elaborator.graph(
            block.decl.graph,
            Env(values, dict(ports), outer=self.elaborator.params, written=written),
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
                self.bodies[key] = self.body(block, values, ports, {})
        return self.bodies[key]

    def inline(self, name: str, graph: GraphDecl, site: Site) -> Made:
        """A node with a graph of its own, which sees the names around it."""
        _, decl, _, types, env = site
        ports = self.ports(graph, site, decl.name, decl.span)
        if ports is None:
            return NOTHING
        used = references(graph.nodes, self.elaborator.named)
        values = {k: v for k, v in env.values.items() if k in used}
        self.budget.spend(decl.span, weight(values))
        key = (id(graph), tuple(values.items()), types, id(self.elaborator.assume))
        if key not in self.bodies:
            with self.inside(key, name, decl, name) as allowed:
                self.bodies[key] = None
                if allowed:
                    self.bodies[key] = self.elaborator.graph(
                        graph,
                        env.within(dict(ports)),
                        site.body.scope,
                        ports,
                        "inline",
                        "",
                        arguments=values,
                        doc=decl.doc,
                    )
        return self.wrap(name, self.bodies[key], site)

    def ports(self, decl: GraphDecl, site: Site, what: str, span: Span) -> Ports | None:
        """The inputs of a body, one type for each."""
        names, types = _names(decl), site.types
        if len(names) == len(types):
            return tuple(zip(names, types, strict=True))
        self.reports.add(
            errors.WrongInputs,
            span,
            type=what,
            expected=f"{len(names)} input{'s' if len(names) != 1 else ''}",
            found=f"{len(types)} given",
            inputs=_declared(decl),
            advice_text=_handed(names, site) if names[1:] else None,
        )
        return None

    def wrap(self, name: str, graph: Graph | None, site: Site) -> Made:
        """A body as a node, if there is one and all within it is not too much.

        One of unknown inputs was made for what is wrong in it, and is none.
        """
        decl = site.decl
        if graph is None or None in site.types:
            return NOTHING
        if not self.budget.within(decl.span, "nodes", graph.size, "nodes"):
            return NOTHING
        types = tuple(graph.type_of(output.ref) for output in graph.outputs)
        origin = self.elaborator.origin(decl, site.env)
        node = Node(name, site.refs, types, origin, body=graph)
        return node, tuple(output.name for output in graph.outputs)

    @contextmanager
    def inside(self, key: Any, name: str, decl: NodeDecl, block: str) -> Iterator[bool]:
        """Add a step to the trail while a body is made; False if it may not be."""
        allowed = self.allowed(key, decl, block)
        self.open.append(key)
        try:
            with self.reports.within(Use(name, decl.span)):
                yield allowed
        finally:
            self.open.pop()

    def allowed(self, key: Any, decl: NodeDecl, block: str) -> bool:
        """Whether a body may be made within those that are open; if not, why."""
        limit = self.elaborator.limits.block_depth
        place = decl.type.span if decl.type is not None else decl.span
        again, deep = key in self.open, len(self.open) >= limit
        if again:
            reason = f"`{block}` is used within itself with the same arguments"
            self.reports.add(errors.Recursion, place, name=block, reason=reason)
        elif deep and any(other[0] == key[0] for other in self.open):
            reason = f"`{block}` is used within itself more than {limit} deep"
            self.reports.add(errors.Recursion, place, name=block, reason=reason)
        elif deep:
            self.budget.within(place, "nested blocks", limit + 1, "block_depth")
        return not again and not deep


def _names(decl: GraphDecl) -> list[str]:
    """What a body calls its inputs."""
    if decl.inputs is None:
        return [DEFAULT_INPUT]
    return [scalar.text for scalar in decl.inputs]


def _declared(decl: GraphDecl) -> tuple[Label, ...]:
    """Where a block names its inputs."""
    if not decl.inputs:
        return ()
    first, last = decl.inputs[0].span, decl.inputs[-1].span
    span = first._replace(end_line=last.end_line, end_column=last.end_column)
    return (Label(span, "its inputs"),)


def _handed(names: list[str], site: Site) -> str:
    """How a node would hand over a value for each input of a block."""
    source = site.decl.source
    written = map(str, site.refs if source is None or source.join else source.refs)
    given = [name for name in written if ":" not in name]
    filled = [*given, *["…"] * len(names)][: len(names)]
    inputs = " and ".join(f"`{name}`" for name in names)
    return f"`from: [{', '.join(filled)}]` gives {inputs} one each"


# Params whose default is a value as it stands.
LITERAL = ("int", "float", "bool", "pair")


def defaults(block: Block) -> dict[str, Any]:
    """Literal defaults of a block's params, which the emitted class takes over."""
    return {
        name: decl.default.value
        for name, decl in block.decl.params.items()
        if isinstance(decl.default, Scalar)
        and decl.kind in LITERAL
        and type(decl.default.value) is not str
    }
