"""What a network returns: a tensor, or a named tuple of several."""

from netspec.emit.layout import INDENT
from netspec.graph import Graph, Output


def ordered_outputs(graph: Graph) -> list[Output]:
    """The outputs as they are returned: those that only training has come last."""
    return sorted(graph.outputs, key=lambda output: output.mode is not None)


def is_optional(output: Output, graph: Graph) -> bool:
    """Whether the named tuple is also made without this output."""
    always = [other for other in graph.outputs if other.mode is None]
    return output.mode is not None and len(always) > 1


def result_class(name: str, graph: Graph) -> list[str]:
    """The named tuple of a network with several outputs."""
    lines = [
        f"class {name}(NamedTuple):",
        f'{INDENT}"""What the network returns."""',
        "",
    ]
    for output in ordered_outputs(graph):
        kind = "Tensor | None = None" if is_optional(output, graph) else "Tensor"
        note = "  # in training" if output.mode is not None else ""
        lines.append(f"{INDENT}{output.name}: {kind}{note}")
    return lines


def annotation(graph: Graph, result: str) -> str:
    """What `forward` returns, as a type; `result` names the tuple, if it has a name."""
    if len(graph.outputs) == 1:
        return "Tensor"
    if not result:
        return f"tuple[{', '.join(['Tensor'] * len(graph.outputs))}]"
    always = [output for output in graph.outputs if output.mode is None]
    return f"Tensor | {result}" if len(always) == 1 else result
