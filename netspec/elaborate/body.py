"""A graph under construction: what its names stand for, and its nodes so far."""

from functools import cached_property
from typing import NamedTuple

from netspec.declarations import GraphDecl, NodeDecl, RefDecl
from netspec.diagnostics import Label
from netspec.elaborate.scope import Env
from netspec.errors import elaborate as errors
from netspec.graph import Node, Ref
from netspec.link import Scope
from netspec.operators import Operator
from netspec.reports import Reports
from netspec.spelling import suggest
from netspec.tensors import TensorType

Types = tuple[TensorType | None, ...]


class Value:
    """What a name stands for in a graph: its outputs' names, refs and types."""

    __slots__ = ("names", "refs", "types")

    def __init__(
        self, names: tuple[str, ...], refs: tuple[Ref, ...], types: Types
    ) -> None:
        self.names = names
        self.refs = refs
        self.types = types


UNKNOWN = ("?",)  # the output names of a node that is wrong


class Body:
    """The values and nodes of one graph; `sound` is false once something is wrong."""

    def __init__(
        self, decl: GraphDecl, env: Env, scope: Scope, reports: Reports
    ) -> None:
        self.decl = decl
        self.env = env
        self.scope = scope
        self.reports = reports
        self.values: dict[str, Value] = {}
        self.nodes: dict[str, Node] = {}
        self.sound = True
        self.index = 0  # the next number in a list

    def no_output(self, decl: GraphDecl) -> None:
        """Say that a graph gives nothing, where nothing else is wrong with it."""
        if self.sound:
            lasting = [o.ref.span for o in decl.outputs or () if not o.mode]
            span = lasting[0] if lasting else decl.span.head
            reason = "the node is absent" if decl.outputs else "no node reads its input"
            self.reports.add(errors.OutputAbsent, span, reason=reason)

    def name(self, decl: NodeDecl) -> str:
        """A present node's name: its own, or in a list the next number."""
        if not self.decl.is_list:
            return decl.name
        self.index += 1
        return str(self.index - 1)

    def absent_name(self, decl: NodeDecl) -> str:
        """An absent node's name, which in a list takes no number."""
        return f":{decl.name}" if self.decl.is_list else decl.name

    def add(self, node: Node, names: tuple[str, ...], alias: str) -> None:
        """Take in a node, under the name that others read it by."""
        if node.name in self.nodes:
            self.sound = False
            self.reports.add(errors.NameClash, node.origin.span, name=node.name)
            return
        self.nodes[node.name] = node
        refs = tuple(Ref(node.name, i) for i in range(len(node.outputs)))
        self.values[alias] = Value(names, refs, node.outputs)

    def unknown(self, decl: NodeDecl) -> None:
        """A node that is wrong: what reads it is left unchecked."""
        self.sound = False
        self.values[decl.name] = Value(UNKNOWN, (Ref(decl.name),), (None,))

    def read(self, ref: RefDecl) -> tuple[Ref, TensorType | None]:
        """The value a name stands for; `lstm.hidden` picks an output."""
        value = self.values.get(ref.name)
        if value is None:
            self.sound = False
            return Ref(ref.name), None
        if ref.output is not None and ref.output not in value.names:
            if value.names != UNKNOWN:
                self._no_output(ref, value)
            self.sound = False
            return value.refs[0], None
        at = value.names.index(ref.output) if ref.output is not None else 0
        if value.types[at] is None:
            self.sound = False
        return value.refs[at], value.types[at]

    def _no_output(self, ref: RefDecl, value: Value) -> None:
        name = (ref.output or "")[:64]
        self.reports.add(
            errors.UnknownOutput,
            ref.span,
            node=ref.name,
            name=name,
            advice_text=self._inside(ref, value) or _outputs(ref.name, name, value),
        )

    def _inside(self, ref: RefDecl, value: Value) -> str | None:
        """Advice on an output that is a node within the one that is read."""
        node = self.nodes.get(value.refs[0].source)
        graph = node.body if node is not None else None
        if graph is None or all(inner.name != ref.output for inner in graph.nodes):
            return None
        inside = f"`{ref.output}` is inside `{graph.name or ref.name}`"
        if graph.kind == "repeat":
            return f"{inside}, and a `repeat` gives its last node alone"
        outputs = {output.name or "output": output.ref for output in graph.outputs}
        written = [f"{name}: {read}" for name, read in outputs.items()]
        written.append(f"{ref.output}: {ref.output}")
        return f"{inside}: give that `outputs: {{{', '.join(written)}}}`"

    def producers(
        self, refs: tuple[Ref, ...], written: tuple[RefDecl, ...] = ()
    ) -> tuple["Producer", ...]:
        """Where the values that a node reads come from, and are written."""
        names = (*written, *[None] * len(refs))
        return tuple(Producer(self, r, n) for r, n in zip(refs, names, strict=False))

    def type_of(self, ref: Ref) -> TensorType | None:
        """The type of a value in this graph."""
        node = self.nodes.get(ref.source)
        if node is not None:
            return node.outputs[ref.output]
        value = self.values.get(ref.source)
        return value.types[0] if value is not None else None

    def inputs_of(self, node: Node) -> Types:
        """The types of what a node of this graph reads."""
        return tuple(map(self.type_of, node.inputs))

    @cached_property
    def declared(self) -> dict[str, NodeDecl]:
        """The graph's declarations by name."""
        return {node.name: node for node in self.decl.nodes}


def _outputs(node: str, name: str, value: Value) -> str:
    """Which outputs a node has, or the one that was meant."""
    named = [output for output in value.names if output]
    close = suggest(name, named)
    if close:
        return f"did you mean `{node}.{close}`?"
    if named:
        return "it has " + ", ".join(f"`{node}.{output}`" for output in named)
    return f"it has one output; write `{node}`"


class Producer(NamedTuple):
    """Where a value that is read comes from: a node of the graph, or its input."""

    body: Body
    ref: Ref
    written: RefDecl | None  # how a `from` names it, if one does

    @property
    def node(self) -> Node | None:
        """The node that gives it, absent ones followed through; None for an input."""
        node = self.body.nodes.get(self.ref.source)
        while node is not None and node.is_absent and node.inputs:
            node = self.body.nodes.get(node.inputs[0].source)
        return node

    def label(self, type: TensorType) -> Label | None:
        """What it gives, said where it is declared, or else where it is named."""
        node = self.node
        if node is not None:
            return Label(node.origin.span, f"gives {type}")
        if self.written is not None:
            return Label(self.written.span, f"`{self.written}` is {type}")
        declared = [i for i in self.body.decl.inputs or () if i.text == self.ref.source]
        return Label(declared[0].span, f"gives {type}") if declared else None

    def origin(self) -> Node | None:
        """The node that gave the value its shape; None for an input of the graph."""
        node = self.node
        for _ in self.chain():
            assert node is not None
            node = Producer(self.body, node.inputs[0], None).node
        return node

    def chain(self) -> list[Operator]:
        """The operators from the last one back to `origin` that kept the shape."""
        steps: list[Operator] = []
        node = self.node
        while node is not None and node.operator is not None and len(node.inputs) == 1:
            if node.outputs != self.body.inputs_of(node) or _shapes(node.operator):
                break
            steps.append(node.operator)
            node = Producer(self.body, node.inputs[0], None).node
        return steps


def _shapes(operator: Operator) -> bool:
    """Whether an operator's arguments say what it makes."""
    return bool(
        {"out_channels", "out_features", "kernel_size"} & operator.fields.keys()
    )


class Site(NamedTuple):
    """A declared node where it is made: its graph, what it reads, what names mean."""

    body: Body
    decl: NodeDecl
    refs: tuple[Ref, ...]
    types: Types
    env: Env
