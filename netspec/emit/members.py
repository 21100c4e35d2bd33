"""Which modules a class has, its bodies laid over each other."""

from collections.abc import Sequence
from itertools import compress, count
from typing import Any

from netspec.emit.forms import fullest, is_chain, is_loop, is_module, passing
from netspec.emit.held import differing, is_line
from netspec.emit.instances import select
from netspec.emit.modules import chain, module, presence
from netspec.emit.trees import CannotUnify, Item, Module, Registry, Slot
from netspec.emit.unify import unify
from netspec.graph import Graph, Node
from netspec.operators.base import Form


def alike(first: Graph, second: Graph) -> bool:
    """Whether two bodies are wired the same, but for nodes that one of them lacks."""
    if _frame(first) != _frame(second):
        return False
    pairs = zip(first.nodes, second.nodes, strict=True)
    return all(a.is_absent != b.is_absent or _wires(a) == _wires(b) for a, b in pairs)


def _frame(body: Graph) -> tuple[Any, ...]:
    names = tuple(node.name for node in body.nodes)
    return names, body.outputs, tuple(port.name for port in body.inputs), body.is_list


def _wires(node: Node) -> tuple[Any, ...]:
    return node.inputs, node.share, node.train_only, len(node.outputs)


def switches(bodies: Sequence[Graph]) -> dict[str, Slot]:
    """Lines of `forward` that some instances leave out, and where they are present.

    A module says so itself, unless it is another node's too.
    """
    found = {}
    for node in fullest(bodies).present:
        nodes = [body.by_name[node.name] for body in bodies]
        here = [not other.is_absent for other in nodes]
        if not all(here) and (node.share is not None or not is_module(node)):
            found[node.name] = presence(nodes, bodies)
    return found


def _need_one_full(bodies: Sequence[Graph]) -> None:
    """Refuse bodies of which none has all nodes, or that lack one in several ways."""
    full = {node.name for node in fullest(bodies).present}
    for body in bodies:
        if not {node.name for node in body.present} <= full:
            raise CannotUnify
    for name in full:
        nodes = [body.by_name[name] for body in bodies]
        if len({node.inputs for node in nodes if node.is_absent}) > 1:
            raise CannotUnify


def members(bodies: Sequence[Graph], registry: Registry) -> list[Item]:
    """The submodules of a class. Raises CannotUnify."""
    if bodies[0].is_list and all(is_chain(body) for body in bodies):
        return list(chain(bodies, registry).items)
    _need_one_full(bodies)
    columns = ([body.by_name[n.name] for body in bodies] for n in bodies[0].nodes)
    found = (_member(nodes, bodies, registry) for nodes in columns)
    return [item for item in found if item is not None]


def _member(
    nodes: Sequence[Node], bodies: Sequence[Graph], registry: Registry
) -> Item | None:
    """A node of all instances as a submodule; None if it is none of its own."""
    present = [node for node in nodes if not node.is_absent]
    kinds = {_kind(node) for node in present}
    if len(kinds) > 1:
        raise CannotUnify
    if kinds == {str(Form.TENSOR)}:
        if len(present) < len(nodes):
            raise CannotUnify
        _same_tensors(nodes)
        return None
    if kinds != {"module"} or present[0].share is not None:
        if present and is_line(present[0]):
            differing(nodes, bodies)
        else:
            _same_calls(present)
        return None
    tree = _together(nodes, bodies, registry)
    return Item(nodes[0].name, tree, presence(nodes, bodies))


def _together(
    nodes: Sequence[Node], bodies: Sequence[Graph], registry: Registry
) -> Module:
    """One tree for a node in all instances; lists are laid over each other."""
    here = [not node.is_absent for node in nodes]
    present = list(compress(zip(nodes, bodies, strict=True), here))
    lists = [node.body for node, _ in present if node.body and _is_list(node.body)]
    if len(lists) == len(present):
        places = count()
        tree = chain(lists, registry, present)
        return select(tree, [next(places) if there else None for there in here])
    return unify([module(node, body, registry) for node, body in present], here)


def _is_list(body: Graph) -> bool:
    return body.kind == "inline" and body.is_list and is_chain(body)


def _kind(node: Node) -> str:
    return "module" if is_module(node) else str(node.call.form if node.operator else "")


def _same_calls(nodes: Sequence[Node]) -> None:
    """Lines of `forward` without a module must be the same in all instances."""
    if any(_lines(node) != _lines(nodes[0]) for node in nodes[1:]):
        raise CannotUnify


def _lines(node: Node) -> tuple[Any, ...]:
    """What the lines of a node say; those of a share, how they call the module."""
    children = node.body.nodes if node.body is not None else (node,)
    if is_module(node):
        return tuple(
            dict.fromkeys(map(passing, children if is_loop(node) else (node,)))
        )
    return tuple(child.call for child in children)


def _same_tensors(nodes: Sequence[Node]) -> None:
    """Tensors that a class owns may differ in their sizes alone."""
    kinds = {
        (node.type, len(node.outputs[0].sizes), node.operator.__dict__["init"])
        for node in nodes
        if node.operator is not None
    }
    if len(kinds) > 1:
        raise CannotUnify
