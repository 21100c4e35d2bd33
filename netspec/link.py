"""Puts a network's files together: `extends` merges specs, `imports` brings blocks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netspec import grammar, source
from netspec import limits as limits_
from netspec.declarations import Document, ImportDecl
from netspec.diagnostics import (
    ERRORS_KEPT,
    Findings,
    Source,
    Span,
    SpecError,
    told_with,
)
from netspec.errors import link as errors
from netspec.errors.grammar import UnknownKey
from netspec.errors.source import TooLarge
from netspec.extend import merge
from netspec.limits import Limits
from netspec.locate import LIBRARY, SCHEME, locate, root_of
from netspec.operators import OPERATORS
from netspec.spec import Block, Scope, Spec

__all__ = ["LIBRARY", "SCHEME", "Block", "Scope", "Spec", "load", "loads"]


def load(
    path: str | Path,
    *,
    root: str | Path | None = None,
    limits: Limits = limits_.DEFAULT,
    at: Span | None = None,
) -> Spec:
    """Read a spec, which is named `at` a place, and every file it needs.

    Raises SpecError.
    """
    return _Linker(path, root, limits).spec(source.load(path, limits, at))


def loads(
    text: str,
    *,
    name: str = "<text>",
    root: str | Path | None = None,
    limits: Limits = limits_.DEFAULT,
) -> Spec:
    """Read a spec from text; what it imports lies where `name` says it does."""
    return _Linker(name, root, limits).spec(Source(name, text))


class _Linker:
    """Reads files as they are named, counting them."""

    def __init__(
        self, path: str | Path, root: str | Path | None, limits: Limits
    ) -> None:
        self.path = str(path)
        self.limits = limits
        self.root = Path(os.path.realpath(root)) if root is not None else root_of(path)
        self.apart = Findings()  # what is wrong with parts of documents
        self.open: list[str] = []  # the files being read, outermost first
        self.libraries: dict[str, dict[str, Block]] = {}
        self.bytes = 0
        self.files = 0

    def spec(self, text: Source) -> Spec:
        """The spec that begins with this text."""
        name = "." if text.name == "<stdin>" else text.name
        self.open.append(os.path.realpath(name))
        with told_with(self.apart):
            document, scope = self.document(text, Path(self.path).parent)
            spec = Spec(document, scope, self.path, tuple(self.apart))
            unknown = any(isinstance(finding, UnknownKey) for finding in self.apart)
            if document.graph is None or not document.inputs:
                raise SpecError(*() if unknown else (_incomplete(spec),))
        return spec

    def document(self, text: Source, folder: Path) -> tuple[Document, Scope]:
        """A document with what it extends merged in, and the blocks it can use."""
        document = grammar.document(source.parse(text, self.limits))
        self.apart += document.findings
        scope = Scope()
        findings = Findings()
        if document.extends is not None:
            with _collected(findings):
                base, base_scope = self.base(document.extends, folder)
                document = merge(base, document)
                taken = base_scope.items()
                scope |= {n: b for n, b in taken if b.scope is not base_scope}
                scope.is_whole = base_scope.is_whole
        self.few(document)
        brought = []
        for decl in document.imports:
            with _collected(self.apart):
                brought.append(self.bring(scope, decl, folder))
        if len(brought) < len(document.imports) or not document.has_imports:
            scope.is_whole = False
        document = document._replace(imports=tuple(brought))
        self.own(scope, document)
        findings.stop()
        return document, scope

    def own(self, scope: Scope, document: Document) -> None:
        """Add the document's own blocks to its scope.

        What one that is called like an operator is used for cannot be known.
        """
        findings = self.apart
        for name, decl in document.blocks.items():
            if name in OPERATORS:
                findings.add(errors.OperatorName, decl.span, name=name)
                decl = decl._replace(is_whole=False)
            elif name in scope:
                reason, first = "this is the second", scope[name].decl.span
                findings.add(
                    errors.BlockClash, decl.span, name=name, reason=reason, first=first
                )
            scope[name] = Block(decl, scope)

    def base(self, path: source.Scalar, folder: Path) -> tuple[Document, Scope]:
        """The document that another extends, with its blocks."""
        text, where = self.file(path, folder)
        try:
            return self.document(text, where)
        finally:
            self.open.pop()

    def bring(self, scope: Scope, decl: ImportDecl, folder: Path) -> ImportDecl:
        """Take the blocks of a file into the scope."""
        library = self.library(decl, folder)
        for name, block in library.items():
            known = scope.get(name)
            if known is not None and known.decl.span != block.decl.span:
                raise SpecError(
                    errors.BlockClash(
                        span=decl.path.span,
                        name=name,
                        reason="this import brings in another",
                        first=known.decl.span,
                    )
                )
            scope[name] = block
        return decl._replace(names=tuple(library))

    def library(self, decl: ImportDecl, folder: Path) -> dict[str, Block]:
        """The blocks that a file defines itself."""
        text, where = self.file(decl.path, folder)
        path = self.open[-1]
        try:
            if path not in self.libraries:
                document, scope = self.document(text, where)
                own = {name: scope[name] for name in document.blocks}
                self.libraries[path] = own
        finally:
            self.open.pop()
        return self.libraries[path]

    def file(self, path: source.Scalar, folder: Path) -> tuple[Source, Path]:
        """Open a file that a spec names, inside the root and within the limits."""
        target = locate(path, folder, self.root, self.limits)
        real = os.path.realpath(target)
        if real in self.open:
            cycle = [*self.open[self.open.index(real) :], real]
            names = " -> ".join(os.path.basename(name) for name in cycle)
            raise SpecError(errors.ImportCycle(span=path.span, cycle=names))
        self.count(path.span)
        text = source.load(target, self.limits, at=path.span)
        self.bytes += len(text.text.encode())
        if self.bytes > self.limits.import_bytes:
            what = "the bytes of all imports"
            self.too_large(path.span, what, "import_bytes", self.bytes)
        self.open.append(real)
        return text, target.parent

    def count(self, span: Span) -> None:
        """Refuse a file that is one too many, or too deep."""
        self.files += 1
        if self.files > self.limits.import_files:
            self.too_large(span, "imported files", "import_files", self.files)
        if len(self.open) > self.limits.import_depth:
            depth = len(self.open)
            self.too_large(span, "imports within imports", "import_depth", depth)

    def too_large(self, span: Span, what: str, name: str, found: int) -> None:
        raise SpecError(TooLarge.of(span, what, self.limits, name, found))

    def few(self, document: Document) -> None:
        """Refuse a spec or block of too many params: each use would work them out."""
        blocks = document.blocks.values()
        for params in (document.params, *(block.params for block in blocks)):
            if len(params) > self.limits.params:
                last = list(params.values())[-1]
                what = "the params of a spec or a block"
                self.too_large(last.span, what, "params", len(params))


@contextmanager
def _collected(findings: Findings) -> Iterator[None]:
    """Go on after what one file is refused for; a limit that is passed ends all."""
    try:
        yield
    except SpecError as error:
        new = [finding for finding in error.findings if finding not in findings]
        findings.extend(new)
        is_limit = any(isinstance(finding, TooLarge) for finding in new)
        if is_limit or len(findings) >= ERRORS_KEPT:
            findings.stop()


def _incomplete(spec: Spec) -> errors.NoGraph:
    """What a document lacks to be a network, and how it is given."""
    document = spec.document
    missing, instead = "`graph`", "list the nodes of the network under `graph:`"
    if document.graph is not None:
        missing, instead = "`input`", "give the shape of one sample: `input: [3, H, W]`"
    elif document.blocks:
        instead = "a file of blocks alone is for `imports`"
    return errors.NoGraph(span=spec.span, missing=missing, instead=instead)
