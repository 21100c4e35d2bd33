"""Puts a network's files together: `extends` merges specs, `imports` brings blocks."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netspec import grammar, source
from netspec import limits as limits_
from netspec.declarations import BlockDecl, Document, ImportDecl, NodeDecl, ParamDecl
from netspec.diagnostics import Findings, Source, Span, SpecError, suggest
from netspec.errors import link as errors
from netspec.errors.grammar import Conflict
from netspec.errors.source import TooLarge
from netspec.limits import Limits
from netspec.operators import OPERATORS
from netspec.source import Entry
from netspec.source import Mapping as MappingTree

LIBRARY = Path(__file__).parent / "blocks"
SCHEME = "netspec:"


class Block:
    """A block with the scope its own graph is read in."""

    def __init__(self, decl: BlockDecl, scope: "Scope") -> None:
        self.decl = decl
        self.scope = scope

    @property
    def name(self) -> str:
        return self.decl.name

    def __repr__(self) -> str:
        return f"<block {self.name}>"


Scope = dict[str, Block]


class Spec:
    """A spec with all its files: the merged document and the blocks in its scope."""

    def __init__(self, document: Document, scope: Scope, path: str) -> None:
        self.document = document
        self.scope = scope
        self.path = path

    @property
    def name(self) -> str:
        return self.document.name or "network"

    @property
    def span(self) -> Span:
        """A place for what is said of the spec as a whole."""
        key = self.document.keys.get("graph") or self.document.keys.get("netspec")
        return key.key.span if key else self.document.span


def load(
    path: str | Path,
    *,
    root: str | Path | None = None,
    limits: Limits = limits_.DEFAULT,
) -> Spec:
    """Read a spec and every file it needs. Raises SpecError."""
    return _Linker(path, root, limits).spec(source.load(path, limits))


def loads(
    text: str,
    *,
    name: str = "<text>",
    root: str | Path | None = None,
    limits: Limits = limits_.DEFAULT,
) -> Spec:
    """Read a spec from text; its imports are relative to the working directory."""
    return _Linker(name, root, limits).spec(Source(name, text))


def _root(path: str | Path) -> Path:
    """The working directory if the spec is inside it, else the spec's own folder."""
    here, folder = Path.cwd().resolve(), Path(os.path.realpath(path)).parent
    return here if folder.is_relative_to(here) else folder


class _Linker:
    def __init__(
        self, path: str | Path, root: str | Path | None, limits: Limits
    ) -> None:
        self.path = str(path)
        self.limits = limits
        self.root = Path(os.path.realpath(root)) if root is not None else _root(path)
        self.open: list[str] = []  # the files being read, outermost first
        self.libraries: dict[str, Scope] = {}
        self.bytes = 0
        self.files = 0

    def spec(self, text: Source) -> Spec:
        name = "." if text.name == "<stdin>" else text.name
        self.open.append(os.path.realpath(name))
        document, scope = self.document(text, Path(self.path).parent)
        spec = Spec(document, scope, self.path)
        for part in ("graph", "inputs"):
            if not getattr(document, part):
                raise SpecError(errors.NoGraph(span=spec.span, missing=f"`{part}`"))
        return spec

    def document(self, text: Source, folder: Path) -> tuple[Document, Scope]:
        """A document with what it extends merged in, and the blocks it can use."""
        document = grammar.document(source.parse(text, self.limits))
        scope: Scope = {}
        if document.extends is not None:
            base, base_scope = self.base(document, folder)
            document = merge(base, document)
            scope |= {n: b for n, b in base_scope.items() if b.scope is not base_scope}
        self.few(document)
        brought = [self.bring(scope, decl, folder) for decl in document.imports]
        document = document._replace(imports=tuple(brought))
        self.own(scope, document)
        return document, scope

    def own(self, scope: Scope, document: Document) -> None:
        findings = Findings()
        for name, decl in document.blocks.items():
            if name in OPERATORS:
                findings.add(errors.OperatorName, decl.span, name=name)
            elif name in scope:
                reason, first = "this is the second", scope[name].decl.span
                findings.add(
                    errors.BlockClash, decl.span, name=name, reason=reason, first=first
                )
            scope[name] = Block(decl, scope)
        findings.stop()

    def base(self, document: Document, folder: Path) -> tuple[Document, Scope]:
        assert document.extends is not None
        text, where = self.file(document.extends, folder)
        base, scope = self.document(text, where)
        self.open.pop()
        return base, scope

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

    def library(self, decl: ImportDecl, folder: Path) -> Scope:
        """The blocks that a file defines itself."""
        text, where = self.file(decl.path, folder)
        path = self.open[-1]
        if path not in self.libraries:
            document, scope = self.document(text, where)
            self.libraries[path] = {name: scope[name] for name in document.blocks}
        self.open.pop()
        return self.libraries[path]

    def file(self, path: source.Scalar, folder: Path) -> tuple[Source, Path]:
        """Open a file that a spec names, inside the root and within the limits."""
        target = self.target(path, folder)
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

    def target(self, path: source.Scalar, folder: Path) -> Path:
        if path.text.startswith(SCHEME):
            return self.shipped(path)
        target = folder / path.text
        if len(path.text) > self.limits.path_length:
            what = "the characters of a path"
            self.too_large(path.span, what, "path_length", len(path.text))
        real = Path(
            os.path.realpath(str(target).replace("\0", "\N{REPLACEMENT CHARACTER}"))
        )
        allowed = real.is_relative_to(self.root) or real.is_relative_to(LIBRARY)
        if not allowed:
            raise SpecError(
                errors.OutsideRoot(
                    span=path.span,
                    path=path.text,
                    target=str(real),
                    root=str(self.root),
                )
            )
        return target

    def shipped(self, path: source.Scalar) -> Path:
        name = path.text.removeprefix(SCHEME)
        known = sorted(file.stem for file in LIBRARY.glob("*.yaml"))
        if name not in known:
            listed = ", ".join(f"`{SCHEME}{other}`" for other in known)
            close = suggest(name, known)
            raise SpecError(
                errors.UnknownLibrary(
                    span=path.span, name=name, known=listed, suggestion=close
                )
            )
        return LIBRARY / f"{name}.yaml"


# Extending ----------------------------------------------------------------------


def merge(base: Document, child: Document) -> Document:
    """`child` over the spec it extends; `expect` is the child's alone."""
    changed: dict[str, Any] = {"keys": _keys(base, child), "span": child.span}
    for part in ("name", "doc", "inputs", "outputs", "init", "ties"):
        if getattr(child, part):
            changed[part] = getattr(child, part)
    changed["expect"] = child.expect
    changed["imports"] = child.imports
    changed["extends"] = child.extends
    changed["params"] = _params(base, child)
    changed["blocks"] = {**base.blocks, **child.blocks}
    if child.graph is not None and base.graph is not None:
        if child.graph.is_list and not base.graph.is_list:
            raise SpecError(
                Conflict(
                    span=child.graph.span.head,
                    what="the graph that this one changes has named nodes",
                    reason="a list replaces none of them",
                    advice_text="name the nodes to replace or to add",
                )
            )
        nodes = _nodes(base.graph.nodes, child.graph.nodes)
        changed["graph"] = base.graph._replace(nodes=nodes)
    return base._replace(**changed)


def _keys(base: Document, child: Document) -> dict[str, Entry]:
    """What is written, as one document would."""
    keys = {**base.keys, **child.keys}
    for part in ("params", "blocks", "graph"):
        if part in base.keys and part in child.keys:
            below, above = base.keys[part].value, child.keys[part].value
            if isinstance(below, MappingTree) and isinstance(above, MappingTree):
                entries = {**below.entries, **above.entries}
                keys[part] = child.keys[part]._replace(
                    value=above._replace(entries=entries)
                )
    return keys


def _nodes(
    base: tuple[NodeDecl, ...], child: tuple[NodeDecl, ...]
) -> tuple[NodeDecl, ...]:
    new = {node.name: node for node in child}
    kept = [new.pop(node.name, node) for node in base]
    return (*kept, *new.values())


def _params(base: Document, child: Document) -> Mapping[str, ParamDecl]:
    params = dict(base.params)
    findings = Findings()
    for name, decl in child.params.items():
        written = child.keys["params"].value
        assert isinstance(written, MappingTree)
        value = written.entries[name].value
        bare = not (
            isinstance(value, MappingTree)
            and {"type", "default"} & value.entries.keys()
        )
        if bare and name in base.params:
            params[name] = base.params[name]._replace(default=value, span=decl.span)
        elif decl.kind == grammar.INHERITED:
            close = suggest(name, base.params)
            findings.add(
                errors.UnknownInherited, decl.span, name=name, suggestion=close
            )
        else:
            params[name] = decl
    findings.stop()
    return params
