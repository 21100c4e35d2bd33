"""How the tuple that a call returns is taken apart by name: `x, (hidden, _) = …`."""

from collections.abc import Iterator, Mapping

from netspec.graph import Node
from netspec.operators.base import Result, Results


def results_of(node: Node) -> Results | None:
    """What the node's call returns; None if that is the node's value itself."""
    if node.call.results is not None or len(node.outputs) == 1:
        return node.call.results
    return tuple(Result(i) for i in range(len(node.outputs)))


def pattern(results: Results, names: Mapping[int, str]) -> str:
    """The left-hand side: `names` by output, and `_` for what nobody reads."""
    parts = []
    for result in results:
        if isinstance(result, Result):
            parts.append(_name(result, names) or "_")
        else:
            inner = pattern(result, names)
            parts.append(f"({inner})" if set(inner) - set("_, ") else "_")
    return ", ".join(parts) + ("," if len(parts) == 1 else "")


def methods(results: Results, names: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """What is called on the parts after that: each name, and its call."""
    for result in results:
        if not isinstance(result, Result):
            yield from methods(result, names)
        elif result.then is not None and (name := _name(result, names)):
            method, arguments = result.then
            yield name, f"{name}.{method}({', '.join(map(repr, arguments))})"


def _name(result: Result, names: Mapping[int, str]) -> str | None:
    return None if result.output is None else names.get(result.output)
