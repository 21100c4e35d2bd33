"""Initialisation rules: `init` entries checked and made plain, later rules winning."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from typing import NamedTuple

from netspec.declarations import Document, GraphDecl, InitDecl
from netspec.diagnostics import did_you_mean
from netspec.elaborate.binding import Binder
from netspec.elaborate.values import Env, Failure, Unknown
from netspec.errors import verify as errors
from netspec.fills import Fill, FillKind
from netspec.graph import Graph, walk
from netspec.kinds import KindError
from netspec.link import Scope
from netspec.source import Entry

Owners = Mapping[str, frozenset[str]]


class InitRule(NamedTuple):
    """Fills named parameters of all modules of a type, or of those a path matches."""

    type: str | None
    path: str | None
    fills: tuple[tuple[str, Fill], ...]


def rules(
    document: Document, scope: Scope, graph: Graph, binder: Binder
) -> tuple[InitRule, ...]:
    """The network's rules, checked against the modules it really has."""
    if not document.init:
        return ()
    types: dict[str, frozenset[str]] = {}
    paths: dict[str, frozenset[str]] = {}
    for path, node, _ in walk(graph):
        if node.operator is not None and node.state:
            learnt = frozenset(
                name for name, weight in node.state.items() if weight.learnt
            )
            types[node.type] = types.get(node.type, frozenset()) | learnt
            paths[path] = learnt
    span, work = document.init[0].span.head, len(document.init) * len(paths)
    if not binder.within(span, "init rules times modules", work, "init_matches"):
        return ()
    env = Env(graph.arguments, {})
    declared = _types((document.graph, *(block.decl.graph for block in scope.values())))
    nothing: frozenset[str] = frozenset()
    types = dict.fromkeys(declared, nothing) | types
    found = [_rule(decl, binder, env, types, paths) for decl in document.init]
    return tuple(rule for rule in found if rule is not None)


def _types(graphs: Iterable[GraphDecl | None]) -> set[str]:
    """Every type that graphs name, also in nodes that are absent at these params."""
    found: set[str] = set()
    for graph in graphs:
        for node in graph.nodes if graph is not None else ():
            found |= {node.type.text} if node.type is not None else _types([node.graph])
    return found


def _rule(
    decl: InitDecl, binder: Binder, env: Env, types: Owners, paths: Owners
) -> InitRule | None:
    target = decl.type or decl.path
    assert target is not None
    if decl.type is not None:
        matched = [types[target.text]] if target.text in types else []
    else:
        matches = re.compile(translate(target.text[:512])).match
        matched = [names for path, names in paths.items() if matches(path)]
    if not matched:
        known = types if decl.type else paths
        close = binder.reports.suggest(target.text, known)
        verb = "is a" if decl.type else "matches"
        reason = f"no module with parameters {verb} `{target.text}`"
        reason += f"; did you mean `{close}`?" if close else ""
        binder.reports.add(errors.UnmatchedInit, target.span, reason=reason)
        return None
    owned: frozenset[str] = frozenset().union(*matched)
    if not owned:
        return None
    fills = [
        (name, _fill(entry, owned, binder, env)) for name, entry in decl.values.items()
    ]
    kept = tuple((name, fill) for name, fill in fills if fill is not None)
    return InitRule(
        decl.type.text if decl.type else None,
        decl.path.text if decl.path else None,
        kept,
    )


def _fill(entry: Entry, known: frozenset[str], binder: Binder, env: Env) -> Fill | None:
    name = entry.key.text
    if name not in known and name not in ("weight", "bias"):
        advice = did_you_mean(name, known, f"there are {', '.join(sorted(known))}")
        reason = f"these modules have no parameter `{name[:40]}`"
        binder.reports.add(
            errors.WrongInit, entry.key.span, reason=reason, advice_text=advice
        )
        return None
    try:
        fill = FillKind().accept(binder.reader.value(entry.value, FillKind(), env))
        return fill if name in known else None
    except Failure as failure:
        binder.reports.failure(failure)
    except Unknown:
        pass
    except KindError as error:
        span = entry.value.span
        binder.reports.add(errors.WrongInit, span, reason=str(error), advice_text=None)
    return None
