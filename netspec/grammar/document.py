"""A whole document."""

from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from typing import Any

from netspec.declarations import (
    Document,
    ExpectDecl,
    ImportDecl,
    InitDecl,
    TieDecl,
)
from netspec.errors import grammar as errors
from netspec.grammar.graphs import GraphReader
from netspec.grammar.keys import DOCUMENT_KEYS, EXPECT_KEYS
from netspec.grammar.reader import kind_of
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
        keys = self.entries(tree, "a spec", DOCUMENT_KEYS)
        if not isinstance(tree, Mapping):
            return None
        self.version(tree, keys)
        self.extends = "extends" in keys
        parts: dict[str, Any] = {}
        readers: dict[str, Callable[[Entry], Any]] = {
            "name": lambda e: self.network_name(e.value),
            "doc": lambda e: self.text(e.value, "`doc`"),
            "extends": lambda e: self.scalar(
                e.value, "`extends`", "the path of a spec"
            ),
            "imports": lambda e: self.imports(e.value),
            "params": lambda e: self.params(e.value),
            "inputs": lambda e: self.inputs(e.value),
            "blocks": lambda e: self.blocks(e.value),
            "graph": lambda e: self.graph(e.value),
            "outputs": lambda e: self.outputs(e.value),
            "init": lambda e: self.init(e.value),
            "expect": lambda e: self.expect(e.value),
        }
        for key, read in readers.items():
            if key in keys:
                parts[key] = read(keys[key])
        if "input" in keys:
            self.short_input(keys, parts)
        if "tie" in keys:
            parts["ties"] = self.ties(keys["tie"].value)
        return Document(span=tree.span, keys=keys, **parts)

    def version(self, tree: Mapping, keys: AnyMapping[str, Entry]) -> None:
        if "netspec" not in keys:
            start = tree.span._replace(end_line=tree.span.line)
            start = start._replace(end_column=start.column + 1)
            self.missing(start, "a spec", "netspec", "start it with `netspec: 1`")
            return
        value = keys["netspec"].value
        if not isinstance(value, Scalar) or value.value != 1 or value.value is True:
            found = kind_of(value)
            self.findings.add(errors.WrongVersion, value.span, found=found)

    def network_name(self, tree: Tree) -> str:
        scalar = self.scalar(tree, "`name`", "an identifier")
        return self.name(scalar) if scalar else ""

    def short_input(self, keys: AnyMapping[str, Entry], parts: dict[str, Any]) -> None:
        if "inputs" in keys:
            self.conflict(
                keys["input"].key.span, "`input` is short for `inputs`", "give only one"
            )
        key = keys["input"].key
        parts["inputs"] = (self.input_of(key, keys["input"].value),)

    def imports(self, tree: Tree) -> tuple[ImportDecl, ...]:
        found = [
            self.scalar(item, "an import", "a path or `netspec:NAME`")
            for item in self.items(tree, "`imports`", "a list of files")
        ]
        return tuple(ImportDecl(path) for path in found if path)

    def init(self, tree: Tree) -> tuple[InitDecl, ...]:
        rules = []
        for item in self.items(tree, "`init`", "a list of rules"):
            keys = self.entries(item, "an init rule")
            if not isinstance(item, Mapping):
                continue
            chosen = [key for key in ("type", "path") if key in keys]
            if len(chosen) != 1:
                self.missing(
                    item.span,
                    "an init rule",
                    "type",
                    "a rule is for a `type` or a `path`",
                )
                continue
            target = self.scalar(keys[chosen[0]].value, f"`{chosen[0]}`", "a text")
            values = {key: entry for key, entry in keys.items() if key not in chosen}
            rules.append(
                InitDecl(
                    item.span,
                    target if chosen == ["type"] else None,
                    target if chosen == ["path"] else None,
                    values,
                )
            )
        return tuple(rules)

    def ties(self, tree: Tree) -> tuple[TieDecl, ...]:
        found = []
        for item in self.items(tree, "`tie`", "a list of pairs of parameters"):
            pair = self.items(item, "a tie", "two paths, [fc.weight, embedding.weight]")
            scalars = [
                self.scalar(part, "a tied parameter", "its path") for part in pair
            ]
            if len(scalars) == 2 and scalars[0] and scalars[1]:
                found.append(TieDecl(scalars[0], scalars[1]))
            elif pair:
                self.wrong(item, "a tie", "two paths, [fc.weight, embedding.weight]")
        return tuple(found)

    def expect(self, tree: Tree) -> ExpectDecl:
        keys = self.entries(tree, "`expect`", EXPECT_KEYS)
        outputs: dict[str, Entry] = {}
        if "output" in keys:
            outputs[""] = keys["output"]
        if "outputs" in keys:
            outputs |= self.entries(keys["outputs"].value, "`outputs`")
        numbers: dict[str, Scalar | None] = {}
        for key in ("params", "macs"):
            if key in keys:
                numbers[key] = self.scalar(keys[key].value, f"`{key}`", "an integer")
        return ExpectDecl(tree.span, outputs=outputs, **numbers)
