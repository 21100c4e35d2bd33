"""Warns of what has no effect: a `when` that decides nothing, a bias that is undone."""

from netspec import expressions
from netspec.declarations import Document, GraphDecl
from netspec.errors import verify as errors
from netspec.graph import Elaborated, Graph, Node, Ref
from netspec.operators import Category
from netspec.reports import Reports
from netspec.source import Scalar


def conditions(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report each `when` of the spec that is the same whatever the params are."""
    graphs = [document.graph, *(block.graph for block in document.blocks.values())]
    for graph in graphs:
        if graph is not None:
            _conditions(graph, reports)


def _conditions(graph: GraphDecl, reports: Reports) -> None:
    for node in graph.nodes:
        if node.when is not None and _is_constant(node.when):
            reports.add(errors.ConstantCondition, node.when.span, value=node.when.text)
        if node.graph is not None:
            _conditions(node.graph, reports)


def _is_constant(when: Scalar) -> bool:
    """Whether a condition names nothing; what cannot be read is in an unused block."""
    if not isinstance(when.value, str):
        return True
    try:
        parts = expressions.walk(expressions.parse(when.text))
    except expressions.ExpressionError:
        return False
    names = (expressions.Name, expressions.Reference)
    return not any(isinstance(part, names) for part in parts)


def biases(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report a layer's bias that the batch norm after it subtracts again."""
    _biases(network.graph, document.span.source.name, reports, set())


def _biases(graph: Graph, file: str, reports: Reports, seen: set[int]) -> None:
    """A shared file's blocks may serve others as they are: this file's alone count."""
    if id(graph) in seen:
        return
    seen.add(id(graph))
    outputs = {graph.resolve(output.ref) for output in graph.outputs}
    for node in graph.present:
        if node.body is not None:
            _biases(node.body, file, reports, seen)
        elif "bias" not in node.state or Ref(node.name) in outputs:
            continue
        elif node.origin.span.source.name == file:
            _bias(graph, node, reports)


def _bias(graph: Graph, node: Node, reports: Reports) -> None:
    readers = graph.readers.get(Ref(node.name), ())
    kinds = (Category.CONVOLUTION, Category.LINEAR)
    if node.operator is None or node.operator.category not in kinds:
        return
    norms = [r for r in readers if r.type.startswith(("BatchNorm", "SyncBatchNorm"))]
    if len(readers) == 1 and norms:
        span = node.origin.span
        reports.add(errors.UndoneBias, span, name=node.name, norm=readers[0].name)
