"""Warns of nodes whose result nothing reads."""

from netspec.declarations import Document
from netspec.elaborate.reports import Reports
from netspec.errors.verify import UnreadNode
from netspec.graph import Elaborated, Graph, Node


def check(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report each declared node that is neither read nor an output, once."""
    seen: set[int] = set()
    _graph(network.graph, reports, seen)


def _graph(graph: Graph, reports: Reports, seen: set[int]) -> None:
    if id(graph) in seen:
        return
    seen.add(id(graph))
    read = {ref.source for node in graph.nodes for ref in node.inputs}
    read |= {output.ref.source for output in graph.outputs}
    read |= {node.share for node in graph.nodes if node.share is not None}
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
