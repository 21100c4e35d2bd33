"""A spec and the values of its params -> the elaborated network."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from netspec import limits as limits_
from netspec.declarations import GraphDecl
from netspec.diagnostics import SpecError
from netspec.elaborate.inputs import Inputs, Ports
from netspec.elaborate.params import param_values
from netspec.elaborate.scope import Env, Names
from netspec.elaborate.walk import Elaborator
from netspec.elaborate.wiring import DEFAULT_INPUT
from netspec.graph import Elaborated, Graph
from netspec.limits import Limits
from netspec.link import Spec
from netspec.reports import Reports
from netspec.source import Scalar
from netspec.tensors import TensorType


def elaborate(
    spec: Spec,
    settings: Mapping[str, Any] | None = None,
    sizes: Mapping[str, int] | None = None,
    limits: Limits = limits_.DEFAULT,
) -> tuple[Elaborated, Reports]:
    """The network with its params settled, and what else was found: no errors.

    `settings` are param values, as Python values or as the `Tree` of a text; `sizes`
    give symbols other example sizes. Raises SpecError.
    """
    network = _Network(spec, limits)
    return network.elaborated(settings or {}, sizes or {}), network.reports


class _Network:
    def __init__(self, spec: Spec, limits: Limits) -> None:
        self.spec = spec
        self.document = spec.document
        self.elaborator = Elaborator(limits)
        self.reports: Reports = self.elaborator.reports
        self.inputs = Inputs(spec.document.inputs, self.elaborator)
        self.written: Names = {}  # for the values of params

    def elaborated(
        self, settings: Mapping[str, Any], sizes: Mapping[str, int]
    ) -> Elaborated:
        """What is wrong with a step is unknown to the next, which goes on."""
        values, self.written = param_values(self.spec, settings, self.elaborator.binder)
        self.elaborator.params = values
        self.elaborator.outside.begin(self.written)
        ports = self.inputs.ports(values)
        if None not in ports.values():
            self.inputs.promises(values)
        graph = self.graph(values, ports)
        self.measure(graph)
        self.reports.stop()
        if graph is None:  # what is wrong was found before
            raise SpecError
        example = self.inputs.example(sizes)
        self.reports.stop()
        return Elaborated(
            name=self.spec.name,
            doc=self.document.doc,
            graph=graph,
            sizes=example,
            constraints=tuple(self.elaborator.assume.report()),
            values=values,
            is_default=not settings,
        )

    def measure(self, graph: Graph | None) -> None:
        """Report a network that is too large as a whole."""
        if graph is not None:
            span, within = self.spec.span, self.elaborator.budget.within
            within(span, "nodes", graph.size, "nodes")
            within(span, "parameters", graph.parameters, "parameters")

    def graph(self, values: Mapping[str, Any], ports: Ports) -> Graph | None:
        """The network's graph, or None if something in it is wrong."""
        inputs = dict(ports)
        if len(ports) == 1:
            inputs.setdefault(DEFAULT_INPUT, next(iter(ports.values())))
        symbols = frozenset(self.inputs.symbols)
        env = Env(values, inputs, symbols, written=self.written)
        return self.elaborator.graph(
            self.root,
            env,
            self.spec.scope,
            tuple(ports.items()),
            "network",
            self.spec.name,
            arguments=values,
            doc=self.document.doc,
            again=self.again,
        )

    @cached_property
    def root(self) -> GraphDecl:
        """The document's graph with the document's inputs and outputs."""
        decl = self.document.graph
        assert decl is not None
        inputs = [Scalar(i.name, i.name, i.span) for i in self.document.inputs]
        return decl._replace(inputs=tuple(inputs), outputs=self.document.outputs)

    def again(
        self, values: Mapping[str, Any], _: tuple[TensorType, ...]
    ) -> Graph | None:
        """The network at other params; None, and nothing reported, if it has none."""
        found = None
        with self.elaborator.quiet():
            ports = self.inputs.ports(values)
            found = None if None in ports.values() else self.graph(values, ports)
        return found
