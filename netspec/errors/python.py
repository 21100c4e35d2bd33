"""Findings about code that runs: `python:` types, and failures inside a module."""

from netspec.diagnostics import Finding


class BadPythonType(Finding):
    code = "NS0701"
    message = "`{name}` names no Python class"
    label = "expected `python:module.Class`"
    name: str


class PythonNotAllowed(Finding):
    code = "NS0702"
    message = "`{path}` is code of its own, and this call allows none"
    label = "a module from `{module}`"
    help = "if you trust it: `--allow-python {module}`, or allow_python=['{module}']"
    path: str
    module: str


class PythonFailed(Finding):
    code = "NS0703"
    message = "`{path}` cannot be used"
    label = "{reason}"
    path: str
    reason: str


class StatedOther(Finding):
    code = "NS0704"
    message = "`{path}` gives {found}, and the spec states {stated}"
    label = "given {sizes}"
    help = "correct the stated `shape` and `dtype`, or the module"
    path: str
    found: str
    stated: str
    sizes: str


class ForwardFailed(Finding):
    code = "NS0705"
    message = "`{path}` failed as the network ran: {reason}"
    path: str
    reason: str
