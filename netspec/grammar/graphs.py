"""Blocks, graphs and nodes."""

from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from typing import Any

from netspec.declarations import (
    BlockDecl,
    FromDecl,
    GraphDecl,
    NodeDecl,
    OutputDecl,
    RefDecl,
    RepeatDecl,
)
from netspec.diagnostics import Span, suggest
from netspec.errors import grammar as errors
from netspec.grammar.keys import (
    BLOCK_KEYS,
    JOINS,
    MODES,
    NODE_KEYS,
    REPEAT_KEYS,
    SHARE_KEYS,
    TENSORS,
)
from netspec.grammar.params import ParamReader
from netspec.grammar.reader import listed
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree


class GraphReader(ParamReader):
    """Reads blocks and graphs."""

    def blocks(self, tree: Tree) -> dict[str, BlockDecl]:
        found = {}
        for name, (key, value) in self.entries(tree, "`blocks`").items():
            self.name(key)
            found[name] = self.block(key, value)
        return found

    def block(self, key: Scalar, value: Tree) -> BlockDecl:
        what = f"the block `{key.text}`"
        keys = self.entries(value, what, BLOCK_KEYS)
        if isinstance(value, Mapping) and "graph" not in keys:
            self.missing(key.span, what, "graph")
        return BlockDecl(
            key.text,
            key.span,
            self.params(keys["params"].value) if "params" in keys else {},
            self.body(keys, key.span),
            self.text(keys["doc"].value, "`doc`") if "doc" in keys else "",
        )

    def body(self, keys: AnyMapping[str, Entry], span: Span) -> GraphDecl:
        """`graph` with its `inputs` and `outputs`, of a block or an inline block."""
        graph = (
            self.graph(keys["graph"].value) if "graph" in keys else GraphDecl((), span)
        )
        inputs = outputs = None
        if "inputs" in keys:
            items = self.items(keys["inputs"].value, "`inputs`", "a list of names")
            scalars = [self.scalar(item, "an input", "a name") for item in items]
            inputs = tuple(item for item in scalars if item and self.name(item))
        if "outputs" in keys:
            outputs = self.outputs(keys["outputs"].value)
        return graph._replace(inputs=inputs, outputs=outputs)

    def graph(self, tree: Tree) -> GraphDecl:
        if isinstance(tree, Sequence) and tree.items:
            nodes = [
                self.node(Scalar(i, str(i), item.span), item)
                for i, item in enumerate(tree.items)
            ]
            for node in nodes:
                if node.source is not None:
                    self.conflict(
                        node.source.span,
                        "a node of a list takes no `from`",
                        "a list is a chain",
                        "write the graph as a mapping of names to nodes",
                    )
            return GraphDecl(tuple(nodes), tree.span, is_list=True)
        if isinstance(tree, Sequence):
            self.wrong(tree, "a graph", "at least one node")
            return GraphDecl((), tree.span)
        if not isinstance(tree, Mapping):
            self.wrong(
                tree, "a graph", "a mapping of names to nodes, or a list of nodes"
            )
            return GraphDecl((), tree.span)
        found = []
        for key, value in tree.entries.values():
            self.name(key, index=True)
            if key.text == "input":
                reason = "it is the graph's own input"
                self.findings.add(errors.BadName, key.span, name="input", reason=reason)
            found.append(self.node(key, value))
        if not found:
            self.wrong(tree, "a graph", "at least one node")
        return GraphDecl(tuple(found), tree.span)

    def node(self, key: Scalar, value: Tree) -> NodeDecl:
        span = key.span.head
        if isinstance(value, Scalar):
            kind = self.scalar(
                value, f"the node `{key.text}`", "a type's name or a mapping"
            )
            return NodeDecl(key.text, span, type=kind)
        keys = self.entries(value, f"the node `{key.text}`")
        if isinstance(value, Mapping):
            self.node_kind(keys, span, key.text)
        parts: dict[str, Any] = {}
        readers: dict[str, Callable[[Tree], Any]] = {
            "type": lambda t: self.scalar(t, "`type`", "a type's name"),
            "share": lambda t: self.scalar(t, "`share`", "a sibling's name"),
            "when": lambda t: self.scalar(t, "`when`", "a condition"),
            "repeat": self.repeat,
            "doc": lambda t: self.text(t, "`doc`"),
        }
        for name, read in readers.items():
            if name in keys:
                parts[name] = read(keys[name].value)
        if "from" in keys:
            parts["source"] = self.source(keys["from"].value)
        if "else" in keys:
            parts["otherwise"] = self.ref(keys["else"].value)
        kind = parts.get("type")
        if kind is not None and kind.text in TENSORS and key.text.isdigit():
            reason = "a tensor is read by its name, so give it a word"
            self.findings.add(errors.BadName, span, name=key.text, reason=reason)
        inline = "graph" in keys
        if inline:
            parts["graph"] = self.body(keys, span)
        own = ("inputs", "outputs")
        arguments = {
            name: entry
            for name, entry in keys.items()
            if name not in NODE_KEYS or (name in own and not inline)
        }
        return NodeDecl(key.text, span, arguments=arguments, **parts)

    def node_kind(self, keys: AnyMapping[str, Entry], span: Span, name: str) -> None:
        kinds = [key for key in ("type", "graph", "share") if key in keys]
        if not kinds:
            self.no_kind(keys, span, name)
        elif len(kinds) > 1:
            both = f"`{kinds[0]}` and `{kinds[1]}`"
            self.conflict(
                keys[kinds[1]].key.span,
                f"a node has one of {both}",
                "this is the second",
            )
        for key, entry in keys.items() if kinds == ["share"] else ():
            if key not in SHARE_KEYS:
                self.unknown(entry.key, "a node that shares", SHARE_KEYS)
        if "graph" in kinds:
            for key, entry in keys.items():
                if key not in NODE_KEYS:
                    self.unknown(entry.key, f"the inline block `{name}`", NODE_KEYS)
        if "else" in keys and "when" not in keys:
            self.conflict(
                keys["else"].key.span, "`else` goes with `when`", "there is no `when`"
            )

    def no_kind(self, keys: AnyMapping[str, Entry], span: Span, name: str) -> None:
        """A node without a type: a misspelt key is the likely reason."""
        own = [key for key in keys if key not in NODE_KEYS]
        for key in own:
            if suggest(key, ("type", "graph", "share")):
                where = f"the node `{name}`"
                return self.unknown(keys[key].key, where, ("type", "graph", "share"))
        advice = "say what it is: `type: Conv2d`" if own else None
        return self.missing(span, f"the node `{name}`", "type", advice)

    def repeat(self, tree: Tree) -> RepeatDecl:
        if not isinstance(tree, Mapping):
            return RepeatDecl(tree, tree.span)
        keys = self.entries(tree, "`repeat`", REPEAT_KEYS)
        if "over" not in keys:
            self.missing(tree.span, "`repeat`", "over", "a count or a list")
        parts: dict[str, Any] = {}
        for key, part in (("as", "item"), ("index", "counter"), ("prefix", "prefix")):
            if key in keys:
                scalar = self.scalar(keys[key].value, f"`{key}`", "a name")
                parts[part] = self.name(scalar) if scalar else part
        if parts.get("item", "item") == parts.get("counter", "i"):
            key = "index" if "index" in keys else "as"
            self.conflict(
                keys[key].key.span,
                "a repeat's element and its index have the same name",
                "a name stands for one value",
            )
        if "start" in keys:
            start = keys["start"].value
            if (
                isinstance(start, Scalar)
                and type(start.value) is int
                and start.value >= 0
            ):
                parts["start"] = start.value
            else:
                self.wrong(start, "`start`", "an integer of at least 0")
        if "splice" in keys:
            splice = keys["splice"].value
            if isinstance(splice, Scalar) and isinstance(splice.value, bool):
                parts["splice"] = splice.value
            else:
                self.wrong(splice, "`splice`", "true or false")
        over = keys["over"].value if "over" in keys else Scalar(0, "0", tree.span)
        return RepeatDecl(over, tree.span, **parts)

    def source(self, tree: Tree) -> FromDecl:
        match tree:
            case Sequence():
                return FromDecl(self.refs(tree), tree.span)
            case Mapping():
                return self.connection(tree)
            case _:
                ref = self.ref(tree)
                return FromDecl((ref,) if ref else (), tree.span)

    def connection(self, tree: Mapping) -> FromDecl:
        joins = [key for key in tree.entries if key in JOINS]
        if len(joins) != 1:
            extra = next(
                (e.key for k, e in tree.entries.items() if k not in JOINS), None
            )
            if joins or extra is None:
                self.wrong(tree, "a connection", f"exactly one of {listed(JOINS)}")
            else:
                self.unknown(extra, "a connection", JOINS)
            return FromDecl((), tree.span)
        key, value = tree.entries[joins[0]]
        refs = self.refs(value) if isinstance(value, Sequence) else ()
        if len(refs) < 2:
            self.wrong(value, f"`{key.text}`", "a list of at least two names")
        arguments = {
            name: entry for name, entry in tree.entries.items() if name != key.text
        }
        return FromDecl(refs, tree.span, key, arguments)

    def refs(self, tree: Sequence) -> tuple[RefDecl, ...]:
        found = [self.ref(item) for item in tree.items]
        return tuple(ref for ref in found if ref)

    def ref(self, tree: Tree) -> RefDecl | None:
        scalar = self.scalar(tree, "an input", "a node's name")
        if scalar is None:
            return None
        name, dot, output = scalar.text.partition(".")
        return RefDecl(name, output if dot else None, scalar.span)

    def outputs(self, tree: Tree) -> tuple[OutputDecl, ...]:
        found = []
        if isinstance(tree, Mapping) and not tree.entries:
            self.wrong(tree, "`outputs`", "a mapping of at least one output")
        for key, value in self.entries(tree, "`outputs`").values():
            self.name(key)
            if key.text.startswith("_"):
                reason = (
                    "an output is a field of a named tuple: it begins with a letter"
                )
                name = key.text[:64]
                self.findings.add(errors.BadName, key.span, name=name, reason=reason)
            mode = None
            if isinstance(value, Mapping):
                keys = self.entries(value, f"the output `{key.text}`", ("from", "mode"))
                if "from" not in keys:
                    self.missing(key.span, f"the output `{key.text}`", "from")
                    continue
                if "mode" in keys:
                    mode = self.word(keys["mode"].value, "`mode`", MODES)
                value = keys["from"].value
            ref = self.ref(value)
            if ref:
                found.append(OutputDecl(key.text, ref, mode))
        if found and all(output.mode for output in found):
            self.wrong(tree, "`outputs`", "at least one output without a `mode`")
        return tuple(found)
