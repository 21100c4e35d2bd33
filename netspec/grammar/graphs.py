"""Blocks, graphs and nodes."""

from netspec.declarations import BlockDecl, GraphDecl, NodeDecl
from netspec.diagnostics import Span
from netspec.grammar.keys import BLOCK_KEYS, KINDS, NODE_KEYS, SHARE_KEYS, TENSORS
from netspec.grammar.layout import Belongs, gathered, is_node, is_of_block, is_of_node
from netspec.grammar.reader import Keys, Need, given, written
from netspec.grammar.wiring import WiringReader
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree
from netspec.spelling import suggest

_COMMON_KEYS = NODE_KEYS.keys() - {"inputs", "outputs"}  # theirs is an inline block


class GraphReader(WiringReader):
    """Reads blocks and graphs."""

    def indented(self, tree: Tree, belongs: Belongs) -> Tree:
        """A mapping, what is indented too little put in its place and told apart."""
        if not isinstance(tree, Mapping):
            return tree
        whole, strayed = gathered(tree, belongs)
        for key, owner in strayed:
            what = f"`{key.text}` belongs below `{owner}`"
            advice = f"indent what belongs to `{owner}`"
            self.aside(self.conflict, key.span, what, "indented too little", advice)
        return whole

    def blocks(self, tree: Tree) -> dict[str, BlockDecl]:
        """The blocks of a document by name."""
        tree = self.indented(tree, is_of_block)
        found = {}
        for name, (key, value) in self.entries(tree, "`blocks`").items():
            found[name] = self.declared(self.block, key, value)
        return found

    def block(self, key: Scalar, value: Tree) -> BlockDecl:
        """A block: a graph with params of its own."""
        self.check_name(key)
        what = f"the block `{key.text}`"
        need, advice = Need("graph", key.span), _block(value)
        keys = self.entries(value, what, BLOCK_KEYS, need, advice)
        params = given(keys, "params", self.params) or {}
        return BlockDecl(
            key.text,
            key.span,
            params,
            self.body(keys, key.span),
            given(keys, "doc", self.doc) or "",
            all(param.is_whole for param in params.values()),
        )

    def body(self, keys: Keys, span: Span) -> GraphDecl:
        """`graph` with its `inputs` and `outputs`, of a block or an inline block."""
        graph = given(keys, "graph", self.graph) or GraphDecl((), span)
        return graph._replace(
            inputs=given(keys, "inputs", self.input_names),
            outputs=given(keys, "outputs", self.outputs),
        )

    def input_names(self, tree: Tree) -> tuple[Scalar, ...]:
        """What a block calls its inputs."""
        items = self.items(tree, "`inputs`", "a list of names")
        scalars = [self.scalar(item, "an input", "a name") for item in items]
        found: dict[str, Scalar] = {}
        for item in scalars:
            if item is None or not self.check_name(item):
                continue
            if item.text in found:
                what = f"two inputs are called `{item.text}`"
                self.conflict(item.span, what, "this is the second")
            found[item.text] = item
        return tuple(found.values())

    def graph(self, tree: Tree) -> GraphDecl:
        """Nodes by name, or a list of them."""
        match tree:
            case Mapping():
                nodes = self.named_nodes(tree)
            case Sequence():
                nodes = self.listed_nodes(tree)
            case _:
                expected = "a mapping of names to nodes, or a list of nodes"
                self.wrong(tree, "a graph", expected)
                return GraphDecl((), tree.span)
        if not nodes:
            self.wrong(tree, "a graph", "a mapping or a list of at least one node")
        return GraphDecl(nodes, tree.span, is_list=isinstance(tree, Sequence))

    def named_nodes(self, tree: Mapping) -> tuple[NodeDecl, ...]:
        """Nodes by name."""
        entries = self.entries(self.indented(tree, is_of_node), "a graph")
        read = self.named_node
        return tuple(self.declared(read, key, value) for key, value in entries.values())

    def listed_nodes(self, tree: Sequence) -> tuple[NodeDecl, ...]:
        """The nodes of a list, called by their numbers."""
        found = []
        named = [entry for item in tree.items if (entry := _named(item))]
        if named:
            self.conflict(
                named[0].key.span,
                "a node of a list has no name",
                "it is called by its number",
                "without the dashes, the graph is a mapping of names to nodes",
            )
            return tuple(self.declared(self.node, *entry) for entry in named)
        for number, item in enumerate(tree.items):
            key = Scalar(number, str(number), item.span)
            found.append(self.declared(self.listed_node, key, item))
        return tuple(found)

    def named_node(self, key: Scalar, value: Tree) -> NodeDecl:
        """A node under a name that it can have."""
        self.check_name(key, index=True)
        if key.text == "input":
            self.bad_name(key, "it is the graph's own input")
        return self.node(key, value)

    def listed_node(self, key: Scalar, value: Tree) -> NodeDecl:
        """A node of a list, which reads the one above it."""
        node = self.node(key, value)
        if node.source is not None:
            self.conflict(
                node.source.span,
                "a node of a list takes no `from`",
                "a list is a chain",
                "write the graph as a mapping of names to nodes",
            )
        return node

    def node(self, key: Scalar, value: Tree) -> NodeDecl:
        """A node: the name of a type, or a mapping."""
        what, span = f"the node `{key.text}`", key.span.head
        if isinstance(value, Scalar):
            kind = self.scalar(value, what, "a type's name or a mapping")
            return NodeDecl(key.text, span, type=kind)
        keys = self.entries(value, what, advice=_positional(value))
        if isinstance(value, Mapping):
            self.node_keys(keys, span, key.text)
        kind = given(keys, "type", self.scalar, "`type`", "a type's name")
        if kind is not None and kind.text in TENSORS and key.text.isdigit():
            named = key._replace(span=span)
            self.bad_name(named, "a tensor is read by its name, so give it a word")
        return NodeDecl(
            key.text,
            span,
            kind,
            self.body(keys, span) if "graph" in keys else None,
            given(keys, "share", self.scalar, "`share`", "a sibling's name"),
            given(keys, "from", self.source),
            given(keys, "when", self.scalar, "`when`", "a condition"),
            given(keys, "else", self.ref),
            given(keys, "repeat", self.repeat),
            given(keys, "doc", self.doc) or "",
            _arguments(keys),
        )

    def node_keys(self, keys: Keys, span: Span, name: str) -> None:
        """Report keys that do not go together, or are none of the node's kind."""
        kinds = [key for key in KINDS if key in keys]
        if not kinds:
            self.no_kind(keys, span, name)
        elif len(kinds) > 1:
            both = f"`{kinds[0]}` and `{kinds[1]}`"
            second = keys[kinds[1]].key.span
            self.conflict(second, f"a node has one of {both}", "this is the second")
        if kinds == ["share"]:
            self.only(keys, "a node that shares", SHARE_KEYS)
        if "graph" in kinds:
            self.only(keys, f"the inline block `{name}`", NODE_KEYS)
        if "else" in keys and "when" not in keys:
            place = keys["else"].key.span
            self.conflict(place, "`else` goes with `when`", "there is no `when`")

    def no_kind(self, keys: Keys, span: Span, name: str) -> None:
        """Report a node without a type: a misspelt key is the likely reason."""
        what = f"the node `{name}`"
        own = [key for key in keys if key not in NODE_KEYS]
        for key in own:
            if suggest(key.partition("=")[0], KINDS):
                self.unknown(keys[key].key, what, KINDS)
                return
        advice = "say what it is: `type: Conv2d`" if own else None
        self.missing(span, what, "type", advice)


def _named(item: Tree) -> Entry | None:
    """An item of a list that gives its node a name, `- conv: {…}`."""
    if not isinstance(item, Mapping) or len(item.entries) != 1:
        return None
    ((name, entry),) = item.entries.items()
    is_key = name in NODE_KEYS or suggest(name.partition("=")[0], KINDS)
    is_named = isinstance(entry.value, Mapping) or is_node(entry.value)
    return entry if is_named and not is_key else None


def _positional(tree: Tree) -> str | None:
    """Advice on a node that is a list, `[Conv2d, 3, 8]`."""
    kind, *rest = tree.items if isinstance(tree, Sequence) and tree.items else [tree]
    if tree is kind or not isinstance(kind, Scalar):
        return None
    if not rest:
        return f"write `{kind.text}`"
    return f"write `{{type: {kind.text}, …}}`, each argument with its name"


def _block(tree: Tree) -> str | None:
    """Advice on a block that is no mapping: its graph, or its one node."""
    text = written(tree)
    if isinstance(tree, Scalar):
        return f"write `{{graph: [{text}]}}`" if text and tree.text else None
    return f"write `{{graph: {text}}}`" if text else "indent its nodes under `graph:`"


def _arguments(keys: Keys) -> Keys:
    """The keys that are for the node's type."""
    own = NODE_KEYS.keys() if "graph" in keys else _COMMON_KEYS
    return {name: entry for name, entry in keys.items() if name not in own}
