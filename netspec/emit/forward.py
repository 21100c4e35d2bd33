"""A class's `forward`: one line a node, variables named as an engineer would."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from netspec.emit.calls import INFIX, attribute, call
from netspec.emit.flow import FLOW, Flow
from netspec.emit.forms import is_loop, is_module, is_repeated_call, is_uniform, switch
from netspec.emit.inplace import is_fresh
from netspec.emit.layout import Code, Either, Group, Line, lay, literal
from netspec.emit.results import ordered_outputs
from netspec.emit.unpacking import methods, pattern, results_of
from netspec.graph import Graph, Node, Ref
from netspec.operators.base import Argument, Form

Variables = dict[int, str]  # of a node's outputs


class Forward(Flow):
    """Writes the body of `forward` for all instances of a class."""

    def __init__(
        self,
        bodies: Sequence[Graph],
        result: str = "",
        arguments: Mapping[str, Sequence[Argument]] = {},
    ) -> None:
        super().__init__(bodies, result)
        self.arguments = arguments  # of nodes whose line reads attributes
        self.lines: list[str] = []
        self.depth = 2

    def write(self) -> list[str]:
        """The lines of the body, indented by two levels."""
        returned = False
        for position, node in enumerate(self.order):
            start = len(self.lines)
            returned = self.step(node, position)
            self.lines[start:] = [Line.of(line, node) for line in self.lines[start:]]
        if not returned:
            self.finish()
        return self.lines

    def step(self, node: Node, position: int) -> bool:
        """One node's lines; True if they return from `forward`."""
        if node.call.form is not Form.TENSOR:  # which has no line to stand under it
            self.place(node.train_only)
        if position == len(self.order) - 1 and self._returns(node):
            self.emit("return ", self.expression(node))
            return True
        self.statement(node, position)
        return False

    def place(self, train_only: bool) -> None:
        """Go on under `if self.training:`, an open one if there is one, or leave it."""
        if train_only and self.depth == 2:
            self.emit("if self.training:")
        self.depth = 3 if train_only else 2

    def _returns(self, node: Node) -> bool:
        """Whether the node's own value is all there is to return."""
        outputs = self.graph.outputs
        only = len(outputs) == 1 and self.source(outputs[0].ref) == Ref(node.name)
        return only and _is_plain(node) and not self.mixed(node)

    def emit(self, before: str, code: Code = "") -> None:
        """A line, or the lines its code needs."""
        self.lines += lay(code, self.depth, before)

    @contextmanager
    def under(self, head: str) -> Iterator[None]:
        """What is emitted meanwhile stands under `if …:` or `for …:`."""
        self.emit(head)
        self.depth += 1
        yield
        self.depth -= 1

    def statement(self, node: Node, position: int) -> None:
        """The lines that give a node's outputs their variables."""
        if node.call.form is Form.TENSOR:
            self.variables[Ref(node.name)] = attribute(node)
            return
        names = self.targets(node, position)
        if self.mixed(node):
            self.optional(node, names)
        else:
            self.always(node, names)
        if _is_plain(node):
            self.drop(node, position, names[0])

    def targets(self, node: Node, position: int) -> Variables:
        """The variables of the outputs that are read; a loop carries its first on."""
        outputs = range(len(node.outputs))
        read = [i for i in outputs if Ref(node.name, i) in self.last_use]
        if is_loop(node) or not read:
            read = [0, *(i for i in read if i > 0)]
        names: Variables = {}
        for i in read:
            names[i] = self.name(node, i) if names else self.first(node, position)
            self.variables[Ref(node.name, i)] = names[i]
        return names

    def first(self, node: Node, position: int) -> str:
        """The variable of the first output that is read."""
        target = self.target(node, position)
        if is_loop(node) and target in self.operands(node)[1:]:
            return self.name(node)  # each turn reads the others as they were
        return target

    def always(self, node: Node, names: Variables) -> None:
        """A node that is there."""
        if is_loop(node):
            self.loop(node, names)
        elif self.augmented(node, names.get(0)):
            sign = INFIX[node.call.function]
            others = self.operands(node)[1:]
            self.emit(f"{names[0]} {sign}= ", f" {sign} ".join(others))
        else:
            self.assign(node, names, self.expression(node))

    def assign(self, node: Node, names: Variables, code: Code) -> None:
        """The line of a call, what it returns taken apart by name."""
        results = results_of(node)
        if results is None:
            self.emit(f"{names[0]} = ", code)
            return
        self.emit(f"{pattern(results, names)} = ", code)
        for name, method in methods(results, names):
            self.emit(f"{name} = ", method)

    def optional(self, node: Node, names: Variables) -> None:
        """A node that some instances lack: another value stands for it there."""
        target, other, condition = names[0], self.stand_in(node), self.condition(node)
        code = Either(self.expression(node), condition, other)
        line = lay(code, self.depth, f"{target} = ")
        if _is_plain(node) and target != other and len(line) == 1:
            self.lines += line
            return
        # The node's own lines may read what the target held, or give it a value first.
        apart = is_loop(node) or target in self.operands(node)
        if target != other and not apart:
            self.emit(f"{target} = ", other)
        with self.under(f"if {condition}:"):
            self.always(node, names)
        if target != other and apart:
            with self.under("else:"):
                self.emit(f"{target} = ", other)

    def condition(self, node: Node) -> str:
        """Whether an optional node is there."""
        if is_module(node) and node.share is None:
            return f"{attribute(node)} is not None"
        return f"self.{switch(node, self.graph)}"

    def stand_in(self, node: Node) -> str:
        """The variable that stands for a node in the instances that lack it."""
        nodes = (body.by_name[node.name] for body in self.bodies)
        absent = next(other for other in nodes if other.is_absent)
        return self.variables[self.source(absent.inputs[0])]

    def augmented(self, node: Node, target: str | None) -> bool:
        """Whether `out += x` is exact: its first operand is new and unread after."""
        if node.call.form is not Form.INFIX or node.call.function != "torch.add":
            return False
        first, *others = self.operands(node)
        if self.mixed(node) or target != first or target in others:
            return False
        ref = node.inputs[0]
        return all(
            body.type_of(ref) == body.by_name[node.name].outputs[0]
            and is_fresh(body, body.resolve(ref).source)
            and len(body.readers[body.resolve(ref)]) == 1
            for body in self.bodies
        )

    def loop(self, node: Node, names: Variables) -> None:
        """A repeat, its first output carried round in one variable."""
        assert node.body is not None
        children = node.body.nodes
        first, *others = self.operands(node)
        named = children[0].name != "0"
        if is_repeated_call(node) or not is_uniform(node.body):
            for child in children:
                key = literal(child.name) if named else child.name
                module = f"{attribute(node)}[{key}]"
                self.assign(child, names, call(child, module, [first, *others]))
                first = names[0]
            return
        if names[0] != first:
            self.emit(f"{names[0]} = ", first)
        layers = attribute(node) + (".values()" if named else "")
        layer = self.free("layer")
        with self.under(f"for {layer} in {layers}:"):
            operands = [names[0], *others]
            self.assign(children[0], names, call(children[0], layer, operands))

    def drop(self, node: Node, position: int, target: str) -> None:
        """Forget named values that are dead while much is still to come."""
        if node.train_only or position > len(self.order) - 3:
            return
        held = set(self.inputs.values()) | {target} | set(FLOW)
        dying = {self.variables[ref] for ref in self._dying(node, position)}
        dead = {name for name in dying - held if name.isidentifier()}
        if dead:
            self.emit(f"del {', '.join(sorted(dead))}")

    def operands(self, node: Node) -> list[str]:
        """The variables that a node reads."""
        return [self.variables[self.source(ref)] for ref in node.inputs]

    def expression(self, node: Node) -> Code:
        """The right-hand side of a node's line."""
        arguments = self.arguments.get(node.name)
        return call(node, attribute(node), self.operands(node), arguments)

    def finish(self) -> None:
        """Return the outputs: one as it is, several as a named tuple."""
        ordered = ordered_outputs(self.graph)
        values = [self.variables[self.source(o.ref)] for o in ordered]
        kept = [v for v, o in zip(values, ordered, strict=True) if o.mode is None]
        if len(kept) < len(values):
            self.place(train_only=True)
            self.emit("return ", self.bundle(values))
        self.place(train_only=False)
        self.emit("return ", kept[0] if len(kept) == 1 else self.bundle(kept))

    def bundle(self, values: Sequence[str]) -> Code:
        """Several values as they are returned: a named tuple, or a plain one."""
        if self.result:
            return Group(f"{self.result}(", tuple(values))
        return ", ".join(values)


def _is_plain(node: Node) -> bool:
    """Whether the node's call is the node's value."""
    return results_of(node) is None and not is_loop(node)
