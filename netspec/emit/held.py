"""What lines of `forward` differ in between uses: the constructor holds it for them."""

import re
from collections.abc import Sequence
from typing import Any

from netspec.emit.arithmetic import is_true
from netspec.emit.forms import fullest, is_module, switch
from netspec.emit.incoming import context, told
from netspec.emit.layout import Code, Either, Raw, flat, lay
from netspec.emit.names import Names
from netspec.emit.parameters import SCALARS, constant, declared
from netspec.emit.roles import Roles, hangs, roles_of
from netspec.emit.trees import ANY, CannotUnify, Slot, agreed
from netspec.emit.variables import free_name
from netspec.expressions import Expression, Written
from netspec.graph import Graph, Node
from netspec.operators.base import Argument, Call, Form


def is_line(node: Node) -> bool:
    """Whether the node is one call in `forward`, of nothing that a class holds."""
    return (
        node.operator is not None
        and not is_module(node)
        and node.call.form is not Form.TENSOR
    )


def differing(nodes: Sequence[Node], bodies: Sequence[Graph]) -> dict[int, Slot]:
    """The arguments of a line that differ between uses, by their position.

    Those that would in a use that lacks the line are among them. Raises CannotUnify
    where the spec does not say what they hang on.
    """
    calls = [node.call for node in nodes if not node.is_absent]
    first, *others = calls
    if any(_frame(call) != _frame(first) for call in others):
        raise CannotUnify
    known, scopes = declared(bodies), tuple(map(context, bodies))
    found = {}
    for i, argument in enumerate(first.arguments):
        same = all(_same(argument.value, call.arguments[i].value) for call in others)
        slot = _slot(i, nodes, bodies)
        if same and not hangs(slot, known, scopes):
            continue
        if not same and not _is_told(slot):
            raise CannotUnify
        found[i] = slot
    return found


def _frame(call: Call) -> Call:
    """A call without the values of its arguments."""
    arguments = tuple(argument._replace(value=None) for argument in call.arguments)
    return call._replace(arguments=arguments)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _slot(place: int, nodes: Sequence[Node], bodies: Sequence[Graph]) -> Slot:
    """An argument in all uses, as the spec writes it."""
    pairs = zip(nodes, bodies, strict=True)
    present = [(node, body) for node, body in pairs if not node.is_absent]
    literal = _written(place, present[0][0])
    written = agreed([_written(place, node, body) for node, body in present], literal)
    values = tuple(
        ANY if node.is_absent else node.call.arguments[place].value for node in nodes
    )
    scopes = tuple(map(context, bodies, nodes))
    return Slot(values, written, scopes)


def _written(place: int, node: Node, body: Graph | None = None) -> Written | None:
    """The expression of an argument, which may be an item of a list spread out.

    Within a body it says what `$from` is.
    """
    arguments = node.call.arguments
    field = arguments[place].field
    written = node.origin.expressions.get(field)
    if body is not None:
        written = told(node, body, field, {}).expression
    places = [i for i, argument in enumerate(arguments) if argument.field == field]
    if written is None or isinstance(written, Expression) or len(places) == 1:
        return written
    item = places.index(place) - len(places) + len(written)  # the batch may come first
    return written[item] if item >= 0 else None


def _is_told(slot: Slot) -> bool:
    """Whether the spec's expressions give just these values, each of one type."""
    if slot.items:
        return all(_is_told(item) for item in slot.items if item.expression)
    kinds = {type(value) for value in slot.known}
    tree = slot.expression
    if len(kinds) > 1 or not kinds <= set(SCALARS) - {tuple}:
        return False
    return isinstance(tree, Expression) and is_true(slot, tree)


class Held:
    """The attributes of a class that its `forward` reads."""

    def __init__(self, bodies: Sequence[Graph]) -> None:
        self.graph = fullest(bodies)
        switched = (switch(node, self.graph) for node in self.graph.nodes)
        self.taken = {*self.graph.by_name, *switched}
        self.texts: dict[str, str] = {}  # of the attributes
        self.slots: dict[str, dict[int, Slot]] = {}
        self.arguments: dict[str, list[Argument]] = {}  # of these lines
        for node in filter(is_line, self.graph.present):
            found = differing([body.by_name[node.name] for body in bodies], bodies)
            if found:
                self.slots[node.name] = found
                self.arguments[node.name] = list(node.call.arguments)

    @property
    def played(self) -> list[tuple[Roles, Slot]]:
        """The slots of the attributes, with their roles."""
        return [
            (roles_of(self.arguments[node][place].field), slot)
            for node, slots in self.slots.items()
            for place, slot in slots.items()
        ]

    def lines(self, node: str, names: Names, depth: int) -> list[str]:
        """The attributes that a node's line needs, those that are there left out."""
        names.enter(node)
        lines: list[str] = []
        arguments = self.arguments[node]
        for place, slot in self.slots[node].items():
            argument = arguments[place]
            text = names.text(slot, argument.field)
            if slot.is_constant and text == constant(slot.value):
                continue
            code = self.code(slot, text, node)
            name = self.attribute(flat(code), node, argument.field)
            if name not in self.texts:
                lines += lay(code, depth, f"self.{name} = ")
            self.texts[name] = flat(code)
            arguments[place] = argument._replace(value=Raw(f"self.{name}"))
        return lines

    def code(self, slot: Slot, text: str, node: str) -> Code:
        """The value of an attribute; a use without the node may not divide for it."""
        if ANY in slot.values and re.search(r"[/%]|\*\*", text):
            return Either(
                text, f"self.{switch(self.graph.by_name[node], self.graph)}", "None"
            )
        return text

    def attribute(self, text: str, node: str, field: str) -> str:
        """An attribute's name: its parameter's, or the node's and the argument's."""
        own = f"{field}_{node}" if node.isdigit() else f"{node}_{field}"
        others = (name for name, known in self.texts.items() if known != text)
        name = text if text.isidentifier() else own
        return free_name([name], [*self.taken, *others])
