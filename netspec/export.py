"""A network as an ONNX or a `torch.export` file, run back before it counts as done."""

import importlib.util
import io
import logging
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._dynamo.exc import UserError
from torch.export import Dim, ExportedProgram
from torch.utils import _pytree as pytree

from netspec.errors.export import ExportDiffers, NoFolder, UnknownFormat
from netspec.errors.training import NeedsExtra
from netspec.examples import example_inputs
from netspec.network import Network
from netspec.tensors import TensorType

TOLERANCE = 1e-4  # relative; another runtime adds up in another order
FORMATS = (".onnx", ".pt2")
ONNX = ("onnx", "onnxscript", "onnxruntime")


class Exported(NamedTuple):
    """What came of an export: the largest relative difference, and what is fixed."""

    difference: float
    fixed: list[str]


def export(
    network: Network,
    path: str | Path,
    module: nn.Module | None = None,
    *,
    sizes: Mapping[str, int] | None = None,
) -> Exported:
    """Write a network's inference, with a batch and sizes that may change, to a file.

    The file is read and run, at the example sizes and for another batch. A size that a
    layer does not let change is in the result's `fixed`. `module` is the network with
    weights; by default a new one.

    Raises:
        ExportError: if there is no such format, or the file does not give what the
            network gives.
        NeedsExtra: if a package is missing.
        NoSize: for a symbol without a size.
    """
    target = Path(path)
    if target.suffix not in FORMATS:
        raise UnknownFormat(path=path)
    if not target.parent.is_dir():
        raise NoFolder(path=path, folder=target.parent)
    module = (network.to_module() if module is None else module).eval()
    inputs = example_inputs(network, sizes=sizes)
    program = _trace(network, module, inputs)
    if target.suffix == ".pt2":
        torch.export.save(program, target)
    else:
        _save_onnx(network, program, target)
    worst = 0.0
    for batch in (2, 3):
        given = example_inputs(network, batch=batch, sizes=sizes, seed=batch)
        with torch.no_grad():
            expected = _tensors(module(*given))
        found = _run(target, given)
        worst = max(worst, _compare(expected, found, target))
    return Exported(worst, fixed_dimensions(network, program))


def _trace(
    network: Network, module: nn.Module, inputs: tuple[Tensor, ...]
) -> ExportedProgram:
    shapes = tuple(_dynamic(port.type) for port in network.graph.inputs)
    with torch.no_grad():
        _register(module(*inputs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return torch.export.export(module, inputs, dynamic_shapes=shapes)
        except UserError:  # a layer that only works at one size, as LSTM does
            free = tuple(dict.fromkeys(shape, Dim.AUTO) for shape in shapes)
            return torch.export.export(module, inputs, dynamic_shapes=free)


def _register(output: Any) -> None:
    """Let a named tuple be written to a file."""
    if isinstance(output, tuple) and hasattr(output, "_fields"):
        kind = type(output)
        name = f"{kind.__module__}.{kind.__name__}"
        if kind not in pytree.SUPPORTED_SERIALIZED_TYPES:
            pytree._register_namedtuple(kind, serialized_type_name=name)


def fixed_dimensions(network: Network, program: ExportedProgram) -> list[str]:
    """What may not change in the program although the spec leaves it open."""
    found = []
    users = program.graph_signature.user_inputs
    shapes = {
        n.name: n.meta["val"].shape
        for n in program.graph.nodes
        if "val" in n.meta and n.op == "placeholder"
    }
    for port, name in zip(network.graph.inputs, users, strict=True):
        for size, made in zip(port.type.sizes, shapes[str(name)], strict=True):
            if not isinstance(size, int) and str(made).isdigit():  # no symbol
                found.append(f"{size} of {port.name} is {made}")
    return found


def _dynamic(type: TensorType) -> dict[int, Any]:
    """Which dimensions of an input may change: the batch, and those with a symbol."""
    return {
        dim: Dim.DYNAMIC
        for dim, size in enumerate(type.sizes)
        if not isinstance(size, int)
    }


def _save_onnx(network: Network, program: ExportedProgram, path: Path) -> None:
    missing = [name for name in ONNX if importlib.util.find_spec(name) is None]
    if missing:
        raise NeedsExtra(what="an export to ONNX", package=" ".join(missing))
    always = [output for output in network.graph.outputs if output.mode is None]
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            program,
            f=str(path),
            dynamo=True,
            external_data=False,
            input_names=[port.name for port in network.graph.inputs],
            output_names=[output.name or "output" for output in always],
        )


def _run(path: Path, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    """What the file gives, read anew."""
    if path.suffix == ".pt2":
        with torch.no_grad():
            return _tensors(torch.export.load(path).module()(*inputs))
    from onnxruntime import InferenceSession

    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [node.name for node in session.get_inputs()]
    feed = {n: t.numpy() for n, t in zip(names, inputs, strict=True)}
    return [torch.from_numpy(array) for array in session.run(None, feed)]


def _tensors(value: Any) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(value) if isinstance(leaf, Tensor)]


def _compare(expected: list[Tensor], found: list[Tensor], path: Path) -> float:
    """The largest relative difference. Raises ExportDiffers if it is too large."""
    if [t.shape for t in expected] != [t.shape for t in found]:
        shapes = ", ".join(str(list(tensor.shape)) for tensor in found)
        wanted = ", ".join(str(list(tensor.shape)) for tensor in expected)
        raise _differs(path, f"it gives {shapes}, and not {wanted}")
    worst = 0.0
    for own, other in zip(expected, found, strict=True):
        scale = float(own.abs().max()) or 1.0
        worst = max(worst, float((own - other).abs().max()) / scale)
    if not worst <= TOLERANCE:
        raise _differs(path, f"they differ by {worst:.2g}")
    return worst


def _differs(path: Path, reason: str) -> ExportDiffers:
    (other,) = {*FORMATS} - {path.suffix}
    advice = f"delete it; {path.with_suffix(other)} takes another way"
    return ExportDiffers(path=path, reason=reason, advice=advice)
