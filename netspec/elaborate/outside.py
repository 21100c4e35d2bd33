"""Where values come from that are set from outside, told with what fails by them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from netspec.declarations import NodeDecl, ParamDecl
from netspec.diagnostics import Finding, Label, Span
from netspec.elaborate.references import References, names_in, references

Labels = tuple[Label, ...]


class Outside:
    """The places of such values, by the names that they go by in the body at hand."""

    def __init__(self) -> None:
        self.labels: Mapping[str, Labels] = {}
        self.here: Labels = ()  # of the node at hand
        self.nodes: dict[Any, Labels] = {}  # of each node, by its place
        self.named: References = {}

    def begin(self, given: Mapping[str, Span], decls: Mapping[str, ParamDecl]) -> None:
        """Know of a network's params that are set, and of defaults that follow them."""
        if not given:
            return
        found: dict[str, Labels] = {}
        self.labels = found
        for name, decl in decls.items():
            if name in given:
                found[name] = (Label(given[name], f"`{name}` is set here"),)
            elif labels := self.of(decl.default):
                found[name] = labels

    def of(self, tree: Any) -> Labels:
        """The places of the values that are mentioned anywhere in a declaration."""
        names = references(tree, self.named)
        return self._known(name for name in self.labels if name in names)

    def _known(self, names: Iterator[str]) -> Labels:
        labels = (label for name in names for label in self.labels[name])
        return tuple(dict.fromkeys(labels))

    @contextmanager
    def node(self, decl: NodeDecl) -> Iterator[None]:
        """What is found in this context is about the node."""
        if not self.labels:
            yield
            return
        kept, before = self.here, self.labels
        self.here = self.nodes[decl.span.key] = self.of(decl)
        if decl.repeat is not None and (over := self.of(decl.repeat.over)):
            self.labels = {**before, decl.repeat.item: over}
        try:
            yield
        finally:
            self.here, self.labels = kept, before

    @contextmanager
    def block(self, decl: NodeDecl, params: Mapping[str, ParamDecl]) -> Iterator[None]:
        """In this context names are those of a block, as the node gives them."""
        if not self.labels:
            yield
            return
        kept, given = self.labels, decl.arguments
        handed = {name: self.of(entry.value) for name, entry in given.items()}
        self.labels = {name: handed[name] for name in params if handed.get(name)}
        try:
            yield
        finally:
            self.labels = kept

    def explained(self, finding: Finding) -> Finding:
        """The finding with what was set among its causes."""
        if not self.labels:
            return finding
        said = set(names_in(_text(finding.span)))
        causes = self._known(name for name in self.labels if name in said)
        if not causes:
            made = (self.nodes.get(o.span.key, ()) for o in finding.others())
            causes = tuple(dict.fromkeys((*self.here, *(o for m in made for o in m))))
        return finding.changed(causes=causes)


def _text(span: Span) -> str:
    line = span.source.line(span.line)
    return line[span.column - 1 : span.head.end_column - 1]
