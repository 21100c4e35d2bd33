"""Warns of inputs and nodes that nothing reads."""

from netspec.declarations import Document
from netspec.errors.verify import UnreadInput, UnreadNode
from netspec.graph import Elaborated, Graph, Node
from netspec.reports import Reports


def check(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report each input and declared node that is neither read nor an output, once."""
    read = _read(network.graph)
    for port in document.inputs:
        if port.name not in read:
            reports.add(UnreadInput, port.span.head, name=port.name)
    seen: set[int] = set()
    _graph(network.graph, reports, seen)


def _read(graph: Graph) -> set[str]:
    """The names of the inputs and nodes that others read."""
    read = {ref.source for node in graph.nodes for ref in node.inputs}
    read |= {output.ref.source for output in graph.outputs}
    return read | {node.share for node in graph.nodes if node.share is not None}


def _graph(graph: Graph, reports: Reports, seen: set[int]) -> None:
    if id(graph) in seen:
        return
    seen.add(id(graph))
    read = _read(graph)
    for node in graph.present:
        if node.name not in read:
            _report(node, reports)
        if node.body is not None:
            _graph(node.body, reports, seen)


def _report(node: Node, reports: Reports) -> None:
    name = node.name.partition(":")[0]
    reports.add(
        UnreadNode,
        node.origin.span,
        name=name,
        advice_text=f"name it in a `from`, or among the outputs, or remove `{name}`",
    )
