"""Where values come from and go to: `from`, `outputs`, and a `repeat`'s names."""

import re

from netspec.declarations import FromDecl, OutputDecl, RefDecl, RepeatDecl
from netspec.grammar.keys import JOINS, MODES, REPEAT_KEYS, TRUTH
from netspec.grammar.params import ParamReader
from netspec.grammar.reader import Need, given, listed, written
from netspec.source import Mapping, Scalar, Sequence, Tree


class WiringReader(ParamReader):
    """Reads what joins nodes."""

    def source(self, tree: Tree) -> FromDecl:
        """The `from` of a node: a name, a list of names, or a connection."""
        match tree:
            case Sequence():
                return FromDecl(self.refs(tree), tree.span)
            case Mapping():
                return self.connection(tree)
            case _:
                ref = self.ref(tree)
                return FromDecl((ref,) if ref else (), tree.span)

    def connection(self, tree: Mapping) -> FromDecl:
        """`{add: [a, b]}`, with arguments if the join takes any."""
        joins = [key for key in tree.entries if key in JOINS]
        others = [entry.key for key, entry in tree.entries.items() if key not in JOINS]
        if len(joins) != 1:
            if joins or not others:
                self.wrong(tree, "a connection", f"exactly one of {listed(JOINS)}")
            else:
                self.unknown(others[0], "a connection", JOINS)
            return FromDecl((), tree.span)
        key, value = tree.entries[joins[0]]
        refs: tuple[RefDecl, ...] = ()
        if isinstance(value, Sequence) and len(value.items) > 1:
            refs = self.refs(value)
        else:
            self.wrong(value, f"`{key.text}`", "a list of at least two names")
        arguments = {other.text: tree.entries[other.text] for other in others}
        return FromDecl(refs, tree.span, key, arguments)

    def refs(self, tree: Sequence) -> tuple[RefDecl, ...]:
        """The names of a list."""
        found = [self.ref(item) for item in tree.items]
        return tuple(ref for ref in found if ref)

    def ref(self, tree: Tree) -> RefDecl | None:
        """A value by its name: `relu1`, `lstm.hidden`."""
        scalar = self.scalar(tree, "an input", "a node's name")
        if scalar is None:
            return None
        if "," in scalar.text:
            names = ", ".join(re.findall(r"[\w.]+", scalar.text))
            self.wrong(tree, "an input", "a node's name", f"write `[{names}]`")
            return None
        name, dot, output = scalar.text.partition(".")
        return RefDecl(name, output if dot else None, scalar.span)

    def outputs(self, tree: Tree) -> tuple[OutputDecl, ...]:
        """Outputs by name, of which evaluation has at least one."""
        keys = tree.entries if isinstance(tree, Mapping) else {}
        if not keys:
            expected = "a mapping of at least one output"
            self.wrong(tree, "`outputs`", expected, _outputs(tree))
        read = [self.output(key, value) for key, value in keys.values()]
        found = tuple(output for output in read if output)
        if keys and len(found) == len(keys) and all(output.mode for output in found):
            self.wrong(tree, "`outputs`", "a mapping with an output without a `mode`")
        return found

    def output(self, key: Scalar, value: Tree) -> OutputDecl | None:
        """An output: what it is taken from, or a mapping of `from` and `mode`."""
        self.check_name(key)
        mode = None
        if isinstance(value, Mapping):
            what = f"the output `{key.text}`"
            need = Need("from", key.span)
            keys = self.entries(value, what, ("from", "mode"), need)
            if "from" not in keys:
                return None
            mode = given(keys, "mode", self.word, "`mode`", MODES)
            value = keys["from"].value
        ref = self.ref(value)
        return OutputDecl(key.text, ref, mode) if ref else None

    def repeat(self, tree: Tree) -> RepeatDecl:
        """A count or a list, or a mapping that says more."""
        if isinstance(tree, Scalar) and tree.text.lower() in TRUTH:
            self.wrong(tree, "`repeat`", "a count or a list")
        if not isinstance(tree, Mapping):
            return RepeatDecl(tree, tree.span)
        need = Need("over", tree.span, "a count or a list")
        keys = self.entries(tree, "`repeat`", REPEAT_KEYS, need)
        item = given(keys, "as", self.name, "`as`") or "item"
        counter = given(keys, "index", self.name, "`index`") or "i"
        if item == counter:
            self.conflict(
                keys["index" if "index" in keys else "as"].key.span,
                "a repeat's element and its index have the same name",
                "a name stands for one value",
            )
        return RepeatDecl(
            keys["over"].value if "over" in keys else Scalar(0, "0", tree.span),
            tree.span,
            item,
            counter,
            given(keys, "prefix", self.name, "`prefix`") or "",
            given(keys, "start", self.start) or 0,
            given(keys, "splice", self.splice) or False,
        )

    def start(self, tree: Tree) -> int:
        """The number of a repeat's first node."""
        value = tree.value if isinstance(tree, Scalar) else None
        if type(value) is int and value >= 0:
            return value
        self.wrong(tree, "`start`", "an integer of at least 0")
        return 0

    def splice(self, tree: Tree) -> bool:
        """Whether the nodes of a repeat join the graph around them."""
        value = tree.value if isinstance(tree, Scalar) else None
        if isinstance(value, bool):
            return value
        self.wrong(tree, "`splice`", "true or false")
        return False


def _outputs(tree: Tree) -> str | None:
    """Advice on outputs that have no names."""
    text = written(tree)
    if text is None or isinstance(tree, Mapping):
        return None
    taken = text.strip("[]").split(", ") if isinstance(tree, Sequence) else [text]
    pairs = [f"{name}: {name}" for name in taken if name.isidentifier()]
    return f"write `{{{', '.join(pairs)}}}`" if len(pairs) == len(taken) else None
