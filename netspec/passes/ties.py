"""Ties: pairs of parameters that are one, checked against the parameters there are."""

from netspec.declarations import Document, TieDecl
from netspec.errors.verify import WrongTie
from netspec.graph import Graph, weights
from netspec.operators.base import Weight
from netspec.reports import Reports
from netspec.source import Scalar
from netspec.spelling import did_you_mean


def ties(
    document: Document, graph: Graph, reports: Reports
) -> tuple[tuple[str, str], ...]:
    """The network's ties by path: the first of a pair becomes the second."""
    if not document.ties:
        return ()
    learnt = {key: weight for key, weight in weights(graph) if weight.learnt}
    found: dict[str, str] = {}
    for tie in document.ties:
        both = [_known(path, tie, learnt, reports) for path in (tie.tied, tie.to)]
        if all(both) and _fits(tie, learnt, found, reports):
            found[tie.tied.text] = tie.to.text
    return tuple(found.items())


def _known(
    path: Scalar, tie: TieDecl, learnt: dict[str, Weight], reports: Reports
) -> bool:
    if path.text not in learnt:
        advice = did_you_mean(path.text, learnt)
        _refuse(tie, path, "there is no such parameter", reports, advice)
    return path.text in learnt


def _fits(
    tie: TieDecl, learnt: dict[str, Weight], earlier: dict[str, str], reports: Reports
) -> bool:
    """Whether the pair can be one: of one shape, and no end of it another's tied end.

    So the end that stays is never itself replaced, whatever the order.
    """
    tied, to = tie.tied.text, tie.to.text
    before = [first for first, second in earlier.items() if second == tied]
    one, other = learnt[tied], learnt[to]
    if tied == earlier.get(to, to):
        _refuse(tie, tie.to, "these are the same already", reports)
    elif tied in earlier:
        _refuse(tie, tie.tied, "it is tied already", reports)
    elif to in earlier:
        reason, last = f"it is itself tied to `{earlier[to]}`", earlier[to]
        _refuse(tie, tie.to, reason, reports, f"tie both to `{last}`")
    elif before:
        reason = f"`{before[0]}` is tied to it; tie both to `{to}`"
        _refuse(tie, tie.tied, reason, reports)
    elif one != other:
        reason = f"one is {list(one.shape)} and the other {list(other.shape)}"
        _refuse(tie, tie.to, reason, reports)
    else:
        return True
    return False


def _refuse(
    tie: TieDecl, at: Scalar, reason: str, reports: Reports, advice: str | None = None
) -> None:
    reports.add(
        WrongTie,
        at.span,
        first=tie.tied.text[:120],
        second=tie.to.text[:120],
        reason=reason,
        advice_text=advice,
    )
