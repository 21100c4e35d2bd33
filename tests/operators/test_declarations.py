"""Names and defaults are PyTorch's own."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest
import torch
from torch import nn

from netspec.operators import OPERATORS
from netspec.operators.base import Form
from netspec.record import MISSING
from tests.operators.harness import infer
from tests.operators.strategies import NAMES
from tests.operators.strict import batched, use

# PyTorch's arguments that are no one's to write: inferred, always the same, or of no
# use in a graph.
LEFT_OUT = {
    "self": "the module",
    "input": "flows in",
    "args": "of a signature that names nothing",
    "kwargs": "of a signature that names nothing",
    "device": "chosen when a network is built",
    "dtype": "chosen when a network is built",
    "in_channels": "inferred",
    "in_features": "inferred",
    "in1_features": "inferred",
    "in2_features": "inferred",
    "num_features": "inferred",
    "num_channels": "inferred",
    "input_size": "inferred",
    "embed_dim": "inferred",
    "d_model": "inferred",
    "kdim": "inferred",
    "vdim": "inferred",
    "mode": "of RNNBase: the operator's own name",
    "batch_first": "always true",
    "inplace": "chosen where it is provably safe",
    "min_value": "an old name of min_val",
    "max_value": "an old name of max_val",
    "process_group": "a live object",
    "_weight": "a live tensor",
    "_freeze": "a live tensor",
    "_random_samples": "a live tensor",
    "include_last_offset": "of one-dimensional bags, which have no batch",
    "out": "a live tensor",
    "proj_size": "of LSTM alone, though RNNBase takes it",
}
# Arguments that the oldest torch we support does not have: what `check` accepts must
# run on all of them.
NEWER = {
    name: {"bias"}
    for name in OPERATORS
    if "Norm" in name and name.startswith(("Batch", "Instance", "Group", "SyncBatch"))
}
# Arguments of netspec's own.
OWN = {
    "causal": "supplies the mask that PyTorch takes as a tensor",
    "need_weights": "of the module's own call; true there, and costs time and memory",
    "average_attn_weights": "of the module's own call",
    "nonlinearity": "of nn.RNN, which names no argument in its signature",
}
SIGNED = [n for n in NAMES if OPERATORS[n].torch.startswith("nn.")]


def signature(name: str) -> dict[str, inspect.Parameter]:
    target: Callable[..., Any] = reduce(
        getattr, OPERATORS[name].torch.split("."), torch
    )
    if issubclass_of(target, nn.RNNBase):
        target = nn.RNNBase
    try:
        return dict(inspect.signature(target).parameters)
    except ValueError:  # a builtin function
        return {}


def issubclass_of(target: Any, base: type) -> bool:
    return isinstance(target, type) and issubclass(target, base)


@pytest.mark.parametrize("name", SIGNED)
def test_arguments_are_pytorchs(name: str) -> None:
    theirs, ours = signature(name), OPERATORS[name].fields
    if not theirs:
        pytest.skip("a builtin without a signature")
    if set(theirs) <= {"args", "kwargs"}:
        assert not ours or name == "Softmax2d"
        return
    unknown = set(ours) - set(theirs) - set(OWN)
    assert not unknown
    missing = {key for key in theirs if key not in ours and key not in LEFT_OUT}
    assert missing <= NEWER.get(name, set())


@pytest.mark.parametrize("name", SIGNED)
def test_defaults_are_pytorchs(name: str) -> None:
    theirs = signature(name)
    for field in OPERATORS[name].fields.values():
        parameter = theirs.get(field.name)
        if parameter is None or field.name == "normalized_shape":
            continue
        default = parameter.default
        if callable(default) and default is not inspect.Parameter.empty:
            default = default.__name__  # the activation of a Transformer layer
        if default is inspect.Parameter.empty:
            assert field.default is MISSING, field.name
        elif field.name == "stride" and default is None:
            assert field.default is None
        else:
            assert field.default == default, field.name


@pytest.mark.parametrize("name", SIGNED)
def test_order_is_pytorchs(name: str) -> None:
    theirs = [key for key in signature(name) if key in OPERATORS[name].fields]
    assert [key for key in OPERATORS[name].fields if key in theirs] == theirs


def test_every_layer_of_torch_nn_is_here() -> None:
    """Except losses, containers, cells and what other operators express."""
    left_out = {
        "Container", "DataParallel", "Module", "ModuleDict", "ModuleList",
        "ParameterDict", "ParameterList", "Sequential",  # containers
        "RNNBase", "RNNCellBase", "RNNCell", "LSTMCell", "GRUCell",  # one step
        "Transformer", "TransformerEncoder", "TransformerDecoder",  # blocks: `repeat`
        "AdaptiveLogSoftmaxWithLoss", "CrossMapLRN2d",  # a loss; an old LRN
    }  # fmt: skip
    layers = {
        name
        for name, kind in vars(nn).items()
        if issubclass_of(kind, nn.Module)
        and not name.startswith("Lazy")
        and "Loss" not in name
    }
    assert layers - left_out - set(OPERATORS) == set()


@pytest.mark.parametrize("name", NAMES)
def test_documentation(name: str) -> None:
    kind = OPERATORS[name]
    assert kind.link().startswith("https://docs.pytorch.org/")
    assert kind.__doc__
    for field in kind.fields.values():
        assert field.kind.description
        assert field.kind.schema()


def test_functions_exist() -> None:
    for name in NAMES:
        kind = OPERATORS[name]
        if kind.support or kind.form is Form.INDEX:
            continue
        where = torch.Tensor if kind.form is Form.METHOD else torch
        path = kind.function().removeprefix("torch.").split(".")
        assert callable(reduce(getattr, path, where)), name


def test_torch_is_not_imported() -> None:
    code = "import sys, netspec.operators; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_outputs_by_name() -> None:
    chunk = use("Chunk", batched(6, 5), chunks=3)
    assert chunk.operator.output_names == ("0", "1", "2")
    assert len(infer(chunk)) == 3
    assert use("LSTM", hidden_size=4).operator.output_names == (
        "output",
        "hidden",
        "cell",
    )
    attention = use("MultiheadAttention", batched(3, 4), num_heads=2)
    assert attention.operator.output_names == ("output",)
    weighed = use("MultiheadAttention", batched(3, 4), num_heads=2, need_weights=True)
    assert weighed.operator.output_names == ("output", "weights")
