"""The table of a network's nodes: name, type, output, parameters, MACs, from."""

from collections.abc import Iterator
from typing import Any

from netspec.counts import count
from netspec.dimensions import TooComplex
from netspec.graph import Elaborated, Graph, Node, macs_of


def rows(network: Elaborated, depth: int | None = None) -> Iterator[dict[str, Any]]:
    """One row a node, as plain data; `level` is how deep it is nested."""
    yield from _rows(network, network.graph, depth, 0, "", {})


def _rows(
    network: Elaborated,
    graph: Graph,
    depth: int | None,
    level: int,
    path: str,
    cache: dict[int, int],
) -> Iterator[dict[str, Any]]:
    for node in graph.present:
        yield {
            "path": f"{path}{node.name}",
            "name": node.name,
            "level": level,
            "type": node.type if node.share is None else f"share {node.share}",
            "output": [str(network.size_of(size)) for size in node.outputs[0].shape],
            "parameters": node.parameters,
            "macs": _macs(network, node, graph, cache),
            "from": [str(graph.resolve(ref)) for ref in node.inputs],
        }
        if node.body is not None and (depth is None or level + 1 < depth):
            yield from _rows(
                network, node.body, depth, level + 1, f"{path}{node.name}.", cache
            )


def _macs(
    network: Elaborated, node: Node, graph: Graph, cache: dict[int, int]
) -> int | None:
    try:
        return macs_of(node, graph, network.sizes, cache)
    except (KeyError, TooComplex):
        return None


HEADINGS = ("name", "type", "output", "parameters", "MACs", "from")


def table(network: Elaborated, depth: int | None = None) -> str:
    """The rows as aligned text, with the totals below."""
    cells = [
        (
            "  " * row["level"] + row["name"],
            row["type"],
            "×".join(row["output"]),
            f"{row['parameters']:,}" if row["parameters"] else "",
            count(row["macs"]) if row["macs"] else "",
            ", ".join(row["from"]),
        )
        for row in rows(network, depth)
    ]
    widths = [
        max(len(cell) for cell in column)
        for column in zip(HEADINGS, *cells, strict=True)
    ]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [
        _line(HEADINGS, widths),
        rule,
        *(_line(row, widths) for row in cells),
        rule,
    ]
    return "\n".join([*lines, *totals(network)]) + "\n"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    right = (False, False, False, True, True, False)
    padded = [
        cell.rjust(width) if at_right else cell.ljust(width)
        for cell, width, at_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


def totals(network: Elaborated) -> list[str]:
    """Parameters, multiply-adds and what must hold of the sizes."""
    macs = network.macs
    at = ", ".join(f"{name} = {size}" for name, size in network.sizes.items())
    lines = [f"parameters: {network.parameters:,}"]
    if macs is not None:
        lines.append(
            f"MACs: {macs:,}{f' at {at}' if at else ''} (FLOPs are twice that)"
        )
    if network.constraints:
        lines.append(f"needs: {', '.join(map(str, network.constraints))}")
    return lines
