"""Who reads whom in a graph as written: names found, nodes in order, no values yet."""

from collections.abc import Collection
from typing import NamedTuple

from netspec.declarations import GraphDecl, NodeDecl, RefDecl
from netspec.diagnostics import ERRORS_KEPT, Finding, Findings
from netspec.errors import wiring as errors
from netspec.grammar.keys import TENSORS
from netspec.link import Scope
from netspec.spelling import did_you_mean

DEFAULT_INPUT = "input"
LISTED = 8  # names that advice lists


class Wire(NamedTuple):
    """A node with the values it reads and the one that stands for it when absent."""

    decl: NodeDecl
    reads: tuple[RefDecl, ...]
    otherwise: RefDecl | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        refs = (*self.reads, self.otherwise) if self.otherwise else self.reads
        shared = (self.decl.share.text,) if self.decl.share else ()
        return (*(ref.name for ref in refs), *shared)


class Wiring(NamedTuple):
    """A graph's nodes in an order in which each comes after what it reads."""

    wires: tuple[Wire, ...]
    last: str | None  # the node that is the output where none is declared
    findings: tuple[Finding, ...]
    left_out: frozenset[str] = frozenset()  # nodes that are wrong, and in no wire
    train_only: frozenset[str] = frozenset()  # what only `mode: train` outputs need


class Around(NamedTuple):
    """What the names in a graph may stand for."""

    names: Collection[str]
    inputs: tuple[str, ...]
    graph: GraphDecl
    scope: Scope
    walled: bool  # it is a block within a network


def wire(
    graph: GraphDecl,
    inputs: tuple[str, ...],
    scope: Scope,
    *,
    walled: bool,
) -> Wiring:
    """Find every name and order the nodes; what is wrong is in `findings`.

    A node that reads what is not there is kept, so that its other mistakes are found.
    """
    findings = Findings()
    names = dict.fromkeys(node.name for node in graph.nodes)
    around = Around(names, inputs, graph, scope, walled)
    wires, above = [], inputs[0] if inputs else None
    for node in graph.nodes:
        wires.append(Wire(node, _reads(node, above), node.otherwise))
        if node.type is None or node.type.text not in TENSORS:
            above = node.name
    clear = [wire for wire in wires if _is_clear(wire, around, findings)]
    last = above if above in names else None
    for output in graph.outputs or ():
        _find(output.ref, around, findings)
    ordered, ring = _order(clear)
    while ring and len(findings) < ERRORS_KEPT:
        findings.append(_cycle(ring))
        members = {wire.decl.name for wire in ring}
        clear = [wire for wire in clear if wire.decl.name not in members]
        ordered, ring = _order(clear)
    left_out = names.keys() - {wire.decl.name for wire in ordered}
    train_only = _train_only(graph, ordered)
    return Wiring(
        tuple(ordered), last, tuple(findings), frozenset(left_out), train_only
    )


def _is_clear(wire: Wire, around: Around, findings: Findings) -> bool:
    """Whether a node's name and what it shares are clear.

    If not it is reported, as is a value that it reads and that is not there.
    """
    node, share = wire.decl, wire.decl.share
    for ref in (*wire.reads, *([wire.otherwise] if wire.otherwise else [])):
        _find(ref, around, findings, node.name)
    before = len(findings)
    if node.name in around.inputs and not around.graph.is_list:
        findings.add(errors.DuplicateInput, node.span, name=node.name)
    if share is not None and share.text not in around.names:
        others = [name for name in around.names if name != node.name]
        advice = did_you_mean(share.text, others)
        name = share.text[:64]
        findings.add(errors.UnknownNode, share.span, name=name, advice_text=advice)
    elif share is not None and share.text == node.name:
        reason = "it is this very node"
        findings.add(errors.SharedWhat, share.span, name=share.text, reason=reason)
    return len(findings) == before


def _find(
    ref: RefDecl, around: Around, findings: Findings, reader: str | None = None
) -> None:
    """Report a name that stands for nothing here; its reader cannot be meant by it."""
    if ref.name in around.names or ref.name in around.inputs:
        return
    known = [name for name in (*around.names, *around.inputs) if name != reader]
    listed = _listed(ref.name, around)
    advice = _inside(ref.name, around) or did_you_mean(ref.name, known, listed)
    name = ref.name[:64]
    findings.add(errors.UnknownNode, ref.span, name=name, advice_text=advice)


def _inside(name: str, around: Around) -> str | None:
    """Advice on a name that is a node's within one of the nodes here."""
    for node in around.graph.nodes:
        block = around.scope.get(node.type.text) if node.type is not None else None
        graph = block.decl.graph if block is not None else node.graph
        if graph is not None and any(inner.name == name for inner in graph.nodes):
            return f"it is inside `{node.name}`; read it as `{node.name}.{name}`"
    return None


def _listed(name: str, around: Around) -> str:
    """Which names there are, or why one further out is none of them."""
    inputs = ", ".join(f"`{each}`" for each in around.inputs)
    if name == DEFAULT_INPUT:
        return f"the inputs here are {inputs}"
    if around.walled:
        return (
            "only siblings and inputs are in scope; a block never sees past its walls"
        )
    first = [f"`{each}`" for each in [*around.inputs, *around.names][:LISTED]]
    more = len(around.inputs) + len(around.names) > LISTED
    return f"there are {', '.join(first)}{', …' if more else ''}"


def _train_only(graph: GraphDecl, wires: list[Wire]) -> frozenset[str]:
    """The nodes that `mode: train` outputs need and no other output does.

    What reads one of them, though nothing needs it, has no value to read in evaluation.
    """
    outputs = graph.outputs or ()
    if not any(output.mode for output in outputs):
        return frozenset()
    by_name = {wire.decl.name: wire for wire in wires}
    always = _needed([o.ref.name for o in outputs if not o.mode], by_name)
    found = set(_needed([o.ref.name for o in outputs if o.mode], by_name) - always)
    for wire in wires:  # in order, so what a reader is read by comes after it
        if wire.decl.name not in always and not found.isdisjoint(wire.needs):
            found.add(wire.decl.name)
    return frozenset(found)


def _needed(names: list[str], by_name: dict[str, Wire]) -> frozenset[str]:
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in by_name and name not in found:
            found.add(name)
            names += by_name[name].needs
    return frozenset(found)


def _reads(node: NodeDecl, above: str | None) -> tuple[RefDecl, ...]:
    if node.source is not None:
        return node.source.refs
    if above is None or (node.type is not None and node.type.text in TENSORS):
        return ()
    return (RefDecl(above, None, node.span),)


def _order(wires: list[Wire]) -> tuple[list[Wire], list[Wire]]:
    """File order where it serves, else as little away from it as needed.

    Or none, and a ring of nodes each of which reads the next.
    """
    by_name = {wire.decl.name: wire for wire in wires}
    all_needs = {n: [x for x in w.needs if x in by_name] for n, w in by_name.items()}
    done: dict[str, Wire] = {}
    for start in wires:
        trail: list[tuple[Wire, int]] = [(start, 0)]
        open_names = {start.decl.name: None}
        while trail:
            wire, position = trail.pop()
            if wire.decl.name in done:
                continue
            needs = all_needs[wire.decl.name]
            if position == len(needs):
                done[wire.decl.name] = wire
                open_names.pop(wire.decl.name, None)
                continue
            trail.append((wire, position + 1))
            need = needs[position]
            if need in open_names:
                path = [*open_names]
                return [], [by_name[name] for name in path[path.index(need) :]]
            if need not in done:
                trail.append((by_name[need], 0))
                open_names[need] = None
    return list(done.values()), []


def _cycle(ring: list[Wire]) -> Finding:
    first = min(ring, key=lambda wire: wire.decl.span.key)
    at, members = ring.index(first), [wire.decl.name for wire in ring]
    around = [*members[at:], *members[:at], first.decl.name]
    spans = [ref.span for ref in first.reads if ref.name in members]
    span = spans[0] if first.decl.source is not None and spans else first.decl.span
    return errors.Cycle(span=span, path=" <- ".join(around))
