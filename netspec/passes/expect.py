"""Compares `expect` with the network: a spec carries its own test."""

from collections.abc import Iterable
from typing import Any

from netspec import limits
from netspec.declarations import Document
from netspec.diagnostics import Span
from netspec.dimensions import Dim
from netspec.elaborate.budget import Budget
from netspec.elaborate.reader import Reader
from netspec.elaborate.scope import Env
from netspec.errors import verify as errors
from netspec.graph import Elaborated, Output
from netspec.record import MISSING
from netspec.reports import Reports
from netspec.source import Entry, Scalar, Sequence, Tree, plain
from netspec.spelling import did_you_mean


def check(network: Elaborated, document: Document, reports: Reports) -> None:
    """Report every figure of `expect` that is another one. At default params only."""
    expected = document.expect
    if expected is None or not network.is_default:
        return
    if expected.params is not None and len(network.ties) == len(document.ties):
        _number("params", expected.params, network.parameters, reports)
    declared: dict[str, int] = {}
    for decl in document.inputs:
        declared |= decl.example
    if dict(network.sizes) != declared:
        return  # what depends on the sizes is promised at the spec's own
    if expected.macs is not None and network.macs is None:
        _symbolic(network, expected.macs, reports)
    elif expected.macs is not None:
        _number("macs", expected.macs, network.macs, reports)
    outputs = {output.name: output for output in network.graph.outputs}
    for name, entry in expected.outputs.items():
        if not name and len(outputs) == 1:
            name = next(iter(outputs))
        if name in outputs:
            _shape(network, outputs[name], entry.value, reports)
        else:
            _unknown(name, entry, list(outputs), reports)
            if "" in outputs:
                break  # the others have no name to be found by either


def _number(key: str, tree: Scalar, found: int | None, reports: Reports) -> None:
    if type(tree.value) is not int or tree.value != found:
        _other(tree.span, key, tree.text, str(found), reports)


def _symbolic(network: Elaborated, tree: Scalar, reports: Reports) -> None:
    """Say that the cost depends on sizes that have no example."""
    sizes = ", ".join(f"{name}: 32" for name in sorted(_symbols(network)))
    reports.add(
        errors.ExpectedOther,
        tree.span,
        key="macs",
        expected=tree.text,
        found="sizes without an example",
        advice_text=f"give them one at the input: `example: {{{sizes}}}`",
        verdict="depends on the sizes",
    )


def _other(
    span: Span,
    key: str,
    expected: str,
    found: str,
    reports: Reports,
    advice: str | None = None,
) -> None:
    advice = advice or f"write `{key}: {found}` if the network is right"
    fields = {"key": key, "expected": expected, "found": found, "advice_text": advice}
    reports.add(errors.ExpectedOther, span, **fields)


def _unknown(name: str, entry: Entry, outputs: list[str], reports: Reports) -> None:
    """Say that there is no such output, and which there are."""
    known = ", ".join(f"`{output}`" for output in outputs[:12])
    advice = did_you_mean(name, outputs)
    if not name:
        name, advice = "output", "write the shape of each under `outputs`"
    elif outputs == [""]:
        known, advice = "one output without a name", "write its shape as `output`"
    reports.add(
        errors.UnknownExpected,
        entry.key.span,
        name=name[:64],
        known=known,
        advice_text=advice,
    )


def _shape(network: Elaborated, output: Output, tree: Tree, reports: Reports) -> None:
    shape = network.graph.type_of(output.ref).shape
    items = tree.items if isinstance(tree, Sequence) else ()
    scalars = [item for item in items if isinstance(item, Scalar)]
    sizes = _sizes(scalars, network, reports)
    known = list(shape), [network.size_of(size) for size in shape]
    if MISSING in sizes or (len(scalars) == len(items) and sizes in known):
        return
    written = str(plain(tree))
    if scalars and len(scalars) == len(items):
        written = _listed(item.text for item in scalars)
    named, found = output.name or "output", _listed(shape)
    _other(tree.span, named, written, found, reports, _flatten(network, output, sizes))


def _flatten(network: Elaborated, output: Output, sizes: list[Dim | Any]) -> str | None:
    """Advice on a `Linear` that was meant for all dimensions but the batch."""
    node = network.graph.by_name.get(network.graph.resolve(output.ref).source)
    if node is None or node.type != "Linear" or sizes != [node.outputs[0].shape[-1]]:
        return None
    name = node.name
    return f"`{name}` works on the last dimension alone: put a `Flatten` before it"


def _sizes(
    items: Iterable[Scalar], network: Elaborated, reports: Reports
) -> list[Dim | Any]:
    """The sizes that are written; MISSING, and reported, for one that is wrong."""
    reader = Reader(Budget(reports, limits.DEFAULT))
    env = Env(network.values, {}, _symbols(network))
    return [reader.attempt(reader.evaluate, item, env) for item in items]


def _symbols(network: Elaborated) -> frozenset[str]:
    """The symbols of the network's inputs."""
    types = (port.type for port in network.graph.inputs)
    return frozenset().union(*(type.symbols() for type in types))


def _listed(sizes: Iterable[object]) -> str:
    return f"[{', '.join(map(str, sizes))}]"
