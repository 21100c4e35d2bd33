"""A class's `forward`: one line a node, variables named as an engineer would.

A value's variable is taken over by what is made of it, so that tensors nobody needs any
more are dropped at once.
"""

from collections.abc import Sequence
from os.path import commonprefix

from netspec.emit.layout import Code, Group, flat, lay
from netspec.emit.modules import is_fresh, is_module
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

FLOW = ("x", "out")  # the variables that a chain of nodes is written in
INFIX = {"torch.add": "+", "torch.sub": "-", "torch.mul": "*", "torch.div": "/"}


class Forward:
    """Writes the body of `forward` for all instances of a class."""

    def __init__(self, bodies: Sequence[Graph], result: str = "") -> None:
        self.bodies = bodies
        self.graph = next(
            (
                b
                for b in bodies
                if len(b.present) == max(len(o.present) for o in bodies)
            ),
            bodies[0],
        )
        self.result = result  # the named tuple that several outputs are returned in
        self.lines: list[str] = []
        self.variables: dict[Ref, str] = {}
        self.branches: set[str] = set()  # variables that hold one chain's values
        self.names = {node.name for node in self.graph.nodes}
        self.training = False
        self.inputs = self._inputs()
        self.last_use = self._last_uses()

    def _inputs(self) -> dict[str, str]:
        """The arguments' names: a block's single `input` is `x`."""
        found = {}
        for port in self.graph.inputs:
            found[port.name] = "x" if port.name == "input" else port.name
            self.variables[Ref(port.name)] = found[port.name]
        return found

    def mixed(self, node: Node) -> bool:
        """Whether the node is there in some instances only."""
        here = [not body.by_name[node.name].is_absent for body in self.bodies]
        return any(here) and not all(here)

    def absent(self, node: Node) -> bool:
        return all(body.by_name[node.name].is_absent for body in self.bodies)

    def source(self, ref: Ref) -> Ref:
        """The value behind nodes that are absent in every instance."""
        while ref.source in self.names and self.absent(self.graph.by_name[ref.source]):
            ref = self.graph.by_name[ref.source].inputs[0]
        return ref

    def reads(self, node: Node) -> list[Ref]:
        """What a node's line reads; one that may be absent also reads what stands for it."""
        found = [self.source(ref) for ref in node.inputs]
        for body in self.bodies if self.mixed(node) else ():
            other = body.by_name[node.name]
            if other.is_absent:
                found += [self.source(ref) for ref in other.inputs]
        return found

    @property
    def order(self) -> list[Node]:
        return [node for node in self.graph.nodes if not self.absent(node)]

    def _last_uses(self) -> dict[Ref, int]:
        last: dict[Ref, int] = {}
        order = self.order
        for position, node in enumerate(order):
            for ref in self.reads(node):
                last[ref] = position
        for output in self.graph.outputs:
            last[self.source(output.ref)] = len(order)
        return last

    # Lines ------------------------------------------------------------------------------

    def write(self) -> list[str]:
        """The lines of the body, indented by two levels."""
        order = self.order
        for position, node in enumerate(order):
            if node.train_only != self.training:
                self.training = node.train_only
                if self.training:
                    self.lines.append("        if self.training:")
            last = position == len(order) - 1
            if last and self._returns(node):
                self.emit("return {}", self.expression(node))
                return self.lines
            self.statement(node, position)
        self.training = False
        self.finish()
        return self.lines

    def _returns(self, node: Node) -> bool:
        """Whether the node's own value is all there is to return."""
        outputs = self.graph.outputs
        only = len(outputs) == 1 and self.source(outputs[0].ref) == Ref(node.name)
        return (
            only
            and not self.mixed(node)
            and len(node.outputs) == 1
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
        operands = [self.variables[self.source(ref)] for ref in node.inputs]
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
        if target == other:
            depth = "    " * (3 if self.training else 2)
            self.lines.append(f"{depth}if {module} is not None:")
            self.lines += lay(
                self.expression(node), 4 if self.training else 3, f"{target} = "
            )
            return
        self.emit(
            f"{target} = {{}}",
            f"{other} if {module} is None else {flat(self.expression(node))}",
        )

    def augmented(self, node: Node, target: str, position: int) -> bool:
        """Whether `out += x` is exact: the first operand is new, whole and unread after."""
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
                names[i] = free
        results = node.call.results or tuple(
            Result(i) for i in range(len(node.outputs))
        )
        thens: list[tuple[int, tuple[str, tuple[object, ...]]]] = []
        left = self._pattern(results, names, thens)
        self.emit(f"{left} = {{}}", self.expression(node))
        for i, (method, arguments) in thens:
            inside = ", ".join(map(repr, arguments))
            self.emit(f"{names[i]} = {{}}", f"{names[i]}.{method}({inside})")
        for i, name in names.items():
            self.variables[Ref(node.name, i)] = name

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
        """A repeat that nn.Sequential cannot hold: each child also reads other values."""
        from netspec.emit.modules import is_plain_module

        body = node.body
        if body is None or body.kind != "repeat":
            return False
        return len(body.inputs) != 1 or not all(
            is_plain_module(child) for child in body.nodes
        )

    def loop(self, node: Node, position: int) -> None:
        operands = [self.variables[self.source(ref)] for ref in node.inputs]
        target = self.target(node, position)
        depth = "    " * (3 if self.training else 2)
        if target != operands[0]:
            self.lines.append(f"{depth}{target} = {operands[0]}")
        named = node.body is not None and not node.body.nodes[0].name == "0"
        layers = f"{self.attribute(node)}.values()" if named else self.attribute(node)
        count = len(node.outputs)
        left = target if count == 1 else ", ".join([target, *["_"] * (count - 1)])
        self.lines.append(f"{depth}for layer in {layers}:")
        self.lines.append(
            f"{depth}    {left} = layer({', '.join([target, *operands[1:]])})"
        )
        self.variables[Ref(node.name)] = target

    # Variables --------------------------------------------------------------------------

    def target(self, node: Node, position: int) -> str:
        """The variable that takes the node's value."""
        dying = self._dying(node, position)
        joined = self._read_by_join(node)
        chain = self._chain(node, position)
        first = self.source(node.inputs[0]) if node.inputs else None
        variable = self.variables[first] if first is not None else ""
        if first in dying and variable in self.branches:
            return variable
        if self._is_branch(chain, variable):
            return self.branch(chain)
        if first in dying and variable in FLOW:
            if not (joined and self._starts(node, variable)):
                return variable
        live = self._live(position) - {self.variables[ref] for ref in dying}
        if not joined or len(chain) > 1:
            for name in FLOW:
                taken = name in self.inputs.values() and name in self._live(position)
                if name not in live and not taken:
                    return name
        return self.name(node)

    def _is_branch(self, chain: list[Node], variable: str) -> bool:
        """Whether a chain is one of many that a join reads, or an output by itself."""
        end = Ref(chain[-1].name)
        if any(o.mode and self.source(o.ref) == end for o in self.graph.outputs):
            return True
        wide = any(len(n.inputs) > 2 and end in self.reads(n) for n in self.order)
        return wide and (len(chain) > 1 or variable in self.inputs.values())

    def branch(self, chain: list[Node]) -> str:
        """A variable for a whole chain, named after what its nodes' names share."""
        names = [node.name for node in chain]
        shared = commonprefix(names) if len(names) > 1 else ""
        shared = shared.rstrip("_" if shared.endswith("_") else "0123456789")
        free = shared.isidentifier() and shared not in self.variables.values()
        name = shared if free else self.name(chain[-1])
        self.branches.add(name)
        return name

    def _starts(self, node: Node, variable: str) -> bool:
        """A branch of one node off the input keeps its own name: it reads better."""
        return variable in self.inputs.values() and not self.mixed(node)

    def _read_by_join(self, node: Node) -> bool:
        readers = [n for n in self.order if Ref(node.name) in self.reads(n)]
        return any(len(n.inputs) > 1 for n in readers) or len(readers) > 1

    def _chain(self, node: Node, position: int) -> list[Node]:
        """The nodes that follow one another from here, each reading the last alone."""
        chain, order = [node], self.order
        for following in order[position + 1 :]:
            reads = self.reads(following)
            ref = Ref(chain[-1].name)
            if reads[:1] != [ref] or self.last_use[ref] != order.index(following):
                break
            if len(following.inputs) > 1:
                break
            chain.append(following)
        return chain

    def _dying(self, node: Node, position: int) -> set[Ref]:
        return {ref for ref in self.reads(node) if self.last_use[ref] == position}

    def _live(self, position: int) -> set[str]:
        return {
            variable
            for ref, variable in self.variables.items()
            if self.last_use.get(ref, -1) >= position
        }

    def name(self, node: Node, output: int = 0) -> str:
        """A variable called after the node, free at this place."""
        base = node.name.replace(":", "_")
        base = f"x{base}" if base[0].isdigit() else base
        names = node.operator.output_names if node.operator is not None else ()
        if output and output < len(names):
            base = f"{base}_{names[output]}"
        used = set(self.variables.values())
        while base in used:
            base += "_"
        return base

    def drop(self, node: Node, position: int, target: str) -> None:
        """Forget named values that are dead while much is still to come."""
        if self.training or position > len(self.order) - 3:
            return
        held = set(self.inputs.values()) | {target} | set(FLOW)
        dying = {self.variables[ref] for ref in self._dying(node, position)}
        dead = {name for name in dying - held if name.isidentifier()}
        if dead:
            self.lines.append(f"        del {', '.join(sorted(dead))}")

    # Expressions ------------------------------------------------------------------------

    def attribute(self, node: Node) -> str:
        name = node.share or node.name
        return f'self.get_submodule("{name}")' if name.isdigit() else f"self.{name}"

    def expression(self, node: Node) -> Code:
        """The right-hand side of a node's line."""
        operands = [self.variables[self.source(ref)] for ref in node.inputs]
        if node.body is not None:
            return Group(f"{self.attribute(node)}(", tuple(operands))
        call = node.call
        if call.operands is not None:
            operands = [
                operands[o] if isinstance(o, int) else self._value(o, operands)
                for o in call.operands
            ]
        if is_module(node):
            extra = [self._keyword(argument, operands) for argument in call.forward]
            return Group(f"{self.attribute(node)}(", (*operands, *extra))
        return self._functional(node, call, operands)

    def _functional(self, node: Node, call: Call, operands: list[str]) -> Code:
        arguments = tuple(
            self._keyword(argument, operands) for argument in call.arguments
        )
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
            case _:
                return Group(f"{call.function}(", (*operands, *arguments))

    def _keyword(self, argument: Argument, operands: list[str]) -> str:
        value = self._value(argument.value, operands)
        return value if argument.keyword is None else f"{argument.keyword}={value}"

    def _value(self, value: object, operands: list[str]) -> str:
        from netspec.emit.names import constant

        if isinstance(value, Template):
            return value.template.format(*operands)
        return constant(value)

    # The end ----------------------------------------------------------------------------

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
