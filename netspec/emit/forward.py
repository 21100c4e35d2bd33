"""A class's `forward`: one line a node, variables named as an engineer would.

A value's variable is taken over by what is made of it, so that tensors nobody needs any
more are dropped at once.
"""

from collections.abc import Sequence

from netspec.emit.flow import FLOW, Flow
from netspec.emit.inplace import is_fresh
from netspec.emit.layout import INDENT, Code, Either, Group, Line, call_of, lay
from netspec.emit.modules import is_module, is_repeated_call
from netspec.emit.results import ordered_outputs
from netspec.graph import Graph, Node, Ref
from netspec.operators.base import (
    Argument,
    Call,
    Form,
    Result,
    Results,
)
from netspec.operators.base import (
    Code as Template,
)

INFIX = {"torch.add": "+", "torch.sub": "-", "torch.mul": "*", "torch.div": "/"}


class Forward(Flow):
    """Writes the body of `forward` for all instances of a class."""

    def __init__(self, bodies: Sequence[Graph], result: str = "") -> None:
        super().__init__(bodies)
        self.result = result  # the named tuple that several outputs are returned in
        self.lines: list[str] = []
        self.training = False

    def write(self) -> list[str]:
        """The lines of the body, indented by two levels."""
        returned = False
        for position, node in enumerate(self.order):
            start = len(self.lines)
            returned = self.step(node, position)
            self.lines[start:] = [Line.of(line, node) for line in self.lines[start:]]
        self.training = False
        if not returned:
            self.finish()
        return self.lines

    def step(self, node: Node, position: int) -> bool:
        """One node's lines; True if they return from `forward`."""
        if node.train_only != self.training:
            self.training = node.train_only
            if self.training:
                self.lines.append("        if self.training:")
        if position == len(self.order) - 1 and self._returns(node):
            self.emit("return {}", self.expression(node))
            return True
        self.statement(node, position)
        return False

    def _returns(self, node: Node) -> bool:
        """Whether the node's own value is all there is to return."""
        outputs = self.graph.outputs
        only = len(outputs) == 1 and self.source(outputs[0].ref) == Ref(node.name)
        return (
            only
            and not self.mixed(node)
            and len(node.outputs) == 1
            and node.call.results is None
            and not self.is_loop(node)
        )

    def emit(self, pattern: str, code: Code) -> None:
        before, after = pattern.split("{}")
        self.lines += lay(code, 3 if self.training else 2, before, after)

    def statement(self, node: Node, position: int) -> None:
        if node.call.form is Form.TENSOR:
            self.variables[Ref(node.name)] = self.attribute(node)
            return None
        if self.is_loop(node):
            return self.loop(node, position)
        if len(node.outputs) > 1 or node.call.results is not None:
            return self.unpack(node, position)
        operands = self.operands(node)
        target = self.target(node, position)
        if self.mixed(node):
            self.conditional(node, target)
        elif self.augmented(node, target, position):
            sign = INFIX[node.call.function]
            self.emit(f"{target} {sign}= {{}}", f" {sign} ".join(operands[1:]))
        else:
            self.emit(f"{target} = {{}}", self.expression(node))
        self.variables[Ref(node.name)] = target
        self.drop(node, position, target)
        return None

    def conditional(self, node: Node, target: str) -> None:
        """A module that some instances do not have."""
        absent = next(
            b.by_name[node.name] for b in self.bodies if b.by_name[node.name].is_absent
        )
        other = self.variables[self.source(absent.inputs[0])]
        module = self.attribute(node)
        is_there = f"{module} is not None"
        if not is_module(node):
            is_there = f"self.has_{node.name}"
        call, level = self.expression(node), 3 if self.training else 2
        short = lay(Either(call, is_there, other), level, f"{target} = ")
        if target != other and len(short) == 1:
            self.lines += short
            return
        pad = INDENT * level
        lines = [f"{pad}if {is_there}:", *lay(call, level + 1, f"{target} = ")]
        if target == other:
            self.lines += lines
        elif target in self.operands(node):  # the call reads it as it was
            self.lines += [*lines, f"{pad}else:", f"{pad}{INDENT}{target} = {other}"]
        else:
            self.lines += [f"{pad}{target} = {other}", *lines]

    def augmented(self, node: Node, target: str, position: int) -> bool:
        """Whether `out += x` is exact: its first operand is new and unread after."""
        call = node.call
        if (
            node.operator is None
            or call.form is not Form.INFIX
            or call.function != "torch.add"
        ):
            return False
        first = node.inputs[0]
        others = {self.variables[self.source(ref)] for ref in node.inputs[1:]}
        return (
            target == self.variables[self.source(first)]
            and target not in others
            and all(
                body.type_of(first) == body.by_name[node.name].outputs[0]
                and is_fresh(body, body.resolve(first).source)
                and len(body.readers[body.resolve(first)]) == 1
                for body in self.bodies
            )
        )

    def unpack(self, node: Node, position: int) -> None:
        """A call that returns several values, taken apart by name."""
        names: dict[int, str] = {}
        for i in range(len(node.outputs)):
            if Ref(node.name, i) in self.last_use:
                free = self.target(node, position) if not names else self.name(node, i)
                names[i] = self.variables[Ref(node.name, i)] = free
        results = node.call.results or tuple(
            Result(i) for i in range(len(node.outputs))
        )
        thens: list[tuple[int, tuple[str, tuple[object, ...]]]] = []
        left = self._pattern(results, names, thens)
        self.emit(f"{left} = {{}}", self.expression(node))
        for i, (method, arguments) in thens:
            inside = ", ".join(map(repr, arguments))
            self.emit(f"{names[i]} = {{}}", f"{names[i]}.{method}({inside})")

    def _pattern(
        self,
        results: Results,
        names: dict[int, str],
        thens: list[tuple[int, tuple[str, tuple[object, ...]]]],
    ) -> str:
        parts = []
        for result in results:
            if isinstance(result, Result):
                used = result.output in names
                parts.append(
                    names[result.output] if used and result.output is not None else "_"
                )
                if used and result.then is not None and result.output is not None:
                    thens.append((result.output, result.then))
            else:
                inner = self._pattern(result, names, thens)
                parts.append(f"({inner})" if set(inner) - set("_, ") else "_")
        return ", ".join(parts) + ("," if len(parts) == 1 else "")

    def is_loop(self, node: Node) -> bool:
        """A repeat that nn.Sequential cannot hold: its children read more."""
        from netspec.emit.modules import is_plain_module

        body = node.body
        if body is None or body.kind != "repeat":
            return False
        return len(body.inputs) != 1 or not all(
            is_plain_module(child) for child in body.nodes
        )

    def loop(self, node: Node, position: int) -> None:
        operands = self.operands(node)
        target = self.target(node, position)
        if target in operands[1:]:  # each turn reads it as it was
            target = self.name(node)
        depth = "    " * (3 if self.training else 2)
        if target != operands[0]:
            self.lines.append(f"{depth}{target} = {operands[0]}")
        assert node.body is not None
        names, children = self._outputs(node, target), node.body.nodes
        if is_repeated_call(node):
            for child in children:
                self.lines += self._turn(depth, child, "", names, operands)
            return
        named = children[0].name != "0"
        layers = f"{self.attribute(node)}.values()" if named else self.attribute(node)
        self.lines.append(f"{depth}for layer in {layers}:")
        self.lines += self._turn(f"{depth}    ", children[0], "layer", names, operands)

    def _outputs(self, node: Node, target: str) -> dict[int, str]:
        """The variables of a loop's outputs: the first is carried round."""
        read = [
            i for i in range(1, len(node.outputs)) if Ref(node.name, i) in self.last_use
        ]
        names = {0: target, **{i: self.name(node, i) for i in read}}
        self.variables |= {Ref(node.name, i): name for i, name in names.items()}
        return names

    def _turn(
        self,
        depth: str,
        child: Node,
        layer: str,
        names: dict[int, str],
        operands: list[str],
    ) -> list[str]:
        """One turn of a loop: the child's call, and its outputs taken apart."""
        results, left = child.call.results, names[0]
        if results is None:
            results = tuple(Result(i) for i in range(len(child.outputs)))
        thens: list[tuple[int, tuple[str, tuple[object, ...]]]] = []
        if child.call.results is not None or len(child.outputs) > 1:
            left = self._pattern(results, names, thens)
        call = self._call(child, layer, [names[0], *operands[1:]])
        lines = lay(call, len(depth) // 4, f"{left} = ")
        for i, (method, arguments) in thens:
            inside = ", ".join(map(repr, arguments))
            lines.append(f"{depth}{names[i]} = {names[i]}.{method}({inside})")
        return lines

    def drop(self, node: Node, position: int, target: str) -> None:
        """Forget named values that are dead while much is still to come."""
        if self.training or position > len(self.order) - 3:
            return
        held = set(self.inputs.values()) | {target} | set(FLOW)
        dying = {self.variables[ref] for ref in self._dying(node, position)}
        dead = {name for name in dying - held if name.isidentifier()}
        if dead:
            self.lines.append(f"        del {', '.join(sorted(dead))}")

    # Expressions ------------------------------------------------------------

    def attribute(self, node: Node) -> str:
        name = node.share or node.name
        return f'self.get_submodule("{name}")' if name.isdigit() else f"self.{name}"

    def operands(self, node: Node) -> list[str]:
        """The variables that a node reads."""
        return [self.variables[self.source(ref)] for ref in node.inputs]

    def expression(self, node: Node) -> Code:
        """The right-hand side of a node's line."""
        return self._call(node, self.attribute(node), self.operands(node))

    def _call(self, node: Node, attribute: str, operands: list[str]) -> Code:
        """A node's call, its module under the attribute."""
        if node.body is not None:
            return Group(f"{attribute}(", tuple(operands))
        call, inputs = node.call, operands
        if call.operands is not None:
            operands = [
                inputs[o] if isinstance(o, int) else self._value(o, inputs)
                for o in call.operands
            ]
        if is_module(node):
            extra = [self._keyword(argument, inputs) for argument in call.forward]
            return Group(f"{attribute}(", (*operands, *extra))
        arguments = tuple(self._keyword(a, inputs) for a in call.arguments)
        return self._functional(node, call, operands, arguments)

    def _functional(
        self, node: Node, call: Call, operands: list[str], arguments: tuple[Code, ...]
    ) -> Code:
        match call.form:
            case Form.TENSOR:
                return self.attribute(node)
            case Form.INFIX:
                sign = INFIX[call.function]
                return f" {sign} ".join(operands)
            case Form.LIST:
                listed = Group("[", tuple(operands), "]")
                return Group(f"{call.function}(", (listed, *arguments))
            case Form.METHOD:
                return Group(
                    f"{operands[0]}.{call.function}(", (*operands[1:], *arguments)
                )
            case Form.INDEX:
                places = ", ".join(_subscript(a.value) for a in call.arguments)
                return f"{operands[0]}[{places}]"
            case _:
                return Group(f"{call.function}(", (*operands, *arguments))

    def _keyword(self, argument: Argument, operands: list[str]) -> Code:
        value = self._value(argument.value, operands)
        text = value if argument.keyword is None else f"{argument.keyword}={value}"
        return call_of(text) if isinstance(argument.value, Template) else text

    def _value(self, value: object, operands: list[str]) -> str:
        from netspec.emit.names import constant

        if isinstance(value, Template):
            return value.template.format(*operands)
        return constant(value)

    # The end ------------------------------------------------------------

    def finish(self) -> None:
        """Return the outputs: one as it is, several as a named tuple."""
        ordered = ordered_outputs(self.graph)
        values = [self.variables[self.source(o.ref)] for o in ordered]
        kept = [v for v, o in zip(values, ordered, strict=True) if o.mode is None]
        if len(kept) < len(values):
            self.lines.append("        if self.training:")
            self.lines += lay(self.bundle(values), 3, "return ")
        if len(kept) == 1:
            self.lines.append(f"        return {kept[0]}")
        else:
            self.lines += lay(self.bundle(kept), 2, "return ")

    def bundle(self, values: list[str]) -> Code:
        if self.result:
            return Group(f"{self.result}(", tuple(values))
        return ", ".join(values)


def _subscript(value: object) -> str:
    """An index or a slice as it is written in brackets: `1:3`, `::2`."""
    if not isinstance(value, slice):
        return repr(value)
    ends = ["" if end is None else repr(end) for end in (value.start, value.stop)]
    step = "" if value.step in (None, 1) else f":{value.step!r}"
    return ":".join(ends) + step
