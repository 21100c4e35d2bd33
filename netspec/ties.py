"""Ties: pairs of parameters that are one, checked against the parameters there are."""

from netspec.declarations import Document, TieDecl
from netspec.diagnostics import suggest
from netspec.elaborate.reports import Reports
from netspec.errors.verify import WrongTie
from netspec.graph import Graph, walk
from netspec.operators.base import Weight
from netspec.source import Scalar


def ties(
    document: Document, graph: Graph, reports: Reports
) -> tuple[tuple[str, str], ...]:
    """The network's ties by path: the first of a pair becomes the second."""
    if not document.ties:
        return ()
    learnt = {
        f"{path}.{name}": weight
        for path, node, _ in walk(graph)
        if node.share is None
        for name, weight in node.state.items()
        if weight.learnt
    }
    found: list[tuple[str, str]] = []
    for tie in document.ties:
        if _known(tie.tied, tie, learnt, reports) and _known(
            tie.to, tie, learnt, reports
        ):
            found += _pair(tie, learnt, found, reports)
    return tuple(found)


def _known(
    path: Scalar, tie: TieDecl, learnt: dict[str, Weight], reports: Reports
) -> bool:
    if path.text not in learnt:
        close = suggest(path.text, learnt)
        _refuse(tie, path, "there is no such parameter", reports, close)
    return path.text in learnt


def _pair(
    tie: TieDecl,
    learnt: dict[str, Weight],
    earlier: list[tuple[str, str]],
    reports: Reports,
) -> list[tuple[str, str]]:
    tied, to = learnt[tie.tied.text], learnt[tie.to.text]
    if tie.tied.text == tie.to.text:
        _refuse(tie, tie.to, "these are the same already", reports)
    elif tie.tied.text in {first for first, _ in earlier}:
        _refuse(tie, tie.tied, "it is tied already", reports)
    elif tied != to:
        reason = f"one is {list(tied.shape)} and the other {list(to.shape)}"
        _refuse(tie, tie.to, reason, reports)
    else:
        return [(tie.tied.text, tie.to.text)]
    return []


def _refuse(
    tie: TieDecl, at: Scalar, reason: str, reports: Reports, close: str | None = None
) -> None:
    reports.add(
        WrongTie,
        at.span,
        first=tie.tied.text[:120],
        second=tie.to.text[:120],
        reason=reason,
        suggestion=close,
    )
