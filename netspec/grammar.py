"""What a document may say: trees in, declarations out, each wrong key or value a finding."""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as AnyMapping
from typing import Any

from netspec import names
from netspec.declarations import (
    BlockDecl,
    Document,
    ExpectDecl,
    FromDecl,
    GraphDecl,
    ImportDecl,
    InitDecl,
    InputDecl,
    NodeDecl,
    OutputDecl,
    ParamDecl,
    RefDecl,
    RepeatDecl,
    TieDecl,
)
from netspec.diagnostics import Findings, Span, SpecError, suggest
from netspec.errors import grammar as errors
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree, plain
from netspec.tensors import DTYPES

DOCUMENT_KEYS = {
    "netspec": "the language version, 1",
    "name": "an identifier; the emitted class is its PascalCase form",
    "doc": "what this network is",
    "extends": "another spec that this one changes",
    "imports": "files whose blocks are taken in",
    "params": "what may be changed from outside",
    "inputs": "the network's inputs",
    "input": "the shape of a single input",
    "blocks": "reusable parts",
    "graph": "the network",
    "outputs": "what the network gives",
    "init": "how parameters are initialised, later rules winning",
    "tie": "parameters that are one",
    "expect": "figures that `netspec check` compares",
}
BLOCK_KEYS = {
    "doc": "what this block is",
    "params": "what its uses give",
    "inputs": "the names of its inputs, by default `input`",
    "outputs": "its outputs by name, by default the last node",
    "graph": "its nodes",
}
NODE_KEYS = {
    "type": "an operator, a block, or a param of type `block`",
    "graph": "an inline block",
    "inputs": "the names of an inline block's inputs",
    "outputs": "an inline block's outputs by name",
    "share": "run the named sibling again with the same weights",
    "from": "where the input comes from, by default the node above",
    "when": "false: no module, and the input flows through",
    "else": "what stands for a node whose `when` is false",
    "repeat": "a count or a list; makes a container",
    "doc": "a line for drawings and emitted code",
}
REPEAT_KEYS = {
    "over": "a count or a list",
    "as": "the element's name, by default `item`",
    "index": "the index's name, by default `i`",
    "prefix": "what the children's names start with",
    "start": "the first child's number",
    "splice": "true: the children join the enclosing graph",
}
PARAM_KEYS = {
    "type": "the param's type",
    "default": "its value where none is given",
    "choices": "the values it may have",
    "doc": "what it is for",
}
INPUT_KEYS = {
    "shape": "the sizes without the batch",
    "dtype": "the element type, by default float32",
    "where": "a condition on the symbols",
    "example": "a size for each symbol",
}
EXPECT_KEYS = {
    "params": "the number of parameters",
    "macs": "multiply-adds at the example sizes",
    "output": "the shape of the output",
    "outputs": "the shapes of several outputs",
}
PARAM_TYPES = ("int", "float", "bool", "str", "pair", "list", "row", "block")
INHERITED = "inherited"  # the type of a bare text, which only an extended spec knows
JOINS = {"add": "Add", "concat": "Concat", "mul": "Mul"}
MODES = ("train",)


def document(tree: Tree) -> Document:
    """Read a whole document. Raises SpecError with all findings."""
    reader = _Reader()
    result = reader.document(tree)
    if reader.findings:
        raise SpecError(reader.findings)
    assert result is not None
    return result


def kind_of(tree: Tree) -> str:
    """What a tree is, in the words of messages."""
    match tree:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=None):
            return "nothing" if tree.text == "" else "null"
        case Scalar(value=bool()):
            return tree.text
        case Scalar(value=str()):
            return f"the text `{tree.text[:40]}`"
        case Scalar():
            return f"the number {tree.text[:40]}"


class _Reader:
    def __init__(self) -> None:
        self.findings = Findings()
        self.extends = False

    # Small pieces ---------------------------------------------------------------

    def wrong(
        self, tree: Tree, what: str, expected: str, advice: str | None = None
    ) -> None:
        self.findings.append(
            errors.WrongValue(
                span=tree.span.head,
                what=what,
                expected=expected,
                found=kind_of(tree),
                advice_text=advice,
            )
        )

    def entries(
        self, tree: Tree, what: str, known: Iterable[str] | None = None
    ) -> AnyMapping[str, Entry]:
        """A mapping's entries, its unknown keys reported."""
        if not isinstance(tree, Mapping):
            self.wrong(tree, what, "a mapping")
            return {}
        if known is None:
            return tree.entries
        for name, entry in tree.entries.items():
            if name not in known:
                self.unknown(entry.key, what, known)
        return {name: entry for name, entry in tree.entries.items() if name in known}

    def unknown(self, key: Scalar, where: str, known: Iterable[str]) -> None:
        close = suggest(key.text, known)
        advice = f"did you mean `{close}`?" if close else f"it has {_list(known)}"
        self.findings.append(
            errors.UnknownKey(
                span=key.span, key=key.text, where=where, advice_text=advice
            )
        )

    def name(self, key: Scalar, *, index: bool = False) -> str:
        reason = names.refusal(key.text, index=index)
        if reason:
            self.findings.append(
                errors.BadName(span=key.span, name=key.text[:64], reason=reason)
            )
        return key.text

    def text(self, tree: Tree, what: str) -> str:
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            return tree.value
        self.wrong(tree, what, "a text")
        return ""

    def scalar(self, tree: Tree, what: str, expected: str) -> Scalar | None:
        if isinstance(tree, Scalar) and tree.value is not None:
            return tree
        self.wrong(tree, what, expected)
        return None

    def word(self, tree: Tree, what: str, choices: Iterable[str]) -> str | None:
        if isinstance(tree, Scalar) and tree.text in choices:
            return tree.text
        close = suggest(tree.text, choices) if isinstance(tree, Scalar) else None
        advice = f"did you mean `{close}`?" if close else None
        self.wrong(tree, what, f"one of {_list(choices)}", advice)
        return None

    def items(
        self, tree: Tree, what: str, expected: str = "a list"
    ) -> tuple[Tree, ...]:
        if isinstance(tree, Sequence):
            return tree.items
        self.wrong(tree, what, expected)
        return ()

    def missing(
        self, span: Span, where: str, key: str, advice: str | None = None
    ) -> None:
        self.findings.append(
            errors.MissingKey(span=span, where=where, key=key, advice_text=advice)
        )

    def conflict(
        self, span: Span, what: str, reason: str, advice: str | None = None
    ) -> None:
        self.findings.append(
            errors.Conflict(span=span, what=what, reason=reason, advice_text=advice)
        )

    # The document ---------------------------------------------------------------

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
            self.findings.append(errors.WrongVersion(span=value.span, found=found))

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

    # Params and inputs ----------------------------------------------------------

    def params(self, tree: Tree) -> dict[str, ParamDecl]:
        found = {}
        for name, (key, value) in self.entries(tree, "`params`").items():
            self.name(key)
            if name in NODE_KEYS:
                self.findings.append(
                    errors.BadName(
                        span=key.span, name=name, reason="it is a key of every node"
                    )
                )
            found[name] = self.param(key, value)
        return found

    def param(self, key: Scalar, value: Tree) -> ParamDecl:
        match value:
            case Mapping() if "type" in value.entries or "default" in value.entries:
                return self.long_param(key, value)
            case Mapping():
                return ParamDecl(key.text, "row", value, key.span)
            case Sequence():
                return ParamDecl(key.text, "list", value, key.span)
            case Scalar(value=bool()):
                return ParamDecl(key.text, "bool", value, key.span)
            case Scalar(value=int()):
                return ParamDecl(key.text, "int", value, key.span)
            case Scalar(value=float()):
                return ParamDecl(key.text, "float", value, key.span)
        what = f"the param `{key.text}`"
        advice = None
        if self.extends and value.text not in PARAM_TYPES:
            return ParamDecl(key.text, INHERITED, value, key.span)
        if isinstance(value.value, str) and not suggest(value.text, PARAM_TYPES):
            advice = f"a text as default is written {{type: str, default: {value.text[:30]}}}"
        kind = self.word(value, what, PARAM_TYPES) if not advice else None
        if advice:
            self.wrong(value, what, "a type's name, or a default", advice)
        return ParamDecl(key.text, kind or "int", None, key.span)

    def long_param(self, key: Scalar, value: Mapping) -> ParamDecl:
        what = f"the param `{key.text}`"
        keys = self.entries(value, what, PARAM_KEYS)
        if "type" in keys:
            kind = self.word(
                keys["type"].value, f"the type of `{key.text}`", PARAM_TYPES
            )
        else:
            kind = (
                self.param(key, keys["default"].value).kind
                if "default" in keys
                else None
            )
        choices = (
            self.items(keys["choices"].value, "`choices`") if "choices" in keys else ()
        )
        return ParamDecl(
            key.text,
            kind or "int",
            keys["default"].value if "default" in keys else None,
            key.span,
            tuple(plain(choice) for choice in choices),
            self.text(keys["doc"].value, "`doc`") if "doc" in keys else "",
        )

    def inputs(self, tree: Tree) -> tuple[InputDecl, ...]:
        found = self.entries(tree, "`inputs`")
        if isinstance(tree, Mapping) and not found:
            self.wrong(tree, "`inputs`", "a mapping of at least one input")
        return tuple(self.input_of(key, value) for key, value in found.values())

    def input_of(self, key: Scalar, value: Tree) -> InputDecl:
        self.name(key)
        what = f"the input `{key.text}`"
        if isinstance(value, Sequence):
            return InputDecl(key.text, self.shape(value, what), key.span)
        keys = self.entries(value, what, INPUT_KEYS)
        if isinstance(value, Mapping) and "shape" not in keys:
            self.missing(key.span, what, "shape", "for instance `shape: [3, H, W]`")
        dtype = "float32"
        if "dtype" in keys:
            dtype = (
                self.word(keys["dtype"].value, f"the dtype of `{key.text}`", DTYPES)
                or dtype
            )
        where = keys["where"].value if "where" in keys else None
        example, places = {}, {}
        if "example" in keys:
            example = self.example(keys["example"].value)
            places = _places(keys["example"].value)
        return InputDecl(
            key.text,
            self.shape(keys["shape"].value, what) if "shape" in keys else (),
            key.span,
            dtype,
            self.scalar(where, "`where`", "a condition") if where else None,
            example,
            places,
        )

    def shape(self, tree: Tree, what: str) -> tuple[Scalar, ...]:
        found = [
            self.scalar(item, "a size", "a positive integer, a symbol or an expression")
            for item in self.items(
                tree, f"the shape of {what}", "a list without the batch, [3, H, W]"
            )
        ]
        return tuple(item for item in found if item)

    def example(self, tree: Tree) -> dict[str, int]:
        sizes = {}
        for name, entry in self.entries(tree, "`example`").items():
            value = entry.value.value if isinstance(entry.value, Scalar) else None
            if type(value) is int and value > 0:
                sizes[name] = value
            else:
                self.wrong(
                    entry.value, f"the example size of `{name}`", "a positive integer"
                )
        return sizes

    # Blocks, graphs, nodes ------------------------------------------------------

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
        if isinstance(tree, Sequence):
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
        if not isinstance(tree, Mapping):
            self.wrong(
                tree, "a graph", "a mapping of names to nodes, or a list of nodes"
            )
            return GraphDecl((), tree.span)
        found = []
        for key, value in tree.entries.values():
            self.name(key, index=True)
            if key.text == "input":
                self.findings.append(
                    errors.BadName(
                        span=key.span,
                        name="input",
                        reason="it is the graph's own input",
                    )
                )
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
        for key in ("inputs", "outputs") if kinds == ["share"] else ():
            if key in keys:
                self.unknown(keys[key].key, "a node that shares", NODE_KEYS)
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
        for key, part in (("as", "item"), ("index", "index"), ("prefix", "prefix")):
            if key in keys:
                scalar = self.scalar(keys[key].value, f"`{key}`", "a name")
                parts[part] = self.name(scalar) if scalar else part
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
                self.wrong(tree, "a connection", f"exactly one of {_list(JOINS)}")
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
        return tuple(found)

    # What is said about the whole -----------------------------------------------

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
            for name, entry in self.entries(keys["outputs"].value, "`outputs`").items():
                outputs[name] = entry
        numbers: dict[str, Scalar | None] = {}
        for key in ("params", "macs"):
            if key in keys:
                numbers[key] = self.scalar(keys[key].value, f"`{key}`", "an integer")
        return ExpectDecl(tree.span, outputs=outputs, **numbers)


def _places(tree: Tree) -> dict[str, Span]:
    entries = tree.entries.values() if isinstance(tree, Mapping) else ()
    return {key.text: key.span for key, _ in entries}


def _list(known: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in known)
