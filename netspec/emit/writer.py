"""One class as text: its docstring, constructor and `forward`."""

from typing import TYPE_CHECKING

from netspec.emit.construct import Constructor
from netspec.emit.forward import Forward
from netspec.emit.imports import own_modules
from netspec.emit.layout import INDENT, Code, Either, Group, docstring, lay
from netspec.emit.modules import is_chain, members, switches
from netspec.emit.names import Names, Parameter, constant
from netspec.emit.reset import own_tensors, reset_parameters
from netspec.emit.results import annotation, result_class
from netspec.emit.trees import Item, Module, Registry, Slot
from netspec.graph import Elaborated, Node
from netspec.operators.base import Form

if TYPE_CHECKING:
    from netspec.emit.classes import Emitted


class ClassWriter:
    """Writes one class."""

    def __init__(
        self,
        emitted: "Emitted",
        registry: Registry,
        network: Elaborated | None,
        taken: set[str],
    ) -> None:
        self.emitted = emitted
        self.bodies = emitted.bodies
        self.graph = self.bodies[0]
        self.network = network  # of the root
        named = network is not None and len(self.graph.outputs) > 1
        self.result = free_name(f"{emitted.name}Output", taken) if named else ""
        self.members = members(self.bodies, registry)
        self.names = Names(self.bodies, reserved=taken)
        self.constructor = Constructor(self.names)

    def write(self) -> None:
        emitted = self.emitted
        if self.graph.is_list and is_chain(self.graph) and self.network is None:
            base, inside = "nn.Sequential", self.sequential()
        else:
            base, inside = "nn.Module", self.attributes()
        emitted.parameters = self.parameters()
        signature = self.signature()
        doc = self.graph.doc or self.default_doc()
        emitted.lines = [
            *(result_class(self.result, self.graph) if self.result else ()),
            *(["", ""] if self.result else ()),
            f"class {emitted.name}({base}):",
            *docstring(doc, 1),
            "",
            *signature,
            *inside,
        ]

    def parameters(self) -> list[Parameter]:
        """The constructor's parameters; those of the network have its values."""
        found = self.names.ordered()
        if self.network is None:
            return found
        return [parameter._replace(default=parameter.values[0]) for parameter in found]

    def default_doc(self) -> str:
        kind = "network" if self.network is not None else "block"
        return f"The {kind} `{self.graph.name or self.emitted.name}`."

    def signature(self) -> list[str]:
        parameters: list[Code] = ["self"]
        for parameter in self.emitted.parameters:
            text = f"{parameter.name}: {parameter.annotation}"
            if parameter.default is not ...:
                text += f" = {constant(parameter.default)}"
            parameters.append(text)
        return lay(Group("def __init__(", tuple(parameters)), 1, after=" -> None:")

    def sequential(self) -> list[str]:
        items = self.constructor.items(Item(*member) for member in self.members)
        return lay(Group("super().__init__(", tuple(items)), 2)

    # __init__ ------------------------------------------------------------

    def attributes(self) -> list[str]:
        reset = (
            reset_parameters(self.network) if self.network and self.network.init else []
        )
        tensors = [] if reset else own_tensors(self.graph)
        # A user's own module may initialise itself in its constructor alone.
        once = (
            bool(reset) and self.network is not None and not own_modules(self.network)
        )
        depth = 3 if once else 2
        lines = [f"{INDENT * 2}super().__init__()"]
        if once:
            lines.append(
                f'{INDENT * 2}with torch.device("meta"):  # allocated below, once'
            )
        written = {name: (tree, present) for name, tree, present in self.members}
        optional = switches(self.bodies)
        for node in self.graph.nodes:
            if node.name in written:
                lines += self.attribute(node.name, *written[node.name], depth)
            elif node.name in optional:
                lines += self.switch(node.name, optional[node.name], depth)
            elif node.operator is not None and node.operator.form is Form.TENSOR:
                lines += self.tensor(node, depth)
        if once:
            lines.append(
                f"{INDENT * 2}self.to_empty(device=torch.get_default_device())"
            )
        lines += tied(self.network) if self.network else []
        if tensors:
            head = f"{INDENT}def reset_parameters(self) -> None:"
            reset = [
                head,
                f'{INDENT * 2}"""Initialise the tensors of this block."""',
                *tensors,
            ]
        if reset:
            lines += [f"{INDENT * 2}self.reset_parameters()", "", *reset]
        return [*lines, "", *self.forward()]

    def attribute(
        self, name: str, tree: Module, present: Slot, depth: int
    ) -> list[str]:
        code = self.constructor.code(tree)
        if present.is_constant:
            return _assign(name, code, depth)
        condition = self.names.text(present, f"has_{name}")
        short = _assign(name, Either(code, condition, "None"), depth)
        if len(short) == 1:
            return short
        pad = INDENT * depth
        lines = [f"{pad}self.{name}: nn.Module | None = None", f"{pad}if {condition}:"]
        return lines + _assign(name, code, depth + 1)

    def switch(self, name: str, present: Slot, depth: int) -> list[str]:
        """Whether `forward` has a line that is no module's."""
        flag = f"has_{name}"
        return _assign(flag, self.names.text(present, flag), depth)

    def tensor(self, node: Node, depth: int) -> list[str]:
        sizes = ", ".join(self.size(node, i) for i in range(node.outputs[0].rank))
        value = Group(f"{node.call.function}(", (f"torch.empty({sizes or '()'})",))
        return _assign(node.name, value, depth)

    def size(self, node: Node, dim: int) -> str:
        """One size of a tensor that the class owns, in each instance."""
        own = [body.by_name[node.name] for body in self.bodies]
        return self.names.text(
            Slot(tuple(other.outputs[0].sizes[dim] for other in own)), "channels"
        )

    def forward(self) -> list[str]:
        forward = Forward(self.bodies, self.result)
        body = forward.write()
        arguments = ["self", *(f"{name}: Tensor" for name in forward.inputs.values())]
        result = annotation(self.graph, self.result)
        return [
            *lay(Group("def forward(", tuple(arguments)), 1, after=f" -> {result}:"),
            *body,
        ]


def _assign(name: str, code: Code, depth: int) -> list[str]:
    if name.isdigit():
        return lay(Group("self.add_module(", (f'"{name}"', code)), depth)
    return lay(code, depth, f"self.{name} = ")


def free_name(name: str, taken: set[str]) -> str:
    """A class's name that no other class has; it is taken from now on."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{number}", number + 1
    taken.add(free)
    return free


def tied(network: Elaborated) -> list[str]:
    """The ties: a parameter that becomes another one."""
    lines = []
    for path, to in network.ties:
        owner, _, name = path.rpartition(".")
        to = _reach(to, "get_parameter")
        lines.append(f"{INDENT * 2}{_reach(owner, 'get_submodule')}.{name} = {to}")
    return lines


def _reach(path: str, getter: str) -> str:
    """What a path leads to, as Python; one with numbers is looked up by its text.

    A number is a name and no position: a repeat may begin at 1.
    """
    if any(part.isdigit() for part in path.split(".")):
        return f'self.{getter}("{path}")'
    return f"self.{path}" if path else "self"
