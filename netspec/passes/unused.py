"""Warns of params, blocks and imports that nothing uses."""

import typing
from collections.abc import Iterator

from netspec.declarations import Document, ParamDecl
from netspec.elaborate.references import references
from netspec.errors import verify as errors
from netspec.graph import Elaborated
from netspec.reports import Reports
from netspec.source import Mapping, Scalar, Sequence, Tree


def params(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report params of the spec and of its own blocks that no value refers to."""
    parts = (document.graph, document.inputs, document.init, document.params)
    used = references(parts, {})
    for name, decl in document.params.items():
        if name not in used:
            _unused(decl, document.params, reports)
    for block in document.blocks.values():
        used = references((block.graph, block.params), {})
        for name, decl in block.params.items():
            if name not in used:
                _unused(decl, block.params, reports)


def _unused(
    decl: ParamDecl, among: typing.Mapping[str, ParamDecl], reports: Reports
) -> None:
    """Report a param; one that is nearly another's name may be meant to set that."""
    advice = f"use it as `${decl.name}`, or remove it"
    close = reports.suggest(decl.name, (name for name in among if name != decl.name))
    if close:
        advice = f"did you mean `{close}`? Else {advice}"
    reports.add(errors.UnusedParam, decl.span, name=decl.name, advice_text=advice)


def blocks(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report blocks and imports of the spec that nothing names as a type."""
    if document.extends is not None:
        return  # what the extended spec uses is not in this file's keys
    named = {text for entry in document.keys.values() for text in _texts(entry.value)}
    for block in document.blocks.values():
        if block.name not in named:
            reports.add(errors.UnusedBlock, block.span, name=block.name)
    for decl in document.imports:
        if not named & set(decl.names):
            listed = ", ".join(f"`{name}`" for name in decl.names[:8]) or "no blocks"
            path = decl.path.text
            reports.add(errors.UnusedImport, decl.path.span, path=path, known=listed)


def _texts(tree: Tree) -> Iterator[str]:
    """The scalars of a tree, keys left out."""
    match tree:
        case Scalar():
            yield tree.text
        case Sequence():
            for item in tree.items:
                yield from _texts(item)
        case Mapping():
            for entry in tree.entries.values():
                yield from _texts(entry.value)
