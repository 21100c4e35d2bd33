"""The text forms of the stages: what `netspec build --stage` prints."""

import json
from collections.abc import Iterator
from typing import Any

from netspec.graph import Elaborated, Graph, Node
from netspec.link import Spec
from netspec.source import Scalar, Sequence, Tree


def graph_text(network: Elaborated, *, shapes: bool = False) -> str:
    """The graph, one node a line; equal neighbours of a repeat are told once."""
    graph = network.graph
    inputs = ", ".join(f"{port.name}: {port.type}" for port in graph.inputs)
    outputs = ", ".join(
        f"{output.name + ': ' if output.name else ''}{graph.type_of(output.ref)}"
        for output in graph.outputs
    )
    lines = [f"network {network.name}({inputs}) -> {outputs}"]
    lines += [f"  where {constraint}" for constraint in network.constraints]
    lines += _nodes(graph, 1, shapes)
    return "\n".join(lines) + "\n"


def _nodes(graph: Graph, depth: int, shapes: bool) -> Iterator[str]:
    pad = "  " * depth
    for name, node, count in runs(graph):
        sources = ", ".join(str(ref) for ref in node.inputs)
        arrow = f" <- {sources}" if sources else ""
        if node.is_absent:
            yield f"{pad}{name}: absent{arrow}"
            continue
        types = ", ".join(str(output) for output in node.outputs)
        shape = f" : {types}" if shapes else ""
        times = f" ×{count}" if count > 1 else ""
        yield f"{pad}{name}: {describe(node)}{times}{arrow}{shape}"
        if node.body is not None and node.share is None:
            yield from _nodes(node.body, depth + 1, shapes)
    if graph.kind != "repeat":
        outputs = ", ".join(
            f"{o.name} = {o.ref}" if o.name else str(o.ref) for o in graph.outputs
        )
        yield f"{pad}return {outputs}"


def runs(graph: Graph) -> Iterator[tuple[str, Node, int]]:
    """A graph's nodes, equal neighbours of a repeat as one: (name, node, count)."""
    nodes = list(graph.nodes)
    position = 0
    while position < len(nodes):
        first = nodes[position]
        end = position + 1
        while (
            graph.kind == "repeat"
            and end < len(nodes)
            and same_module(nodes[end], first)
        ):
            end += 1
        name = (
            first.name
            if end - position == 1
            else f"{first.name}..{nodes[end - 1].name}"
        )
        yield name, first, end - position
        position = end


def same_module(first: Node, second: Node) -> bool:
    """Whether two nodes are the same again: equal bodies are one object."""
    if first.body is not None or second.body is not None:
        return first.body is second.body
    return first.operator == second.operator and first.state == second.state


def describe(node: Node) -> str:
    """A node's type with its arguments."""
    if node.share is not None:
        return f"share {node.share}"
    if node.body is None:
        arguments: Any = node.operator.items() if node.operator is not None else ()
        defaults = (
            {n: f.default for n, f in node.operator.fields.items()}
            if node.operator
            else {}
        )
        arguments = [
            (name, value) for name, value in arguments if value != defaults[name]
        ]
    else:
        arguments = node.body.arguments.items() if node.body.kind == "block" else ()
    inside = ", ".join(f"{name}={value!r}" for name, value in arguments)
    return f"{node.type}({inside})" if inside else node.type


def source_text(spec: Spec) -> str:
    """The merged document and the blocks it can use, as YAML."""
    lines: list[str] = []
    for key, entry in spec.document.keys.items():
        if key != "extends":  # it is merged in
            lines += _tree(f"{key}:", entry.value, 0)
    imported = [b for n, b in spec.scope.items() if n not in spec.document.blocks]
    for block in imported:
        lines.append(f"# block {block.name} from {block.decl.span}")
    return "\n".join(lines) + "\n"


def _tree(head: str, tree: Tree, depth: int) -> list[str]:
    """A value under its `key:` or its `-`."""
    start = "  " * depth + head
    match tree:
        case Scalar():
            quoted = json.dumps(tree.text, ensure_ascii=False)
            return [f"{start} {quoted if tree.quoted else tree.text}".rstrip()]
        case Sequence(items=()):
            return [f"{start} []"]
        case Sequence():
            parts = [("-", item) for item in tree.items]
        case _ if not tree.entries:
            return [f"{start} {{}}"]
        case _:
            parts = [(f"{name}:", e.value) for name, e in tree.entries.items()]
    lines = [start]
    for part, value in parts:
        lines += _tree(part, value, depth + 1)
    return lines
