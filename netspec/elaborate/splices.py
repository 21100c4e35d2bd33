"""A list within a list that is spliced: its nodes join the list around it."""

from collections.abc import Mapping
from typing import Any

from netspec.elaborate.body import Site
from netspec.graph import Graph, Node, Ref


def is_spliced_list(site: Site) -> bool:
    """Whether a repeat's own nodes, rather than its children, join the list."""
    graph = site.decl.graph
    return site.body.decl.is_list and graph is not None and graph.is_list


def join(site: Site, inner: Graph) -> Node | None:
    """Take in the nodes of a list, numbered on; the last, or None if there is none."""
    body, decl = site.body, site.decl
    names = {inner.inputs[0].name: site.refs[0]}
    last = None
    for node in inner.nodes:
        refs = tuple(names[source.source]._replace(output=0) for source in node.inputs)
        if node.is_absent:
            names[node.name] = refs[0]
            continue
        last = _again(node, body.name(decl), refs, inner.arguments)
        names[node.name] = Ref(last.name)
        body.add(last, ("",), decl.name)
    return last


def _again(
    node: Node, name: str, inputs: tuple[Ref, ...], scope: Mapping[str, Any]
) -> Node:
    """The node under another name; what its expressions meant goes with it."""
    origin = node.origin._replace(loop={**scope, **node.origin.loop})
    copy = Node(name, inputs, node.outputs, origin, node.operator, node.body)
    copy.call, copy.state = node.call, node.state
    return copy
