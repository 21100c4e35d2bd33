"""One class as text: its docstring, constructor and `forward`."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from netspec.emit.construct import Constructor
from netspec.emit.forms import is_chain, switch
from netspec.emit.forward import Forward
from netspec.emit.held import Held
from netspec.emit.imports import own_modules
from netspec.emit.incoming import context
from netspec.emit.layout import INDENT, Code, Either, Group, docstring, lay
from netspec.emit.members import members, switches
from netspec.emit.names import Names
from netspec.emit.parameters import Parameter, constant
from netspec.emit.reset import reset_parameters, reset_tensors
from netspec.emit.results import annotation, result_class
from netspec.emit.roles import SIZE, Roles, played, uses
from netspec.emit.trees import Item, Registry, Slot
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
        self.result = ""
        if named:  # an argument of `forward` may hide it no more than a class
            inputs = {port.name for port in self.graph.inputs}
            self.result = free_name(f"{emitted.name}Output", taken, inputs)
        self.taken = taken
        self.members = members(self.bodies, registry)
        self.begin({})

    def begin(self, variables: Mapping[str, str]) -> None:
        """Begin the class; `variables` of its constructor stand for texts."""
        self.held = Held(self.bodies)
        slots = [*self.held.played, *self.tensor_sizes()]
        slots += (each for item in self.members for each in played(item.module))
        self.names = Names(self.bodies, self.taken, uses(slots), variables)
        self.constructor = Constructor(self.names)

    def write(self) -> None:
        emitted = self.emitted
        base = "nn.Sequential" if self.is_sequential else "nn.Module"
        inside = self.inside()  # which settles the parameters
        repeated = self.names.variables.repeated(self.names.taken)
        if repeated:
            self.begin(repeated)
            inside = self.inside()
        emitted.parameters = self.parameters()
        signature = self.signature()
        doc = self.graph.doc or self.default_doc()
        emitted.lines = [
            *(result_class(self.result, self.graph) if self.result else ()),
            *(["", ""] if self.result else ()),
            f"class {emitted.name}({base}):",
            *docstring(doc, 1),
            "",
            *(signature if self.holds_any else ()),
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
        apart = f" where {self.emitted.difference}" if self.emitted.difference else ""
        return f"The {kind} `{self.graph.name or self.emitted.name}`{apart}."

    def signature(self) -> list[str]:
        parameters: list[Code] = ["self"]
        for parameter in self.emitted.parameters:
            text = f"{parameter.name}: {parameter.annotation}"
            if parameter.default is not ...:
                text += f" = {constant(parameter.default)}"
            parameters.append(text)
        return lay(Group("def __init__(", tuple(parameters)), 1, after=" -> None:")

    # __init__ ------------------------------------------------------------

    @property
    def is_sequential(self) -> bool:
        """Whether nn.Sequential has the `forward` of the class."""
        return self.graph.is_list and is_chain(self.graph)

    @property
    def holds_any(self) -> bool:
        """Whether the class has anything to construct; else nn.Module does it."""
        own = (n for n in self.graph.present if n.call.form is Form.TENSOR)
        held = self.members or switches(self.bodies) or self.held.slots
        return bool(held) or any(own)

    def inside(self) -> list[str]:
        """The modules of a class, how they begin, and its `forward`."""
        if not self.holds_any:
            return self.forward()
        pad = INDENT * 2
        rules = self.network if self.network and self.network.init else None
        reset = reset_parameters(rules) if rules else reset_tensors(self.graph)
        # A user's own module may initialise itself in its constructor alone.
        once = rules is not None and not own_modules(rules)
        lines = [] if self.is_sequential else [f"{pad}super().__init__()"]
        variables = self.names.variables.given
        lines += (f"{pad}{name} = {text}" for text, name in variables.items())
        if once:
            lines.append(f'{pad}with torch.device("meta"):  # allocated below, once')
        depth = 3 if once else 2
        make = self.children if self.is_sequential else self.assignments
        lines += make(depth)
        if once:
            lines.append(f"{pad}self.to_empty(device=torch.get_default_device())")
        lines += tied(self.network) if self.network else []
        if reset:
            lines += [f"{pad}self.reset_parameters()", "", *reset]
        return lines if self.is_sequential else [*lines, "", *self.forward()]

    def children(self, depth: int) -> list[str]:
        """The modules of an nn.Sequential, one after the other."""
        items = self.constructor.items(self.members)
        return lay(Group("super().__init__(", tuple(items)), depth)

    def assignments(self, depth: int) -> list[str]:
        """What the class holds: modules, tensors, and switches of `forward`."""
        written = {item.name: item for item in self.members}
        optional = switches(self.bodies)
        lines: list[str] = []
        for node in self.graph.nodes:
            if node.name in written:
                lines += self.attribute(written[node.name], depth)
            elif node.name in optional:
                lines += self.switch(node.name, optional[node.name], depth)
            elif node.operator is not None and node.operator.form is Form.TENSOR:
                lines += self.tensor(node, depth)
            if node.name in self.held.slots:
                lines += self.held.lines(node.name, self.names, depth)
        return lines

    def attribute(self, item: Item, depth: int) -> list[str]:
        """A submodule; one that some instances lack is None there."""
        self.names.enter(item.name)
        code = self.constructor.code(item.module)
        if item.present.is_constant:
            return _assign(item.name, code, depth)
        condition = self.names.text(item.present, f"has_{item.name}")
        short = _assign(item.name, Either(code, condition, "None"), depth)
        if len(short) == 1:
            return short
        pad = INDENT * depth
        return [
            f"{pad}self.{item.name}: nn.Module | None = None",
            f"{pad}if {condition}:",
            *_assign(item.name, code, depth + 1),
        ]

    def switch(self, name: str, present: Slot, depth: int) -> list[str]:
        """Whether `forward` has a line that is no module's."""
        flag = switch(self.graph.by_name[name], self.graph)
        return _assign(flag, self.names.text(present, flag), depth)

    def tensor(self, node: Node, depth: int) -> list[str]:
        self.names.enter(node.name)
        slots = self.sizes(node)
        sizes = ", ".join(self.names.text(slot, "channels") for slot in slots)
        value = Group(f"{node.call.function}(", (f"torch.empty({sizes or '()'})",))
        return _assign(node.name, value, depth)

    def sizes(self, node: Node) -> list[Slot]:
        """The sizes of a tensor that the class owns, in each instance."""
        own = [body.by_name[node.name] for body in self.bodies]
        written = node.origin.expressions.get("shape")
        items = [None] * node.outputs[0].rank if written is None else written
        scopes = tuple(map(context, self.bodies, own))
        columns = zip(*(other.outputs[0].sizes for other in own), strict=True)
        pairs = zip(columns, items, strict=True)
        return [Slot(values, tree, scopes) for values, tree in pairs]

    def tensor_sizes(self) -> Iterator[tuple[Roles, Slot]]:
        """The sizes of all tensors that the class owns, with their role."""
        for node in self.graph.present:
            if node.call.form is Form.TENSOR:
                yield from ((SIZE, slot) for slot in self.sizes(node))

    def forward(self) -> list[str]:
        forward = Forward(self.bodies, self.result, self.held.arguments)
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


def free_name(name: str, taken: set[str], avoided: Collection[str] = ()) -> str:
    """A class's name that no other class has; it is taken from now on."""
    free, number = name, 2
    while free in taken or free in avoided:
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
