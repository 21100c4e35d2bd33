"""Initialisation rules: `init` entries checked and made plain, later rules winning."""

import re
from collections.abc import Iterable
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

Ranks = dict[str, frozenset[int]]  # of parameters by name; "" is a tensor of its own
Owners = dict[str, Ranks]


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
    types, paths = _owners(graph)
    span, work = document.init[0].span.head, len(document.init) * len(paths)
    if not binder.within(span, "init rules times modules", work, "init_matches"):
        return ()
    env = Env(graph.arguments, {})
    declared = _types((document.graph, *(block.decl.graph for block in scope.values())))
    types = {name: {} for name in declared} | types
    found = [_rule(decl, binder, env, types, paths) for decl in document.init]
    return tuple(rule for rule in found if rule is not None)


def _owners(graph: Graph) -> tuple[Owners, Owners]:
    """What the operators own that a rule may mean, by type and by path."""
    types: Owners = {}
    paths: Owners = {}
    found: dict[int, Ranks] = {}  # of a node, which many paths may lead to
    for path, node, _ in walk(graph):
        if node.operator is None or not node.state:
            continue
        if id(node) not in found:
            found[id(node)] = {
                name: frozenset({len(weight.shape)})
                for name, weight in node.state.items()
                if weight.learnt or not name
            }
            types[node.type] = _union([types.get(node.type, {}), found[id(node)]])
        paths[path] = found[id(node)]
    return types, paths


def _union(several: Iterable[Ranks]) -> Ranks:
    joined: Ranks = {}
    for ranks in several:
        for name, each in ranks.items():
            joined[name] = joined.get(name, each) | each
    return joined


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
    owned = _union({id(ranks): ranks for ranks in matched}.values())
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


def _fill(entry: Entry, owned: Ranks, binder: Binder, env: Env) -> Fill | None:
    name = entry.key.text
    ranks = owned.get(name, frozenset()) if name else frozenset()
    if not ranks and not _may_lack(name, owned):
        _unowned(entry, owned, binder)
        return None
    try:
        fill = FillKind().accept(binder.reader.value(entry.value, FillKind(), env))
        for reason in filter(None, map(fill.misfit, sorted(ranks))):
            raise KindError(reason)
        return fill if ranks else None
    except Failure as failure:
        binder.reports.failure(failure)
    except Unknown:
        pass
    except KindError as error:
        span = entry.value.span
        binder.reports.add(errors.WrongInit, span, reason=str(error), advice_text=None)
    return None


def _may_lack(name: str, owned: Ranks) -> bool:
    """Whether layers that own these may be without it at other params."""
    return name in ("weight", "bias") and any(owned)


def _unowned(entry: Entry, owned: Ranks, binder: Binder) -> None:
    name, known = entry.key.text, sorted(filter(None, owned))
    reason = f"these modules have no parameter `{name[:40]}`"
    advice: str | None = "an `init` at the tensor itself fills it"
    if known:
        advice = did_you_mean(name, known, f"there are {', '.join(known)}")
    binder.reports.add(
        errors.WrongInit, entry.key.span, reason=reason, advice_text=advice
    )
