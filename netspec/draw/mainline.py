"""The longest way through each graph, which a drawing keeps straight."""

from netspec.graph import Graph, Node

ASIDE = -1  # how far along a node without inputs is: behind the inputs


def main_line(graph: Graph) -> set[tuple[str, str]]:
    """The pairs of names, source and reader, on the longest way to any output."""
    depth: dict[str, int] = {}
    entry: dict[str, str] = {}
    for node in graph.present:
        sources = [graph.resolve(ref).source for ref in node.inputs]
        if sources:
            entry[node.name] = max(sources, key=lambda name: depth.get(name, 0))
        reached = [depth.get(source, 0) for source in sources]
        depth[node.name] = max(reached) + _size(node) if reached else ASIDE
    ends = {graph.resolve(output.ref).source: output.name for output in graph.outputs}
    end = max(ends, key=lambda name: depth.get(name, 0), default="")
    pairs = {(end, f"{ends[end]}>")} if ends else set()
    while end in entry:
        pairs.add((entry[end], end))
        end = entry[end]
    return pairs


def _size(node: Node) -> int:
    return node.body.size if node.body is not None else 1
