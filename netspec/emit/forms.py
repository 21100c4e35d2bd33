"""What nodes and bodies are in the emitted file: modules, lines, chains or classes."""

from collections.abc import Sequence

from netspec.graph import Graph, Node
from netspec.operators.base import Form


def is_module(node: Node) -> bool:
    """Whether the node is an attribute of its class, not only a line of `forward`."""
    if node.body is not None:
        return not is_repeated_call(node)
    return node.operator is not None and node.call.form is Form.MODULE


def is_repeated_call(node: Node) -> bool:
    """A repeat of an operator that is no module: lines of `forward`."""
    if node.body is None or node.body.kind != "repeat":
        return False
    child = node.body.nodes[0]
    return child.operator is not None and child.call.form is not Form.MODULE


def is_plain_module(node: Node) -> bool:
    """A module that takes one tensor and gives one: nn.Sequential can hold it."""
    if node.share is not None or len(node.inputs) != 1 or len(node.outputs) != 1:
        return False
    if not is_module(node):
        return False
    return len(node.body.outputs) == 1 if node.body is not None else _plain_call(node)


def _plain_call(node: Node) -> bool:
    call = node.call
    return call.operands is None and not call.forward and call.results is None


def is_chain(graph: Graph) -> bool:
    """Whether the body is one module after the other, nothing else."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return False
    if not all(is_plain_module(node) for node in graph.present):
        return False
    value = graph.inputs[0].name
    for node in graph.nodes:
        if len(node.inputs) != 1 or node.inputs[0] != (value, 0):
            return False
        value = node.name
    return graph.outputs[0].ref == (value, 0) and bool(graph.present)


def is_class(graph: Graph) -> bool:
    """Whether a body becomes a class of its own."""
    if graph.kind in ("block", "network"):
        return True
    return graph.kind == "inline" and not is_chain(graph)


def is_sequential(container: Graph) -> bool:
    """Whether nn.Sequential can hold a repeat: each child reads the last alone."""
    return len(container.inputs) == 1 and all(map(is_plain_module, container.nodes))


def is_loop(node: Node) -> bool:
    """Whether a repeat is a loop in `forward`: nn.Sequential cannot hold it."""
    body = node.body
    return body is not None and body.kind == "repeat" and not is_sequential(body)


def fullest(bodies: Sequence[Graph]) -> Graph:
    """The body with the most nodes: it has all that any instance of its class has."""
    return max(bodies, key=lambda body: len(body.present))


def switch(node: Node, graph: Graph) -> str:
    """The attribute that says whether a line of `forward` is there: no node's name."""
    name = f"has_{node.name}"
    while name in graph.by_name:
        name += "_"
    return name
