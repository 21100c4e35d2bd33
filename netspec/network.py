"""A compiled network: what `netspec.compile` gives. Only a module needs torch."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netspec.constraints import Constraint
from netspec.diagnostics import Finding
from netspec.graph import Elaborated, Graph, walk, weights
from netspec.link import Spec

if TYPE_CHECKING:
    from torch import nn

    from netspec.draw.notebook import Page


class Network:
    """A spec, compiled: its graph with every shape, and what can be made of it."""

    def __init__(
        self,
        spec: Spec,
        elaborated: Elaborated,
        warnings: tuple[Finding, ...] = (),
        allow_python: Sequence[str] = (),
    ) -> None:
        self.spec = spec
        self.elaborated = elaborated
        self.warnings = warnings
        self.allow_python = tuple(allow_python)  # whose code a module may run

    @property
    def name(self) -> str:
        return self.elaborated.name

    @property
    def doc(self) -> str:
        return self.elaborated.doc

    @property
    def graph(self) -> Graph:
        """The typed graph, see `netspec.graph`."""
        return self.elaborated.graph

    @property
    def sizes(self) -> Mapping[str, int]:
        """The example sizes of the symbols."""
        return self.elaborated.sizes

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """What must hold between the symbols: `H >= 32`."""
        return self.elaborated.constraints

    @property
    def parameters(self) -> int:
        """The number of learnable parameters."""
        return self.elaborated.parameters

    @property
    def macs(self) -> int | None:
        """Multiply-adds of one sample at the example sizes; FLOPs are twice that."""
        return self.elaborated.macs

    @cached_property
    def shapes(self) -> dict[str, tuple[Any, ...]]:
        """The shape of every node's first output by path, without the batch."""
        return {path: node.outputs[0].shape for path, node, _ in walk(self.graph)}

    @property
    def outputs(self) -> dict[str, tuple[Any, ...]]:
        """The shape of each output by name, without the batch."""
        graph = self.graph
        return {o.name or "output": graph.type_of(o.ref).shape for o in graph.outputs}

    @cached_property
    def state(self) -> dict[str, tuple[int, ...]]:
        """The keys and shapes of the module's `state_dict`."""
        return {key: weight.shape for key, weight in weights(self.graph)}

    # Texts ----------------------------------------------------------------------------

    def source_text(self) -> str:
        """The spec with everything it extends and imports, as one tree."""
        from netspec.text import source_text

        return source_text(self.spec)

    def graph_text(self) -> str:
        """The elaborated graph, one node a line."""
        from netspec.text import graph_text

        return graph_text(self.elaborated)

    def shapes_text(self) -> str:
        """The elaborated graph with every shape."""
        from netspec.text import graph_text

        return graph_text(self.elaborated, shapes=True)

    def summary(self, depth: int | None = None) -> str:
        """A table of nodes with shapes, parameters and MACs, `depth` levels deep."""
        from netspec.summary import table

        return table(self.elaborated, depth)

    @cached_property
    def _lines(self) -> list[str]:
        from netspec.emit.source import emit

        return emit(self.elaborated)

    def to_source(self) -> str:
        """The network as a Python file that needs torch alone."""
        return "".join(f"{line}\n" for line in self._lines)

    # Modules and pictures -------------------------------------------------------

    def to_class(self) -> "type[nn.Module]":
        """The emitted class itself.

        Raises SpecError for a `python:` type that is not allowed.
        """
        from netspec.emit.imports import own_calls
        from netspec.emit.live import load
        from netspec.emit.own import need_allowed
        from netspec.emit.places import remember
        from netspec.names import class_name

        need_allowed(self.elaborated, self.allow_python)
        own = own_calls(self.elaborated)
        spec = self.spec.document.span.source.name
        file = load(self.to_source(), self.name, own, spec)
        remember(file, self._lines, self.elaborated)
        cls: type[nn.Module] = getattr(file, class_name(self.name))
        return cls

    def to_module(self) -> "nn.Module":
        """A new, initialised module: the very code that `to_source` gives.

        Raises SpecError for a `python:` type that gives another result than stated.
        """
        from netspec.emit.own import need_as_stated

        module = self.to_class()()
        need_as_stated(self.elaborated, module)
        return module

    def draw(self, format: str = "svg", **options: Any) -> str | bytes:
        """A drawing, see `netspec.draw.draw`: text, or bytes for png and pdf."""
        from netspec.draw import draw

        return draw(self.elaborated, format=format, **options)

    def page(self) -> "Page":
        """The interactive drawing for a notebook: blocks fold, search finds nodes."""
        from netspec.draw.notebook import Page

        return Page(self.elaborated)

    def _repr_svg_(self) -> str:
        return str(self.draw("svg"))

    def __repr__(self) -> str:
        return f"<Network {self.name}: {self.parameters:,} parameters>"
