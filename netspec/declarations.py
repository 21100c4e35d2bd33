"""What a document declares: names, trees and places, nothing worked out yet.

What has a part that is wrong is not whole: it is there, so that names find it, and what
depends on it is left unchecked.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from netspec.diagnostics import Finding, Span
from netspec.source import Entry, Scalar, Tree


class ParamDecl(NamedTuple):
    """A parameter of a spec or a block; `default` is None for a required one."""

    name: str
    kind: str
    default: Tree | None
    span: Span
    choices: tuple[Any, ...] = ()
    doc: str = ""
    is_whole: bool = True


class InputDecl(NamedTuple):
    """A network's input: its shape without the batch, what is said of its symbols."""

    name: str
    shape: tuple[Scalar, ...]
    span: Span
    dtype: str = "float32"
    where: Scalar | None = None
    example: Mapping[str, int] = {}
    places: Mapping[str, Span] = {}  # where the example names each symbol
    is_whole: bool = True


class RefDecl(NamedTuple):
    """A value by its name as written: `relu1`, `lstm.hidden`, `chunk.0`."""

    name: str
    output: str | None
    span: Span

    def __str__(self) -> str:
        return self.name if self.output is None else f"{self.name}.{self.output}"


class FromDecl(NamedTuple):
    """Where a node's inputs come from; `join` names the connection, if it is one."""

    refs: tuple[RefDecl, ...]
    span: Span
    join: Scalar | None = None
    arguments: Mapping[str, Entry] = {}


class RepeatDecl(NamedTuple):
    """A `repeat`, all its keys settled."""

    over: Tree
    span: Span
    item: str = "item"
    counter: str = "i"
    prefix: str = ""
    start: int = 0
    splice: bool = False


class NodeDecl(NamedTuple):
    """A node: of a `type`, an inline `graph`, or a `share` of a sibling."""

    name: str
    span: Span  # the name, or a list item
    type: Scalar | None = None
    graph: "GraphDecl | None" = None
    share: Scalar | None = None
    source: FromDecl | None = None
    when: Scalar | None = None
    otherwise: RefDecl | None = None
    repeat: RepeatDecl | None = None
    doc: str = ""
    arguments: Mapping[str, Entry] = {}
    is_whole: bool = True


class OutputDecl(NamedTuple):
    """An output by its name; `mode` is "train" for one that only training has."""

    name: str
    ref: RefDecl
    mode: str | None = None


class GraphDecl(NamedTuple):
    """An ordered set of nodes. `inputs` and `outputs` are None where not declared."""

    nodes: tuple[NodeDecl, ...]
    span: Span
    is_list: bool = False
    inputs: tuple[Scalar, ...] | None = None
    outputs: tuple[OutputDecl, ...] | None = None


class BlockDecl(NamedTuple):
    """A named block."""

    name: str
    span: Span
    params: Mapping[str, ParamDecl]
    graph: GraphDecl
    doc: str = ""
    is_whole: bool = True


class InitDecl(NamedTuple):
    """An initialisation rule: parameters of a type or a path, and what fills them."""

    span: Span
    type: Scalar | None
    path: Scalar | None
    values: Mapping[str, Entry]


class ExpectDecl(NamedTuple):
    """What `expect` promises."""

    span: Span
    params: Scalar | None = None
    macs: Scalar | None = None
    outputs: Mapping[str, Entry] = {}


class TieDecl(NamedTuple):
    """Two parameters that are one."""

    tied: Scalar
    to: Scalar


class ImportDecl(NamedTuple):
    """A file whose blocks are taken in; `names` are known once it is linked."""

    path: Scalar
    names: tuple[str, ...] = ()


class Document(NamedTuple):
    """One file. `blocks` are its own; what it imports is added when it is linked.

    `findings` tell what is wrong with parts that the rest can be checked without;
    `has_imports` is false if it may be meant to import more than it says.
    """

    span: Span
    keys: Mapping[str, Entry]
    name: str = ""
    doc: str = ""
    extends: Scalar | None = None
    imports: tuple[ImportDecl, ...] = ()
    params: Mapping[str, ParamDecl] = {}
    inputs: tuple[InputDecl, ...] = ()
    blocks: Mapping[str, BlockDecl] = {}
    graph: GraphDecl | None = None
    outputs: tuple[OutputDecl, ...] | None = None
    init: tuple[InitDecl, ...] = ()
    ties: tuple[TieDecl, ...] = ()
    expect: ExpectDecl | None = None
    has_imports: bool = True
    findings: tuple[Finding, ...] = ()
