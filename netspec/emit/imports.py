"""The user's own modules that an emitted file imports."""

from netspec.graph import Elaborated, Node, walk
from netspec.operators.python import PythonModule


def own_nodes(network: Elaborated) -> list[tuple[str, Node]]:
    """The nodes of `python:` types, by path."""
    found = [(path, node) for path, node, _ in walk(network.graph)]
    return [(p, n) for p, n in found if isinstance(n.operator, PythonModule)]


def own_calls(network: Elaborated) -> dict[str, frozenset[str]]:
    """The classes of those types, each with the names of the arguments it is given."""
    found: dict[str, frozenset[str]] = {}
    for _, node in own_nodes(network):
        names = {argument.field for argument in node.call.arguments}
        found[node.call.function] = found.get(node.call.function, frozenset()) | names
    return found


def own_modules(network: Elaborated) -> list[str]:
    """The modules those types come from."""
    return sorted({path.rpartition(".")[0] for path in own_calls(network)})
