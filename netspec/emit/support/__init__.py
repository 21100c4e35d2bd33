"""Classes that torch itself lacks: their text is taken into the emitted file."""

from collections.abc import Iterable
from importlib.resources import files

from netspec.graph import Elaborated, walk
from netspec.operators.base import Form


def support(network: Elaborated) -> dict[str, list[str]]:
    """The classes a network needs beyond torch's: name -> lines."""
    found: dict[str, list[str]] = {}
    for _, node, _ in walk(network.graph):
        if node.operator is None or node.call.form is not Form.MODULE:
            continue
        name = node.operator.support or node.operator.layer
        if name:
            found.setdefault(node.call.function, class_text(name))
    return found


def functions(classes: Iterable[list[str]]) -> list[list[str]]:
    """The functions that the constructors of classes call."""
    called = any("_make_divisible(" in line for lines in classes for line in lines)
    return [class_text("make_divisible")] if called else []


def class_text(name: str) -> list[str]:
    """A support file from its first class or function on."""
    text = (files(__package__) / f"{name}.py").read_text("utf-8")
    lines = text.rstrip().split("\n")
    starts = ("class ", "def ", "@")
    return lines[next(i for i, line in enumerate(lines) if line.startswith(starts)) :]
