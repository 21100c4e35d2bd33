"""The user's own modules that an emitted file imports."""

from netspec.graph import Elaborated, Node, walk
from netspec.operators.python import PythonModule


def own_nodes(network: Elaborated) -> list[tuple[str, Node]]:
    """The nodes of `python:` types, by path."""
    found = [(path, node) for path, node, _ in walk(network.graph)]
    return [(p, n) for p, n in found if isinstance(n.operator, PythonModule)]


def own_modules(network: Elaborated) -> list[str]:
    """The modules those types come from."""
    functions = {node.call.function for _, node in own_nodes(network)}
    return sorted({function.rpartition(".")[0] for function in functions})
