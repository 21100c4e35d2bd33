"""Initialisation rules: `init` entries checked and made plain, later rules winning."""

import re
from collections.abc import Iterable
from fnmatch import translate

from netspec.declarations import GraphDecl, InitDecl
from netspec.elaborate.reader import Reader
from netspec.elaborate.scope import Env
from netspec.elaborate.words import at_fault, value_advice
from netspec.errors import verify as errors
from netspec.fills import Fill, FillKind, InitRule
from netspec.graph import Graph, walk
from netspec.kinds import KindError
from netspec.link import Spec
from netspec.record import MISSING
from netspec.reports import Reports
from netspec.source import Entry
from netspec.spelling import did_you_mean

Ranks = dict[str, frozenset[int]]  # of parameters by name; "" is a tensor of its own
Owners = dict[str, Ranks]


def rules(spec: Spec, graph: Graph, reader: Reader) -> tuple[InitRule, ...]:
    """The network's rules, checked against the modules it really has."""
    document = spec.document
    if not document.init:
        return ()
    types, paths = _owners(graph)
    span, work = document.init[0].span.head, len(document.init) * len(paths)
    what = "init rules times modules"
    if not reader.budget.within(span, what, work, "init_matches"):
        return ()
    blocks = (block.decl.graph for block in spec.scope.values())
    types = {name: {} for name in _types((document.graph, *blocks))} | types
    env = Env(graph.arguments, {})
    found = [_rule(decl, reader, env, types, paths) for decl in document.init]
    return tuple(rule for rule in found if rule is not None)


def _owners(graph: Graph) -> tuple[Owners, Owners]:
    """What the operators own that a rule may mean, by type and by path."""
    types: dict[str, dict[int, Ranks]] = {}
    paths: Owners = {}
    alike: dict[tuple[tuple[str, int], ...], Ranks] = {}  # one object for equal ranks
    for path, node, _ in walk(graph):
        if node.operator is None or not node.state:
            continue
        owned = tuple(
            (name, len(weight.shape))
            for name, weight in node.state.items()
            if weight.learnt or not name
        )
        if owned not in alike:
            alike[owned] = {name: frozenset({rank}) for name, rank in owned}
        paths[path] = alike[owned]
        types.setdefault(node.type, {})[id(alike[owned])] = alike[owned]
    return {name: _union(found.values()) for name, found in types.items()}, paths


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
    decl: InitDecl, reader: Reader, env: Env, types: Owners, paths: Owners
) -> InitRule | None:
    matched = _matched(decl, types, paths, reader.reports)
    owned = _union(matched)
    if not owned:
        return None
    fills = [
        (name, _fill(entry, owned, reader, env)) for name, entry in decl.values.items()
    ]
    kept = tuple((name, fill) for name, fill in fills if fill is not None)
    return InitRule(
        decl.type.text if decl.type else None,
        decl.path.text if decl.path else None,
        kept,
    )


def _matched(
    decl: InitDecl, types: Owners, paths: Owners, reports: Reports
) -> list[Ranks]:
    """What the modules own that a rule is for; reported if there are none."""
    target = decl.type or decl.path
    assert target is not None
    if decl.type is not None:
        found = [types[target.text]] if target.text in types else []
    else:
        matches = re.compile(translate(target.text[:512])).match
        alike = {id(ranks): ranks for path, ranks in paths.items() if matches(path)}
        found = list(alike.values())
    if not found:
        close = reports.suggest(target.text, types if decl.type else paths)
        advice = f"did you mean `{close}`?" if close else None
        verb = "is a" if decl.type else "matches"
        reason = f"no module with parameters {verb} `{target.text}`"
        fields = {"reason": reason, "advice_text": advice}
        reports.add(errors.UnmatchedInit, target.span, **fields)
    return found


def _fill(entry: Entry, owned: Ranks, reader: Reader, env: Env) -> Fill | None:
    name = entry.key.text
    ranks = owned.get(name, frozenset()) if name else frozenset()
    if not ranks and not _may_lack(name, owned):
        _unowned(entry, owned, reader.reports)
        return None

    def wrong(error: KindError) -> None:
        tree, reason = at_fault(entry.value, error), str(error)
        fields = {"reason": reason, "advice_text": value_advice(tree, error)}
        reader.reports.add(errors.WrongInit, tree.span, **fields)

    fill = reader.settled(entry.value, FillKind(), env, wrong)
    if fill is MISSING or not ranks:
        return None
    for misfit in filter(None, map(fill.misfit, sorted(ranks))):
        wrong(KindError(misfit))
    found: Fill = fill
    return found


def _may_lack(name: str, owned: Ranks) -> bool:
    """Whether layers that own these may be without it at other params."""
    return name in ("weight", "bias") and any(owned)


def _unowned(entry: Entry, owned: Ranks, reports: Reports) -> None:
    name, known = entry.key.text, sorted(filter(None, owned))
    reason = f"these modules have no parameter `{name[:40]}`"
    advice: str | None = "an `init` at the tensor itself fills it"
    if known:
        advice = did_you_mean(name, known, f"there are {', '.join(known)}")
    reports.add(errors.WrongInit, entry.key.span, reason=reason, advice_text=advice)
