"""A whole document."""

from functools import partial

from netspec.declarations import (
    Document,
    ExpectDecl,
    ImportDecl,
    InitDecl,
    InputDecl,
    OutputDecl,
    TieDecl,
)
from netspec.errors import grammar as errors
from netspec.grammar.graphs import GraphReader
from netspec.grammar.keys import DOCUMENT_KEYS, EXPECT_KEYS, INPUT_KEYS, RECIPE_KEYS
from netspec.grammar.layout import is_of_section
from netspec.grammar.reader import Keys, given, kind_of, written
from netspec.source import Entry, Mapping, Scalar, Tree
from netspec.spelling import suggest

# What the rest can be checked without.
_ALONE = {None, "name", "doc", "imports", "outputs", "init", "tie", "expect"}


def document(tree: Tree) -> Document:
    """Read a whole document. Raises SpecError with all findings."""
    reader = DocumentReader()
    result = reader.document(tree)
    if result is None or reader.findings:
        reader.stop()
    assert result is not None
    return result._replace(has_imports=reader.has_imports, findings=tuple(reader.apart))


class DocumentReader(GraphReader):
    """Reads documents; `is_sure` is false if the network may be meant to be another.

    `has_imports` is false if it may be meant to import more.
    """

    is_sure = True
    has_imports = True

    def document(self, tree: Tree) -> Document | None:
        """Every part of a document; None if it is no mapping."""
        if isinstance(tree, Mapping) and _is_recipe(tree.entries):
            advice = "this is a recipe: `netspec train --recipe` reads it"
            self.missing(tree.span.head, "a spec", "netspec", advice)
            return None
        if not isinstance(tree, Mapping):
            self.wrong(tree, "a spec", "a mapping")
            return None
        keys = self.keys(tree)
        self.version(tree, keys)
        self.extends = "extends" in keys
        return Document(
            tree.span,
            keys,
            given(keys, "name", self.own_name) or "",
            given(keys, "doc", self.doc) or "",
            given(keys, "extends", self.scalar, "`extends`", "the path of a spec"),
            given(keys, "imports", self.imports) or (),
            given(keys, "params", self.params) or {},
            self.all_inputs(keys),
            given(keys, "blocks", self.blocks) or {},
            given(keys, "graph", self.graph),
            given(keys, "outputs", self.whole_outputs),
            given(keys, "init", self.init) or (),
            given(keys, "tie", self.ties) or (),
            given(keys, "expect", self.figures),
        )

    def own_name(self, tree: Tree) -> str:
        """What the network is called."""
        return self.aside(self.name, tree, "`name`", "an identifier")

    def whole_outputs(self, tree: Tree) -> tuple[OutputDecl, ...] | None:
        """The outputs, or those of the last node if any of them is wrong."""
        outputs = self.whole(self.outputs, tree)
        self.is_sure = self.is_sure and outputs is not None
        return outputs

    def keys(self, tree: Tree) -> Keys:
        """The keys, of which one may be another misspelt that all else depends on."""
        whole = self.indented(tree, is_of_section)
        entries = self.entries(whole, "a spec")
        unknown = entries.keys() - DOCUMENT_KEYS.keys()
        self.is_sure = all(isinstance(entries[k].value, Scalar) for k in unknown)
        meant = {suggest(key, DOCUMENT_KEYS) for key in unknown}
        self.has_imports = "imports" not in meant
        read = partial(self.entries, whole, "a spec", DOCUMENT_KEYS)
        return self.aside(read) if meant <= _ALONE else read()

    def version(self, tree: Mapping, keys: Keys) -> None:
        """Report a document of another version of the language, or of none."""
        if "netspec" not in keys:
            if not any(
                suggest(key, DOCUMENT_KEYS) == "netspec" for key in tree.entries
            ):
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
        if isinstance(value, Mapping) and not _is_input(value):
            self.wrong(
                value,
                "`input`",
                "the shape of a single input",
                "inputs with names stand under `inputs:`",
            )
            return inputs
        return (self.declared(self.input_of, key, value),)

    def imports(self, tree: Tree) -> tuple[ImportDecl, ...]:
        """The files whose blocks are taken in."""
        text = written(tree) if isinstance(tree, Scalar) else None
        advice = f"write `[{text}]`" if text else None
        items = self.whole(self.items, tree, "`imports`", "a list of files", advice)
        found = [self.whole(self.file, item) for item in items or ()]
        self.has_imports = items is not None and None not in found
        return tuple(ImportDecl(path) for path in found if path)

    def file(self, tree: Tree) -> Scalar | None:
        """An import; `netspec: dense` is one with a space too many."""
        entry = tree.entries.get("netspec") if isinstance(tree, Mapping) else None
        if entry is None or not isinstance(entry.value, Scalar):
            return self.scalar(tree, "an import", "a path or `netspec:NAME`")
        advice = f"write `netspec:{entry.value.text}`, without the space"
        self.wrong(tree, "an import", "a path or `netspec:NAME`", advice)
        return None

    def init(self, tree: Tree) -> tuple[InitDecl, ...]:
        """The rules of initialisation."""
        advice = "begin each rule with a `-`" if isinstance(tree, Mapping) else None
        expected = "a list of rules"
        items = self.aside(self.items, tree, "`init`", expected, advice)
        rules = [self.whole(self.rule, item) for item in items]
        return tuple(rule for rule in rules if rule)

    def rule(self, tree: Tree) -> InitDecl | None:
        """A rule: for a type or a path, what fills each parameter."""
        keys = self.entries(tree, "an init rule")
        if not isinstance(tree, Mapping):
            return None
        if "type" in keys and "path" in keys:
            what = "an init rule has one of `type` and `path`"
            self.conflict(keys["path"].key.span, what, "this is the second")
            return None
        if "type" not in keys and "path" not in keys:
            meant = [key for key in keys if suggest(key, ("type", "path"))]
            if meant:
                self.unknown(keys[meant[0]].key, "an init rule", ("type", "path"))
                return None
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
        expected = "a list of pairs of parameters"
        items = self.aside(self.items, tree, "`tie`", expected)
        ties = [self.whole(self.tie, item) for item in items]
        self.is_sure = self.is_sure and bool(ties) and None not in ties
        return tuple(tie for tie in ties if tie)

    def tie(self, tree: Tree) -> TieDecl | None:
        """A pair of parameters, by their paths."""
        expected = "two paths, [fc.weight, embedding.weight]"
        pair = self.items(tree, "a tie", expected)
        if pair and len(pair) != 2:
            self.wrong(tree, "a tie", expected)
            return None
        paths = [self.scalar(part, "a tied parameter", "its path") for part in pair]
        known = [path for path in paths if path]
        return TieDecl(*known) if len(known) == 2 else None

    def figures(self, tree: Tree) -> ExpectDecl | None:
        """What is promised, as far as it is whole, if it can be held to the rest."""
        found = self.aside(self.expect, tree)
        return found if self.is_sure else None

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


def _is_recipe(keys: Keys) -> bool:
    """Whether this is a recipe and no spec: beyond doubt, by what it must hold."""
    return "graph" not in keys and len(RECIPE_KEYS & keys.keys()) > 2


def _is_input(tree: Mapping) -> bool:
    """Whether any key is one of an input's, or meant to be."""
    return any(suggest(key, INPUT_KEYS) for key in tree.entries)
