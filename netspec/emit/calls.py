"""A node's call as it is written: on its module, as a function, a sign or a method."""

from collections.abc import Sequence

from netspec.emit.forms import is_module
from netspec.emit.layout import Code, Group, call_of
from netspec.emit.parameters import constant
from netspec.graph import Node
from netspec.operators.base import Argument, Form
from netspec.operators.base import Code as Template

INFIX = {"torch.add": "+", "torch.sub": "-", "torch.mul": "*", "torch.div": "/"}


def attribute(node: Node) -> str:
    """Where a class holds the node's module, or its tensor."""
    name = node.share or node.name
    return f'self.get_submodule("{name}")' if name.isdigit() else f"self.{name}"


def call(
    node: Node,
    module: str,
    inputs: Sequence[str],
    arguments: Sequence[Argument] | None = None,
) -> Code:
    """The call of a node on its inputs; `module` is what holds the node's module.

    `arguments` are those of a function where they are not the node's own.
    """
    if node.body is not None:
        return Group(f"{module}(", tuple(inputs))
    operands = inputs if node.call.operands is None else _operands(node, inputs)
    if not is_module(node):
        given = node.call.arguments if arguments is None else arguments
        return _function(node, operands, _arguments(given, inputs))
    extra = _arguments(node.call.forward, inputs)
    return Group(f"{module}(", (*operands, *extra))


def _operands(node: Node, inputs: Sequence[str]) -> list[str]:
    """What is passed, where it is not each input in order."""
    return [
        inputs[operand] if isinstance(operand, int) else _value(operand, inputs)
        for operand in node.call.operands or ()
    ]


def _function(node: Node, operands: Sequence[str], arguments: tuple[Code, ...]) -> Code:
    """The call of a node that is no module."""
    function = node.call.function
    match node.call.form:
        case Form.TENSOR:
            return attribute(node)
        case Form.INFIX:
            return f" {INFIX[function]} ".join(operands)
        case Form.LIST:
            return Group(f"{function}(", (Group("[", tuple(operands), "]"), *arguments))
        case Form.METHOD:
            first, *others = operands
            return Group(f"{first}.{function}(", (*others, *arguments))
        case Form.INDEX:
            places = ", ".join(_subscript(a.value) for a in node.call.arguments)
            return f"{operands[0]}[{places}]"
        case _:
            return Group(f"{function}(", (*operands, *arguments))


def _arguments(
    arguments: Sequence[Argument], inputs: Sequence[str]
) -> tuple[Code, ...]:
    return tuple(_argument(argument, inputs) for argument in arguments)


def _argument(argument: Argument, inputs: Sequence[str]) -> Code:
    value = _value(argument.value, inputs)
    text = value if argument.keyword is None else f"{argument.keyword}={value}"
    return call_of(text) if isinstance(argument.value, Template) else text


def _value(value: object, inputs: Sequence[str]) -> str:
    if isinstance(value, Template):
        return value.template.format(*inputs)
    return constant(value)


def _subscript(value: object) -> str:
    """An index or a slice as it is written in brackets: `1:3`, `::2`."""
    if not isinstance(value, slice):
        return repr(value)
    ends = ["" if end is None else repr(end) for end in (value.start, value.stop)]
    step = "" if value.step in (None, 1) else f":{value.step!r}"
    return ":".join(ends) + step
