"""What the linker makes: a spec with all its files, and the blocks in its scope."""

from netspec.declarations import BlockDecl, Document
from netspec.diagnostics import Finding, Span


class Block:
    """A block with the scope its own graph is read in."""

    def __init__(self, decl: BlockDecl, scope: "Scope") -> None:
        self.decl = decl
        self.scope = scope

    @property
    def name(self) -> str:
        """What the block is called."""
        return self.decl.name

    def __repr__(self) -> str:
        return f"<block {self.name}>"


class Scope(dict[str, Block]):
    """The blocks in reach by name; not whole if a file of some could not be read."""

    is_whole = True


class Spec:
    """A spec with all its files: the merged document and the blocks in its scope.

    `findings` tell what is wrong with parts of it: it can be checked, not compiled.
    """

    def __init__(
        self,
        document: Document,
        scope: Scope,
        path: str,
        findings: tuple[Finding, ...] = (),
    ) -> None:
        self.document = document
        self.scope = scope
        self.path = path
        self.findings = findings

    @property
    def name(self) -> str:
        """What the spec calls itself."""
        return self.document.name or "network"

    @property
    def span(self) -> Span:
        """A place for what is said of the spec as a whole."""
        key = self.document.keys.get("graph") or self.document.keys.get("netspec")
        return key.key.span if key else self.document.span
