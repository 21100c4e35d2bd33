"""The whole emitted file: imports, classes, and a check of its own shapes."""

from netspec.emit.allowed import check
from netspec.emit.classes import Emitted, collect
from netspec.emit.imports import own_calls, own_modules
from netspec.emit.layout import Group, blank_separated, docstring, lay
from netspec.emit.support import functions, support
from netspec.graph import Elaborated
from netspec.names import EMITTED, IMPORTED, class_name


def emit(network: Elaborated) -> list[str]:
    """The lines of a Python file that needs torch alone; see `Line` for its nodes."""
    helpers, modules = support(network), own_modules(network)
    roots = {module.partition(".")[0] for module in modules}
    taken = {*EMITTED, *IMPORTED, *helpers, *roots, class_name(network.name)}
    classes = collect(network, taken)
    body = blank_separated(
        [
            *functions(emitted.lines for emitted in classes),
            *helpers.values(),
            *(emitted.lines for emitted in classes),
            *_check(network, classes[-1]),
        ],
        2,
    )
    lines = [
        *docstring(_title(network), 0),
        "",
        *_imports("\n".join(body), modules),
        "",
        "",
        *body,
    ]
    check("\n".join(lines), own_calls(network))
    return lines


def _title(network: Elaborated) -> str:
    return f"{class_name(network.name)}, emitted by netspec."


def _imports(body: str, modules: list[str]) -> list[str]:
    standard = []
    if "OrderedDict(" in body:
        standard.append("from collections import OrderedDict")
    if "fnmatchcase(" in body:
        standard.append("from fnmatch import fnmatchcase")
    if "NamedTuple)" in body:
        standard.append("from typing import NamedTuple")
    torch = ["import torch"] if "torch." in body else []
    return [
        *standard,
        *([""] if standard else []),
        *torch,
        "from torch import Tensor, nn",
        *([""] if modules else []),
        *(f"import {module}" for module in modules),
    ]


def _check(network: Elaborated, root: Emitted) -> list[list[str]]:
    """`python model.py` runs the network at the example sizes."""
    graph = network.graph
    symbols = {name for port in graph.inputs for name in port.type.symbols()}
    if not symbols <= network.sizes.keys():
        return []
    inputs = []
    for port in graph.inputs:
        shape = ", ".join(map(str, (2, *port.type.at(network.sizes))))
        if port.type.dtype == "float32":
            inputs.append(f"torch.rand({shape})")
        else:
            inputs.append(f"torch.zeros({shape}, dtype=torch.{port.type.dtype})")
    outputs = [output for output in graph.outputs if output.mode is None]
    lines = [
        'if __name__ == "__main__":',
        f"    model = {root.name}().eval()",
        "    with torch.inference_mode():",
        *lay(Group("model(", tuple(inputs)), 2, "output = "),
    ]
    for i, output in enumerate(outputs):
        expected = (2, *graph.type_of(output.ref).at(network.sizes))
        name = "output" if len(outputs) == 1 else f"output[{i}]"
        lines.append(f"    assert {name}.shape == {expected}, {name}.shape")
    shapes = ", ".join(
        f"{o.name or 'output'} {list(graph.type_of(o.ref).at(network.sizes))}"
        for o in outputs
    )
    parameters = "sum(p.numel() for p in model.parameters())"
    lines.append(f"    count = {parameters}")
    lines += lay(Group("print(", (f'f"{{count:,}} parameters; {shapes}"',)), 1)
    return [lines]
