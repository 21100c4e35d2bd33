"""A whole document."""

from netspec.declarations import (
    Document,
    ExpectDecl,
    ImportDecl,
    InitDecl,
    InputDecl,
    TieDecl,
)
from netspec.errors import grammar as errors
from netspec.grammar.graphs import GraphReader
from netspec.grammar.keys import DOCUMENT_KEYS, EXPECT_KEYS
from netspec.grammar.reader import Keys, given, kind_of
from netspec.source import Entry, Mapping, Scalar, Tree


def document(tree: Tree) -> Document:
    """Read a whole document. Raises SpecError with all findings."""
    reader = DocumentReader()
    result = reader.document(tree)
    reader.findings.stop()
    assert result is not None
    return result


class DocumentReader(GraphReader):
    """Reads documents."""

    def document(self, tree: Tree) -> Document | None:
        """Every part of a document; None if it is no mapping."""
        keys = self.entries(tree, "a spec", DOCUMENT_KEYS)
        if not isinstance(tree, Mapping):
            return None
        self.version(tree, keys)
        self.extends = "extends" in keys
        return Document(
            tree.span,
            keys,
            given(keys, "name", self.name, "`name`", "an identifier") or "",
            given(keys, "doc", self.doc) or "",
            given(keys, "extends", self.scalar, "`extends`", "the path of a spec"),
            given(keys, "imports", self.imports) or (),
            given(keys, "params", self.params) or {},
            self.all_inputs(keys),
            given(keys, "blocks", self.blocks) or {},
            given(keys, "graph", self.graph),
            given(keys, "outputs", self.outputs),
            given(keys, "init", self.init) or (),
            given(keys, "tie", self.ties) or (),
            given(keys, "expect", self.expect),
        )

    def version(self, tree: Mapping, keys: Keys) -> None:
        """Report a document of another version of the language, or of none."""
        if "netspec" not in keys:
            start = tree.span._replace(end_line=tree.span.line)
            start = start._replace(end_column=start.column + 1)
            self.missing(start, "a spec", "netspec", "start it with `netspec: 1`")
            return
        value = keys["netspec"].value
        if not isinstance(value, Scalar) or value.value != 1 or value.value is True:
            found = kind_of(value)
            self.findings.add(errors.WrongVersion, value.span, found=found)

    def all_inputs(self, keys: Keys) -> tuple[InputDecl, ...]:
        """`inputs`, or the single one that `input` is short for."""
        inputs = given(keys, "inputs", self.inputs) or ()
        if "input" not in keys:
            return inputs
        key, value = keys["input"]
        if "inputs" in keys:
            self.conflict(key.span, "`input` is short for `inputs`", "give only one")
        return (self.input_of(key, value),)

    def imports(self, tree: Tree) -> tuple[ImportDecl, ...]:
        """The files whose blocks are taken in."""
        found = [
            self.scalar(item, "an import", "a path or `netspec:NAME`")
            for item in self.items(tree, "`imports`", "a list of files")
        ]
        return tuple(ImportDecl(path) for path in found if path)

    def init(self, tree: Tree) -> tuple[InitDecl, ...]:
        """The rules of initialisation."""
        rules = [
            self.rule(item) for item in self.items(tree, "`init`", "a list of rules")
        ]
        return tuple(rule for rule in rules if rule)

    def rule(self, tree: Tree) -> InitDecl | None:
        """A rule: for a type or a path, what fills each parameter."""
        keys = self.entries(tree, "an init rule")
        if not isinstance(tree, Mapping):
            return None
        if ("type" in keys) == ("path" in keys):
            advice = "a rule is for a `type` or a `path`"
            self.missing(tree.span, "an init rule", "type", advice)
            return None
        return InitDecl(
            tree.span,
            given(keys, "type", self.scalar, "`type`", "a text"),
            given(keys, "path", self.scalar, "`path`", "a text"),
            {key: entry for key, entry in keys.items() if key not in ("type", "path")},
        )

    def ties(self, tree: Tree) -> tuple[TieDecl, ...]:
        """Pairs of parameters that are one."""
        items = self.items(tree, "`tie`", "a list of pairs of parameters")
        ties = [self.tie(item) for item in items]
        return tuple(tie for tie in ties if tie)

    def tie(self, tree: Tree) -> TieDecl | None:
        """A pair of parameters, by their paths."""
        expected = "two paths, [fc.weight, embedding.weight]"
        pair = self.items(tree, "a tie", expected)
        paths = [self.scalar(part, "a tied parameter", "its path") for part in pair]
        if len(paths) == 2 and paths[0] and paths[1]:
            return TieDecl(paths[0], paths[1])
        if pair:
            self.wrong(tree, "a tie", expected)
        return None

    def expect(self, tree: Tree) -> ExpectDecl:
        """The figures that the network is held to."""
        keys = self.entries(tree, "`expect`", EXPECT_KEYS)
        outputs: dict[str, Entry] = {}
        if "output" in keys:
            outputs[""] = keys["output"]
        outputs |= given(keys, "outputs", self.entries, "`outputs`") or {}
        return ExpectDecl(
            tree.span,
            given(keys, "params", self.scalar, "`params`", "an integer"),
            given(keys, "macs", self.scalar, "`macs`", "an integer"),
            outputs,
        )
