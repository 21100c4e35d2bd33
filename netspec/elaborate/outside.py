"""Where values were set from outside, told with what fails by them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from netspec.declarations import NodeDecl
from netspec.diagnostics import Finding, Label
from netspec.elaborate.references import References, references
from netspec.elaborate.scope import Names
from netspec.errors import elaborate as errors
from netspec.errors.led import Led
from netspec.source import Scalar

# They are about what stands at their place, whatever else the node says.
ALONE = (Led, errors.UnknownArgument, errors.MissingArgument)


class Outside:
    """Knows the node at hand, and what was written for the names that it mentions."""

    def __init__(self) -> None:
        self.is_any = False  # whether anything was set at all
        self.decl: NodeDecl | None = None
        self.names: Names = {}
        self.nodes: dict[Any, tuple[NodeDecl, Names]] = {}  # by their places
        self.named: References = {}

    def begin(self, names: Names) -> None:
        """Know of the params of a network."""
        self.names = names
        self.is_any = any(given.causes for given in names.values())

    @contextmanager
    def node(self, decl: NodeDecl, names: Names) -> Iterator[None]:
        """What is found in this context is about the node."""
        if not self.is_any:
            yield
            return
        kept = self.decl, self.names
        self.decl, self.names = self.nodes[decl.span.key] = decl, names
        try:
            yield
        finally:
            self.decl, self.names = kept

    def explained(self, finding: Finding) -> Finding:
        """The finding with its causes: of the text at its place, or what is behind."""
        if not self.is_any:
            return finding
        span = finding.span.head
        text = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
        causes = self.causes((Scalar(text, text, span), self.names))
        return finding.changed(causes=causes or self.causes(*self.behind(finding)))

    def behind(self, finding: Finding) -> Iterator[tuple[Any, Names]]:
        """The nodes that it is about; of one that is wrong alone, the node's type."""
        if self.decl is not None and isinstance(finding, ALONE):
            yield self.decl.type, self.names
            return
        yield self.decl, self.names
        for other in finding.others():
            if other.span.key in self.nodes:
                yield self.nodes[other.span.key]

    def causes(self, *todo: tuple[Any, Names]) -> tuple[Label, ...]:
        """Where the values were set that declarations mention, however far away."""
        found: dict[Label, None] = {}
        seen: set[int] = set()
        rest = list(todo)
        for tree, names in rest:
            mentioned = references(tree, self.named)
            for name, given in names.items():
                if name not in mentioned or id(given) in seen:
                    continue
                seen.add(id(given))
                found |= dict.fromkeys(given.causes)
                if not given.causes:
                    rest.append((given.tree, given.names))
        return tuple(found)
