"""What may be overwritten: values that no one else holds and no backward reads."""

from netspec.graph import Graph, Node


def is_fresh(graph: Graph, source: str) -> bool:
    """Whether a value is a new tensor that no backward reads and no one else holds."""
    node = graph.by_name.get(source)
    if node is None or node.is_absent:
        return False
    if node.operator is not None:
        return node.operator.fresh
    assert node.body is not None
    inner = node.body
    if len(inner.outputs) != 1:
        return False
    ref = inner.outputs[0].ref
    return len(inner.readers.get(inner.resolve(ref), ())) == 0 and is_fresh(
        inner, ref.source
    )


def runs_in_place(node: Node, graph: Graph) -> bool:
    """Whether overwriting its first input can be seen by no one, whenever it runs."""
    runs = [node, *(other for other in graph.present if other.share == node.name)]
    return all(_is_unseen(run, graph) for run in runs)


def _is_unseen(node: Node, graph: Graph) -> bool:
    ref = graph.resolve(node.inputs[0])
    outputs = {graph.resolve(output.ref) for output in graph.outputs}
    only_reader = len(graph.readers[ref]) == 1 and ref not in outputs
    return only_reader and is_fresh(graph, ref.source) and ref == node.inputs[0]
