"""`reset_parameters`: the spec's `init` rules as the network's own method."""

from fnmatch import fnmatchcase

from netspec.emit.layout import INDENT, Group, lay, literal
from netspec.fills import Fill, InitRule
from netspec.graph import Elaborated, Graph, Node, walk
from netspec.operators.base import Form


def fill(target: str, how: Fill, depth: int) -> list[str]:
    """The call of torch.nn.init that fills one tensor."""
    arguments = tuple(
        literal(value) if how.function == "constant_" else f"{name}={literal(value)}"
        for name, value in how.arguments
    )
    return lay(Group(f"nn.init.{how.function}(", (target, *arguments)), depth)


def own_tensors(graph: Graph, depth: int = 2) -> list[str]:
    """Fills of the parameters and buffers that a class owns itself."""
    lines: list[str] = []
    for node in graph.present:
        if node.operator is not None and node.operator.form is Form.TENSOR:
            how: Fill = node.operator.__dict__["init"]
            lines += fill(f"self.{node.name}", how, depth)
    return lines


def reset_tensors(graph: Graph) -> list[str]:
    """The method of a class that owns tensors, where no rule fills them."""
    fills = own_tensors(graph)
    head = [
        f"{INDENT}def reset_parameters(self) -> None:",
        f'{INDENT * 2}"""Initialise the tensors of this block."""',
    ]
    return [*head, *fills] if fills else []


def reset_parameters(network: Elaborated) -> list[str]:
    """The method: each module as PyTorch does, then the rules in order."""
    by_type = [rule for rule in network.init if rule.type is not None]
    by_path = [rule for rule in network.init if rule.path is not None]
    lines = [
        f"{INDENT}def reset_parameters(self) -> None:",
        f'{INDENT * 2}"""Initialise every parameter and buffer anew."""',
        f"{INDENT * 2}for module in reversed(list(self.modules())[1:]):",
        *_by_type(network.graph, by_type),
    ]
    for rule in by_path:
        lines += _by_path(network.graph, rule)
    return [*lines, *own_tensors(network.graph)]


def _by_type(graph: Graph, rules: list[InitRule]) -> list[str]:
    types = {rule.type: None for rule in rules}
    nodes = [node for _, node, _ in walk(graph) if node.operator is not None]
    lines: list[str] = []
    word = "if"
    for name in types:
        of_type = [node for node in nodes if node.type == name]
        function = of_type[0].call.function
        fills: dict[str, Fill] = {}
        for rule in rules:
            fills |= dict(rule.fills) if rule.type == name else {}
        lines.append(f"{INDENT * 3}{word} isinstance(module, {function}):")
        lines += _fills(of_type, fills)
        word = "elif"
    private = [n for n in nodes if n.call.function == "nn.MultiheadAttention"]
    if private and "MultiheadAttention" not in types:
        lines.append(f"{INDENT * 3}{word} isinstance(module, nn.MultiheadAttention):")
        lines.append(f"{INDENT * 4}module._reset_parameters()")
        word = "elif"
    lines.append(f'{INDENT * 3}{word} hasattr(module, "reset_parameters"):')
    return [*lines, f"{INDENT * 4}module.reset_parameters()"]


def _fills(nodes: list[Node], fills: dict[str, Fill]) -> list[str]:
    states = [node.state for node in nodes]
    names = {name for state in states for name in state}
    lines = []
    if names - fills.keys():  # what no rule fills, PyTorch does
        lines.append(f"{INDENT * 4}module.reset_parameters()")
    for name, how in fills.items():
        target, depth = f"module.{name}", 4
        if not all(name in state for state in states):
            lines.append(f"{INDENT * 4}if {target} is not None:")
            depth = 5
        lines += fill(target, how, depth)
    return lines


def _by_path(graph: Graph, rule: InitRule) -> list[str]:
    """The fills of the modules that a path matches: in a loop, if there are many."""
    assert rule.path is not None
    nodes = [(path, node) for path, node, _ in walk(graph) if node.operator is not None]
    matched = [(p, n) for p, n in nodes if n.state and fnmatchcase(p, rule.path)]
    functions = {node.call.function for _, node in matched}
    if len(matched) > 2 and len(functions) == 1 and not _matches_parts(nodes, rule):
        return _loop(rule, functions.pop(), matched[0][1])
    lines: list[str] = []
    for path, node in matched:
        for name, how in rule.fills:
            if name in node.state:
                lines += fill(f'self.get_parameter("{path}.{name}")', how, 2)
    return lines


def _matches_parts(nodes: list[tuple[str, Node]], rule: InitRule) -> bool:
    """Whether the path also matches modules that PyTorch makes within a layer."""
    parts = {
        f"{path}.{name.rpartition('.')[0]}"
        for path, node in nodes
        for name in node.state
        if "." in name
    }
    return any(fnmatchcase(part, rule.path or "") for part in parts)


def _loop(rule: InitRule, function: str, node: Node) -> list[str]:
    pad = INDENT * 2
    kind = f"if isinstance(module, {function})"
    matches = Group(f"{kind} and fnmatchcase(", ("name", literal(rule.path)))
    lines = [
        f"{pad}for name, module in self.named_modules():",
        *lay(matches, 3, after=":"),
    ]
    if rule.path == "*":
        lines = [f"{pad}for module in self.modules():", f"{pad}{INDENT}{kind}:"]
    for name, how in rule.fills:
        if name in node.state:
            lines += fill(f"module.{name}", how, 4)
    return lines
