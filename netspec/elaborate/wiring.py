"""Who reads whom in a graph as written: names found, nodes in order, no values yet."""

from typing import NamedTuple

from netspec.declarations import GraphDecl, NodeDecl, RefDecl
from netspec.diagnostics import Finding, Findings, did_you_mean
from netspec.errors import wiring as errors

DEFAULT_INPUT = "input"
SOURCES = (
    "Parameter",
    "Buffer",
)  # types that take no input and are never "the node above"


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
    train_only: frozenset[str] = frozenset()  # what only `mode: train` outputs need


def wire(graph: GraphDecl, inputs: tuple[str, ...]) -> Wiring:
    """Find every name and order the nodes; what is wrong is in `findings`."""
    findings = Findings()
    names = {node.name for node in graph.nodes}
    for node in graph.nodes:
        if node.name in inputs and not graph.is_list:
            findings.add(errors.DuplicateInput, node.span, name=node.name)
    wires, above = [], inputs[0] if inputs else None
    for node in graph.nodes:
        reads = _reads(node, above)
        wires.append(Wire(node, reads, node.otherwise))
        _unknown(wires[-1], names, inputs, findings)
        if node.type is None or node.type.text not in SOURCES:
            above = node.name
    last = above if above in names else None
    for output in graph.outputs or ():
        if output.ref.name not in names and output.ref.name not in inputs:
            _missing(output.ref, names, inputs, findings)
    if findings:
        return Wiring((), last, tuple(findings))
    ordered, cycle = _order(wires)
    return Wiring(tuple(ordered), last, tuple(cycle), _train_only(graph, ordered))


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
    if above is None or (node.type is not None and node.type.text in SOURCES):
        return ()
    return (RefDecl(above, None, node.span),)


def _unknown(
    wire: Wire, names: set[str], inputs: tuple[str, ...], findings: Findings
) -> None:
    refs = (*wire.reads, wire.otherwise) if wire.otherwise else wire.reads
    for ref in refs:
        if ref.name not in names and ref.name not in inputs:
            _missing(ref, names, inputs, findings)
    share = wire.decl.share
    if share is not None and share.text not in names:
        advice = did_you_mean(share.text, names)
        name = share.text
        findings.add(errors.UnknownNode, share.span, name=name, advice_text=advice)
    elif share is not None and share.text == wire.decl.name:
        reason = "it is this very node"
        findings.add(errors.SharedWhat, share.span, name=share.text, reason=reason)


def _missing(
    ref: RefDecl, names: set[str], inputs: tuple[str, ...], findings: Findings
) -> None:
    walls = "only siblings and inputs are in scope; a block never sees past its walls"
    if ref.name == DEFAULT_INPUT:
        walls = f"the inputs here are {', '.join(f'`{name}`' for name in inputs)}"
    advice = did_you_mean(ref.name, [*names, *inputs], walls)
    name = ref.name[:64]
    findings.add(errors.UnknownNode, ref.span, name=name, advice_text=advice)


def _order(wires: list[Wire]) -> tuple[list[Wire], list[Finding]]:
    """File order where it serves, else as little away from it as needed."""
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
                return [], [_cycle([*open_names], need, by_name)]
            if need not in done:
                trail.append((by_name[need], 0))
                open_names[need] = None
    return list(done.values()), []


def _cycle(path: list[str], need: str, by_name: dict[str, Wire]) -> Finding:
    members = path[path.index(need) :]
    first = min(members, key=lambda name: by_name[name].decl.span.key)
    at = members.index(first)
    around = [*members[at:], *members[:at], first]
    decl = by_name[first].decl
    spans = [r.span for r in by_name[first].reads if r.name in members]
    span = spans[0] if decl.source is not None and spans else decl.span
    return errors.Cycle(span=span, path=" <- ".join(around))
