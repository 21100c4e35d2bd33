"""`extends`: a document over the one that it changes."""

import os
from pathlib import Path

from netspec import grammar
from netspec.declarations import Document, GraphDecl, ParamDecl
from netspec.diagnostics import Findings, SpecError
from netspec.errors.grammar import Conflict
from netspec.errors.link import UnknownInherited
from netspec.locate import SCHEME
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree
from netspec.spelling import did_you_mean

_WHOLE = ("name", "doc", "inputs", "outputs", "init", "ties")  # replaced as a whole
_INPUTS = {"input", "inputs"}


def merge(base: Document, child: Document) -> Document:
    """`child` with what it takes from its base; `expect` is the child's alone.

    So are `imports`: what the base imports is in its scope already.
    """
    taken = {part: getattr(base, part) for part in _WHOLE if not getattr(child, part)}
    return child._replace(
        keys=_keys(base, child),
        params=_params(base, child),
        blocks={**base.blocks, **child.blocks},
        graph=_graph(base.graph, child.graph),
        **taken,
    )


def _graph(base: GraphDecl | None, child: GraphDecl | None) -> GraphDecl | None:
    """A node of the same name takes the other's place, a new one comes last."""
    if base is None or child is None:
        return child or base
    if child.is_list and not base.is_list:
        raise SpecError(
            Conflict(
                span=child.span.head,
                what="the graph that this one changes has named nodes",
                reason="a list replaces none of them",
                advice_text="name the nodes to replace or to add",
            )
        )
    new = {node.name: node for node in child.nodes}
    kept = [new.pop(node.name, node) for node in base.nodes]
    return base._replace(nodes=(*kept, *new.values()))


def _params(base: Document, child: Document) -> dict[str, ParamDecl]:
    """A bare value replaces a default and keeps the type."""
    params = dict(base.params)
    findings = Findings()
    for name, decl in child.params.items():
        value = _entries(child.keys["params"].value)[name].value
        if name in base.params and not grammar.is_long(value):
            params[name] = base.params[name]._replace(default=value, span=decl.span)
        elif decl.kind == grammar.INHERITED:
            advice = did_you_mean(name, base.params)
            findings.add(UnknownInherited, decl.span, name=name, advice_text=advice)
        else:
            params[name] = decl
    findings.stop()
    return params


# What is written, as one document would -----------------------------------------------


def _keys(base: Document, child: Document) -> dict[str, Entry]:
    """The keys of both, as a spec that means the same would have them."""
    dropped = {"expect", *(_INPUTS if _INPUTS & child.keys.keys() else ())}
    keys = {key: entry for key, entry in base.keys.items() if key not in dropped}
    for key, above in child.keys.items():
        below = keys.get(key)
        if below is not None and key in ("params", "blocks", "graph"):
            written = _written(base, child) if key == "params" else above.value
            above = above._replace(value=_joined(below.value, written))
        keys[key] = above
    if "imports" in base.keys:
        keys["imports"] = _imports(base, child)
    return keys


def _joined(below: Tree, above: Tree) -> Tree:
    """Both as one; what has the same name above takes the place of that below."""
    entries = {**_entries(below), **_entries(above)}
    if isinstance(below, Sequence) and isinstance(above, Sequence):
        return above._replace(items=tuple(value for _, value in entries.values()))
    return Mapping(entries, above.span, above.size)


def _written(base: Document, child: Document) -> Mapping:
    """The child's params; the type of a bare value is written if it is another's."""
    tree = child.keys["params"].value
    known = _entries(base.keys["params"].value)
    entries = dict(_entries(tree))
    for name, (key, value) in entries.items():
        if name in known and not grammar.is_long(value):
            kind = base.params[name].kind
            below = known[name].value
            if grammar.is_long(below) or child.params[name].kind != kind:
                entries[name] = Entry(key, _long(kind, below, value))
    return Mapping(entries, tree.span, tree.size)


def _long(kind: str, below: Tree, default: Tree) -> Mapping:
    """A param of this type in its long form, with another default."""
    span = default.span
    written = {"type": Scalar(kind, kind, span), "default": default}
    entries = {k: Entry(Scalar(k, k, span), tree) for k, tree in written.items()}
    kept = _entries(below) if grammar.is_long(below) else {}
    return Mapping({**kept, **entries}, span, default.size)


def _imports(base: Document, child: Document) -> Entry:
    """The imports of both, the paths of the base's as they lead from the child."""
    below, above = base.keys["imports"], child.keys.get("imports")
    start, here = (Path(part.span.source.name).parent for part in (base, child))
    taken = [_moved(item, start, here) for _, item in _entries(below.value).values()]
    own = [item for _, item in _entries(above.value).values()] if above else []
    key, tree = above or below
    return Entry(key, Sequence((*taken, *own), tree.span, tree.size))


def _moved(item: Tree, start: Path, here: Path) -> Tree:
    """The path of a file, written in one folder, as another would write it."""
    if not isinstance(item, Scalar) or item.text.startswith(SCHEME) or start == here:
        return item
    path = os.path.relpath(start / item.text, here)
    return item._replace(value=path, text=path)


def _entries(tree: Tree) -> dict[str, Entry]:
    """The entries of a mapping, or of a list by number."""
    if isinstance(tree, Mapping):
        return tree.entries
    items = enumerate(tree.items if isinstance(tree, Sequence) else ())
    return {str(n): Entry(Scalar(n, str(n), item.span), item) for n, item in items}
