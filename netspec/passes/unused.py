"""Warns of params that nothing uses."""

from netspec.declarations import Document
from netspec.elaborate.binding import Reports
from netspec.elaborate.values import references
from netspec.errors.verify import UnusedParam
from netspec.graph import Elaborated


def check(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report params of the spec and of its own blocks that no value refers to."""
    parts = (document.graph, document.inputs, document.init, document.params)
    used = references(parts, {})
    for name, decl in document.params.items():
        if name not in used:
            reports.add(UnusedParam, decl.span, name=name)
    for block in document.blocks.values():
        used = references((block.graph, block.params), {})
        for name, decl in block.params.items():
            if name not in used:
                reports.add(UnusedParam, decl.span, name=name)
