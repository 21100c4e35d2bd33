"""Findings about how nodes are wired, before any shape is known."""

from netspec.diagnostics import Finding
from netspec.errors.led import Unknown


class UnknownNode(Unknown):
    code = "NS0401"
    message = "there is no node `{name}` here"
    label = "not a sibling or an input"


class Cycle(Finding):
    code = "NS0402"
    message = "these nodes wait for each other"
    label = "{path}"
    help = "a value cannot depend on itself; read an earlier node here"
    path: str


class SharedWhat(Finding):
    code = "NS0403"
    message = "`{name}` cannot be shared"
    label = "{reason}"
    name: str
    reason: str


class DuplicateInput(Finding):
    code = "NS0404"
    message = "`{name}` is an input, and a node too"
    label = "a name stands for one value"
    name: str
