"""Compares `expect` with the network: a spec carries its own test."""

from netspec.declarations import Document
from netspec.errors import verify as errors
from netspec.graph import Elaborated, Output
from netspec.reports import Reports
from netspec.source import Scalar, Sequence, Tree, plain


def check(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report every figure of `expect` that is another one. At default params only."""
    expected = document.expect
    if expected is None or not network.is_default:
        return
    if expected.params is not None:
        _number("params", expected.params, network.parameters, reports)
    declared: dict[str, int] = {}
    for decl in document.inputs:
        declared |= decl.example
    if dict(network.sizes) != declared:
        return  # what depends on the sizes is promised at the spec's own
    if expected.macs is not None:
        _number("macs", expected.macs, network.macs, reports)
    outputs = {output.name: output for output in network.graph.outputs}
    for name, entry in expected.outputs.items():
        if not name and len(outputs) == 1:
            name = next(iter(outputs))
        if name not in outputs:
            known = ", ".join(f"`{output}`" for output in list(outputs)[:12])
            close = reports.suggest(name, outputs)
            reports.add(
                errors.UnknownExpected,
                entry.key.span,
                name=name,
                known=known,
                suggestion=close,
            )
            continue
        _shape(network, outputs[name], entry.value, reports)


def _number(key: str, tree: Scalar, found: object, reports: Reports) -> None:
    if type(tree.value) is int and tree.value == found:
        return
    shown = "symbolic: give an `example`" if found is None else str(found)
    reports.add(
        errors.ExpectedOther,
        tree.span,
        key=key,
        expected=tree.text,
        found=shown,
    )


def _shape(network: Elaborated, output: Output, tree: Tree, reports: Reports) -> None:
    type = network.graph.type_of(output.ref)
    written = (
        [str(item).replace(" ", "") for item in plain(tree)]
        if isinstance(tree, Sequence)
        else None
    )
    symbolic = [str(size).replace(" ", "") for size in type.shape]
    at_example = [str(network.size_of(size)) for size in type.shape]
    if written in (symbolic, at_example):
        return
    reports.add(
        errors.ExpectedOther, tree.span,
        key=output.name or "output",
        expected=str(plain(tree)), found=f"[{', '.join(map(str, type.shape))}]",
    )  # fmt: skip
