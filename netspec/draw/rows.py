"""Nodes of a graph -> the lines of text that a drawing shows for them."""

from collections.abc import Mapping
from typing import Any

from netspec.diagnostics import Span
from netspec.dimensions import TooComplex
from netspec.draw import text
from netspec.draw.model import Place, Row
from netspec.graph import Graph, Node, Output, Port, macs_of
from netspec.link import LIBRARY, SCHEME


class Rows:
    """Makes rows; shapes are at `sizes`, costs at `example`."""

    def __init__(self, sizes: Mapping[str, int], example: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.example = example
        self.sources: dict[str, str] = {}
        self._costs: dict[int, int] = {}

    def node(self, graph: Graph, node: Node, path: str, link: Place | None) -> Row:
        """The row of an operator, or the heading of a block."""
        place = place_of(node.origin.span)
        self.sources.setdefault(place.file, node.origin.span.source.text)
        own = None if place.file.startswith(SCHEME) else place
        row = Row(
            path=f"{path}{node.name}",
            name="" if ":" in node.name else node.name,
            type=_type(node),
            shape=" · ".join(text.shape(out, self.sizes) for out in node.outputs),
            parameters=node.parameters,
            macs=self._macs(graph, node),
            doc=node.origin.doc,
            place=place,
            link=own or link,
        )
        if node.operator is not None:
            inputs = tuple(graph.type_of(ref) for ref in node.inputs)
            known = node.operator.inferred(inputs)
            given = {**known, **dict(node.operator.items())}
            return row._replace(
                category=node.operator.category.value,
                arguments=_shared(node, text.arguments(node.operator)),
                details=_details(given),
            )
        assert node.body is not None
        return row._replace(
            arguments=_shared(node, _block_arguments(node.body)),
            details=_details(node.body.arguments if node.body.kind == "block" else {}),
            doc=row.doc or node.body.doc,
        )

    def port(self, port: Port) -> Row:
        """The row of a network's input."""
        return Row(
            path=port.name, name=port.name, type="input",
            arguments="" if port.type.dtype == "float32" else port.type.dtype,
            shape=text.shape(port.type, self.sizes),
        )  # fmt: skip

    def output(self, graph: Graph, output: Output) -> Row:
        """The row of a network's output, which says so where its name does not."""
        name = output.name or "output"
        facts = ["output"] if name != "output" else []
        facts += [f"{output.mode} only"] if output.mode else []
        return Row(
            path=name, name=name, type="output",
            arguments=", ".join(facts),
            shape=text.shape(graph.type_of(output.ref), self.sizes),
        )  # fmt: skip

    def _macs(self, graph: Graph, node: Node) -> int | None:
        try:
            return macs_of(node, graph, self.example, self._costs)
        except (KeyError, TooComplex):
            return None


def place_of(span: Span) -> Place:
    """The place of a span; files of the standard library go by their import name."""
    file = span.source.name
    if file.startswith(str(LIBRARY)):
        file = SCHEME + file.removeprefix(f"{LIBRARY}/").removesuffix(".yaml")
    return Place(file, span.line)


def _type(node: Node) -> str:
    if node.body is None:
        return node.type
    return node.body.name if node.body.kind == "block" else ""


def _shared(node: Node, arguments: str) -> str:
    if node.share is None:
        return arguments
    return f"weights of {node.share}"


def _block_arguments(body: Graph) -> str:
    if body.kind != "block":
        return ""
    return ", ".join(
        f"{name} {text.value(given, name)}"
        for name, given in body.arguments.items()
        if name not in body.defaults or body.defaults[name] != given
    )


def _details(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text.value(part, name)) for name, part in given.items())
