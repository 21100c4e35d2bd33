"""The way back from a live module to its spec: from a line, a key, a failure.

It costs a call of the module nothing: Python's own tracebacks show an emitted line with
its node and the node's place in a comment, and a failure is looked up only once it is
there.
"""

import linecache
import sys
from collections.abc import Callable, Sequence
from traceback import walk_tb
from types import FrameType, ModuleType
from typing import NamedTuple

from torch import nn

from netspec.diagnostics import Use
from netspec.emit.layout import Line
from netspec.errors.python import ForwardFailed
from netspec.graph import Elaborated, Graph, Node, walk


class _File(NamedTuple):
    """An emitted file that is live: its network, and the nodes of its lines."""

    network: Elaborated
    nodes: dict[int, Node]


_files: dict[str, _File] = {}


def remember(file: ModuleType, lines: Sequence[str], network: Elaborated) -> None:
    """Know where the lines of a live file come from."""
    name = str(file.__file__)
    nodes = {i: line.node for i, line in enumerate(lines, 1) if isinstance(line, Line)}
    _files[name] = _File(network, nodes)
    shown = [_annotated(line) for line in lines]
    linecache.cache[name] = (sum(map(len, shown)), None, shown, name)


def _annotated(line: str) -> str:
    if not isinstance(line, Line):
        return f"{line}\n"
    place = f"{line.node.name}, {_place(line.node)}"
    printable = "".join(c if c.isprintable() else "?" for c in place)
    return f"{line}  # {printable}\n"


def _place(node: Node) -> str:
    span = node.origin.span
    return f"{span.source.name}:{span.line}"


def _file(module: nn.Module) -> _File | None:
    """The live file that defines a module's class."""
    name = getattr(sys.modules.get(type(module).__module__), "__file__", None)
    return _files.get(str(name))


def finder(module: nn.Module) -> Callable[[str], str]:
    """Gives ` (spec.yaml:12)` for a module's path or `state_dict` key; else nothing."""
    file = _file(module)
    nodes = {path: node for path, node, _ in walk(file.network.graph)} if file else {}

    def find(key: str) -> str:
        while key and key not in nodes:
            key = key.rpartition(".")[0]
        return f" ({_place(nodes[key])})" if key else ""

    return find


def is_emitted(frame: FrameType) -> bool:
    """Whether a frame runs a line of a live module."""
    return frame.f_code.co_filename in _files


def failure(error: BaseException) -> ForwardFailed | None:
    """What failed inside a live module, at its node; None if it failed elsewhere."""
    steps: list[Node] = []
    for frame, line in walk_tb(error.__traceback__):
        file = _files.get(frame.f_code.co_filename)
        node = file.nodes.get(line) if file else _child(frame, steps)
        if node is not None:
            steps.append(node)
    if not steps:
        return None
    *way, last = steps
    said = f"{type(error).__name__}: {error}".strip().split("\n")[0]
    trail = tuple(Use(node.name, node.origin.span) for node in way)
    path = ".".join(node.name for node in steps)
    return ForwardFailed(span=last.origin.span, trail=trail, path=path, reason=said)


def _root(module: nn.Module) -> Graph | None:
    """The graph of a network that is an nn.Sequential itself."""
    file = _file(module)
    return file.network.graph if file else None


def _child(frame: FrameType, steps: list[Node]) -> Node | None:
    """The node that an nn.Sequential was at, if the frame is one's `forward`."""
    module = frame.f_locals.get("self")
    if not isinstance(module, nn.Sequential) or frame.f_code.co_name != "forward":
        return None
    body = steps[-1].body if steps else _root(module)
    at = frame.f_locals.get("module")
    names = (name for name, child in module.named_children() if child is at)
    return body.by_name.get(next(names, "")) if body else None
