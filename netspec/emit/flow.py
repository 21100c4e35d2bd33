"""How values flow through a `forward`: who reads them last, and in which variables.

A value's variable is taken over by what is made of it, so that tensors nobody needs any
more are dropped at once.
"""

from collections.abc import Sequence
from functools import cached_property

from netspec.emit.forms import fullest
from netspec.graph import Graph, Node, Ref
from netspec.names import refusal

FLOW = ("x", "out")  # the variables that a chain of nodes is written in


class Flow:
    """The values of all instances of a class, in the order of their nodes."""

    def __init__(self, bodies: Sequence[Graph], result: str = "") -> None:
        self.bodies = bodies
        self.result = result  # the named tuple that several outputs are returned in
        self.graph = fullest(bodies)
        self.variables: dict[Ref, str] = {}
        self.branches: set[str] = set()  # variables that hold one chain's values
        self.names = {node.name for node in self.graph.nodes}
        self.inputs = self._inputs()
        self._reads: dict[str, list[Ref]] = {}
        self.last_use = self._last_uses()

    def _inputs(self) -> dict[str, str]:
        """The arguments' names: `input` is `x`, unless another one is."""
        found = {}
        taken = {port.name for port in self.graph.inputs}
        for port in self.graph.inputs:
            is_x = port.name == "input" and "x" not in taken
            found[port.name] = "x" if is_x else port.name
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
        """What a node's line reads, and what stands for it if it is absent."""
        if node.name not in self._reads:
            self._reads[node.name] = self._find_reads(node)
        return self._reads[node.name]

    def _find_reads(self, node: Node) -> list[Ref]:
        found = [self.source(ref) for ref in node.inputs]
        for body in self.bodies if self.mixed(node) else ():
            other = body.by_name[node.name]
            if other.is_absent:
                found += [self.source(ref) for ref in other.inputs]
        return found

    @cached_property
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

    def target(self, node: Node, position: int) -> str:
        """The variable that takes the node's value."""
        named = self.returned.get(Ref(node.name), "")
        if refusal(named) is None and self.free(named) == named:
            return named
        dying = self._dying(node, position)
        joined = self._read_by_join(node)
        chain = self._chain(position)
        first = self.source(node.inputs[0]) if node.inputs else None
        variable = self.variables[first] if first is not None else ""
        if first in dying and variable in self.branches:
            return variable
        if self._is_branch(chain, variable):
            return self.branch(chain)
        own_name = joined and self._starts(node, variable)
        if first in dying and variable in FLOW and not own_name:
            return variable
        live = self._live(position) - {self.variables[ref] for ref in dying}
        if not joined or len(chain) > 1:
            for name in FLOW:
                taken = name in self.inputs.values() and name in self._live(position)
                if name not in live and not taken:
                    return name
        return self.name(node)

    @cached_property
    def returned(self) -> dict[Ref, str]:
        """The values that are returned among several, with the names of the outputs."""
        outputs = self.graph.outputs if len(self.graph.outputs) > 1 else ()
        return {self.source(output.ref): output.name for output in outputs}

    def _is_branch(self, chain: list[Node], variable: str) -> bool:
        """Whether a chain is one of many that a join reads, or an output by itself."""
        end = Ref(chain[-1].name)
        if any(o.mode and self.source(o.ref) == end for o in self.graph.outputs):
            return True
        wide = any(len(n.inputs) > 2 for n in self.readers.get(end, ()))
        return wide and (len(chain) > 1 or variable in self.inputs.values())

    def branch(self, chain: list[Node]) -> str:
        """A variable for a whole chain, named after what its nodes' names share."""
        names = [node.name for node in chain]
        shared = _shared_start(names) if len(names) > 1 else ""
        shared = shared.rstrip("_" if shared.endswith("_") else "0123456789")
        usable = refusal(shared) is None and self.free(shared) == shared
        name = shared if usable else self.name(chain[-1])
        self.branches.add(name)
        return name

    def _starts(self, node: Node, variable: str) -> bool:
        """A branch of one node off the input keeps its own name: it reads better."""
        return variable in self.inputs.values() and not self.mixed(node)

    def _read_by_join(self, node: Node) -> bool:
        readers = self.readers.get(Ref(node.name), [])
        return any(len(n.inputs) > 1 for n in readers) or len(readers) > 1

    @cached_property
    def readers(self) -> dict[Ref, list[Node]]:
        """The nodes that read each value, in order."""
        found: dict[Ref, list[Node]] = {}
        for node in self.order:
            for ref in dict.fromkeys(self.reads(node)):
                found.setdefault(ref, []).append(node)
        return found

    def _chain(self, position: int) -> list[Node]:
        """The nodes from here that follow one another, each reading the last alone."""
        return self.order[position : self._chain_ends[position]]

    @cached_property
    def _chain_ends(self) -> list[int]:
        """For each position, where the chain that goes through it has ended."""
        order = self.order
        ends = list(range(1, len(order) + 1))
        for position in reversed(range(len(order) - 1)):
            ref, following = Ref(order[position].name), order[position + 1]
            alone = self.last_use.get(ref) == position + 1
            follows = self.reads(following)[:1] == [ref] and len(following.inputs) == 1
            if follows and alone:
                ends[position] = ends[position + 1]
        return ends

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
        return self.free(f"{base}_{_output_name(node, output)}" if output else base)

    def free(self, base: str) -> str:
        """The name, with underscores behind it until no variable has it."""
        used = {*self.variables.values(), self.result}
        while base in used:
            base += "_"
        return base


def _output_name(node: Node, output: int) -> str:
    if node.body is not None:
        return node.body.outputs[output].name
    assert node.operator is not None
    return node.operator.output_names[output]


def _shared_start(names: list[str]) -> str:
    """The characters that all the names begin with."""
    first, last = min(names), max(names)
    count = next((i for i, c in enumerate(first) if c != last[i : i + 1]), len(first))
    return first[:count]
