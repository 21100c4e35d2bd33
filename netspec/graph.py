"""The intermediate representation: one hierarchical, typed, frozen graph.

A `Graph` is a body: inputs, nodes in topological order, outputs. A `Node` holds an
operator, or a body of its own (a block, an inline block, a repeat). Bodies that are
equal are the same object, so a thousand equal blocks cost one, and "the same again" is
`is`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from netspec.constraints import Constraint
from netspec.diagnostics import Span
from netspec.dimensions import Dim, TooComplex, evaluate, substitute
from netspec.operators.base import Call
from netspec.tensors import TensorType

if TYPE_CHECKING:
    from netspec.expressions import Expression, Written
    from netspec.fills import InitRule
    from netspec.operators.base import Operator, Weight


NO_CALL = Call("")
Again = Callable[[Mapping[str, Any], tuple[TensorType, ...]], "Graph | None"]


class Ref(NamedTuple):
    """A value within one graph: an output of a node, or an input of the graph."""

    source: str
    output: int = 0

    def __str__(self) -> str:
        return f"{self.source}.{self.output}" if self.output else self.source


class Port(NamedTuple):
    """A named input of a graph."""

    name: str
    type: TensorType


class Output(NamedTuple):
    """A named output of a graph; `mode` is "train" for one that only training has."""

    name: str
    ref: Ref
    mode: str | None = None


class Origin(NamedTuple):
    """What a node was written as; emission turns it back into Python's words.

    `key` is the same for every elaboration of one declaration; `expressions` are the
    arguments' own, where they were written as such, a list's one for each item; `over`
    is what a `repeat` counts; `loop` holds the index and the element of its child.
    """

    key: Any
    span: Span
    expressions: Mapping[str, "Written"]
    when: "Expression | None" = None
    over: "Expression | None" = None
    doc: str = ""
    loop: Mapping[str, Any] = {}


class Node:
    """One step of a graph: an operator, a body, or (with neither) an absent node.

    An absent node is one whose `when` is false: its single input flows through.
    `name` is the attribute's name in the module, except for a join written as a
    connection, whose name holds a `:` and which has no parameters.
    """

    __slots__ = (
        "body",
        "call",
        "inputs",
        "name",
        "operator",
        "origin",
        "outputs",
        "share",
        "state",
        "train_only",
    )

    def __init__(
        self,
        name: str,
        inputs: tuple[Ref, ...],
        outputs: tuple[TensorType, ...],
        origin: Origin,
        operator: "Operator | None" = None,
        body: "Graph | None" = None,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.origin = origin
        self.operator = operator
        self.body = body
        self.share: str | None = None  # the sibling whose module this node runs again
        self.train_only = False  # it exists only for outputs of `mode: train`
        self.call: Call = NO_CALL  # what the operator is emitted as
        self.state: Mapping[str, Weight] = {}  # the operator's parameters and buffers

    def settle(self, inputs: tuple[TensorType, ...]) -> None:
        """Work out the operator's state and call, now that its inputs are known."""
        assert self.operator is not None
        self.state = self.operator.state(inputs)
        self.call = self.operator.call(inputs)

    @property
    def is_absent(self) -> bool:
        return self.operator is None and self.body is None

    @property
    def type(self) -> str:
        """The operator's or block's name, as people read it."""
        if self.operator is not None:
            return type(self.operator).__name__
        return self.body.title if self.body is not None else "absent"

    @property
    def parameters(self) -> int:
        """How many learnable numbers this node owns (a shared one owns none)."""
        if self.share is not None:
            return 0
        if self.body is not None:
            return self.body.parameters
        return sum(
            prod(weight.shape) for weight in self.state.values() if weight.learnt
        )

    def __repr__(self) -> str:
        return f"<{self.name}: {self.type}>"


class Graph:
    """A body. `kind` is "network", "block", "inline" or "repeat".

    `arguments` are the values the body was elaborated with: a block's params.
    `definition` is shared by all elaborations of one declaration.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        definition: Any,
        inputs: tuple[Port, ...],
        nodes: tuple[Node, ...],
        outputs: tuple[Output, ...],
        *,
        arguments: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        is_list: bool = False,
        doc: str = "",
        again: "Again | None" = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.definition = definition
        self.inputs = inputs
        self.nodes = nodes
        self.outputs = outputs
        self.arguments = dict(arguments or {})
        self.defaults = dict(defaults or {})
        self.is_list = is_list
        self.doc = doc
        self.again = again  # elaborates the same declaration at other values

    @property
    def title(self) -> str:
        """The block's name, or what kind of body this is."""
        return self.name or {"inline": "block", "repeat": "repeat"}.get(
            self.kind, self.kind
        )

    @cached_property
    def by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def present(self) -> tuple[Node, ...]:
        """The nodes that exist: those a `when` took away left out."""
        return tuple(node for node in self.nodes if not node.is_absent)

    def type_of(self, ref: Ref) -> TensorType:
        if ref.source in self.by_name:
            return self.by_name[ref.source].outputs[ref.output]
        return next(port.type for port in self.inputs if port.name == ref.source)

    def resolve(self, ref: Ref) -> Ref:
        """The value that `ref` really is, absent nodes followed through."""
        way = []
        while ref.source in self.by_name and self.by_name[ref.source].is_absent:
            if ref in self._resolved:
                ref = self._resolved[ref]
                break
            way.append(ref)
            ref = self.by_name[ref.source].inputs[0]
        self._resolved.update(dict.fromkeys(way, ref))
        return ref

    @cached_property
    def _resolved(self) -> dict[Ref, Ref]:
        """What was found behind absent nodes; a chain of them is gone once."""
        return {}

    @cached_property
    def readers(self) -> dict[Ref, tuple[Node, ...]]:
        """Who reads each value, absent nodes followed through."""
        found: dict[Ref, list[Node]] = {}
        for node in self.present:
            for ref in node.inputs:
                found.setdefault(self.resolve(ref), []).append(node)
        return {ref: tuple(nodes) for ref, nodes in found.items()}

    @cached_property
    def parameters(self) -> int:
        return sum(node.parameters for node in self.present)

    @cached_property
    def size(self) -> int:
        """How many nodes this body has, all levels counted."""
        return sum(
            1 + (node.body.size if node.body is not None else 0)
            for node in self.present
        )

    def macs(self, sizes: Mapping[str, int]) -> int:
        """Multiply-adds of one sample at the given sizes of the symbols."""
        return _macs(self, sizes, {})

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}: {len(self.nodes)} nodes>"


def macs_of(
    node: Node, graph: Graph, sizes: Mapping[str, int], cache: dict[int, int]
) -> int:
    """Multiply-adds of one node for one sample; `cache` is kept by body."""
    if node.body is not None:
        return _macs(node.body, sizes, cache)
    if node.operator is None:
        return 0
    inputs = tuple(graph.type_of(ref) for ref in node.inputs)
    return evaluate(node.operator.macs(inputs, node.outputs), sizes)


def _macs(graph: Graph, sizes: Mapping[str, int], cache: dict[int, int]) -> int:
    if id(graph) not in cache:
        cache[id(graph)] = sum(
            macs_of(node, graph, sizes, cache)
            for node in graph.present
            if not node.train_only
        )
    return cache[id(graph)]


def walk(graph: Graph, path: str = "") -> Iterator[tuple[str, Node, Graph]]:
    """Every present node with its dotted path and the graph that holds it."""
    for node in graph.present:
        name = f"{path}{node.name}"
        yield name, node, graph
        if node.body is not None:
            yield from walk(node.body, f"{name}.")


def weights(graph: Graph, path: str = "") -> Iterator[tuple[str, "Weight"]]:
    """Every tensor a graph owns, as in the `state_dict`; a shared one once.

    A module's own come before those of the modules in it, and learnt ones first.
    """
    owners = [node for node in graph.present if node.share is None]
    own = [node for node in owners if "" in node.state]
    for node in sorted(own, key=lambda node: not node.state[""].learnt):
        yield f"{path}{node.name}", node.state[""]
    for node in owners:
        for name, weight in node.state.items() if "" not in node.state else ():
            yield f"{path}{node.name}.{name}", weight
        if node.body is not None:
            yield from weights(node.body, f"{path}{node.name}.")


class Elaborated(NamedTuple):
    """A whole network, elaborated and typed: what the passes and emitters work on."""

    name: str
    doc: str
    graph: Graph
    sizes: Mapping[str, int]  # the example sizes of the symbols
    constraints: tuple[Constraint, ...]  # what must hold between sizes
    values: Mapping[str, Any]  # the params
    is_default: bool = True  # no param was set from outside
    init: tuple["InitRule", ...] = ()  # from the check on, as the ties
    ties: tuple[tuple[str, str], ...] = ()  # the first of a pair becomes the second

    @property
    def parameters(self) -> int:
        """How many numbers are learnt; one that is tied to another counts once."""
        if not self.ties:
            return self.graph.parameters
        owned = dict(weights(self.graph))
        return self.graph.parameters - sum(
            prod(owned[tied].shape) for tied, _ in self.ties
        )

    @property
    def macs(self) -> int | None:
        """Multiply-adds of one sample at the example sizes; None without an example."""
        try:
            return self.graph.macs(self.sizes)
        except (KeyError, TooComplex):
            return None

    def size_of(self, dim: Dim) -> Dim:
        """The dimension at the example sizes, as far as they give it one."""
        return substitute(dim, self.sizes)
