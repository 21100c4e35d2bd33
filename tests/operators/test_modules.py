"""The modules that calls make: their parameters, their cost, their place."""

from math import prod

import pytest
import torch
from hypothesis import given
from torch.utils.flop_counter import FlopCounterMode

from netspec.dimensions import evaluate
from netspec.operators import OPERATORS
from netspec.operators.base import Form
from tests.operators.harness import SAMPLES, build, infer, is_valid, run, tensors
from tests.operators.strategies import NAMES, Case, cases

MODULES = [name for name in NAMES if OPERATORS[name].form is Form.MODULE]
CUDA_ONLY = ("SyncBatchNorm",)
UNCOUNTED = ("Bilinear",)  # multiplies in a kernel that the flop counter does not know


@pytest.mark.parametrize("name", MODULES)
def test_state_equals_state_dict(name: str) -> None:
    @given(cases(name).filter(is_valid))
    def check(case: Case) -> None:
        module = build(case)
        stated = case.operator.state(case.types)
        found = {
            key: (tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
            for key, tensor in module.state_dict().items()
        }
        assert list(stated) == list(found)
        assert {key: weight[:2] for key, weight in stated.items()} == found
        learnt = [key for key, weight in stated.items() if weight.learnt]
        assert learnt == [key for key, _ in module.named_parameters()]

    check()


@pytest.mark.parametrize("name", [n for n in NAMES if n not in CUDA_ONLY + UNCOUNTED])
def test_macs_equal_flop_counter(name: str) -> None:
    @given(cases(name).filter(is_valid).filter(is_counted))
    def check(case: Case) -> None:
        stated = case.operator.macs(case.types, infer(case))
        assert evaluate(stated, {}) * SAMPLES == counted(case)

    check()


def is_counted(case: Case) -> bool:
    """Whether the counter sees what is multiplied: it knows no matrix times vector.

    A cumulative average does not run on the meta device.
    """
    if type(case.operator).__name__ in ("MatMul", "Einsum"):
        return all(1 not in t.sizes and t.rank > 1 for t in case.types)
    return getattr(case.operator, "momentum", 0) is not None


def counted(case: Case) -> int:
    """Multiply-adds by PyTorch's counter, on the meta device in train mode."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        module = build(case) if case.operator.form is Form.MODULE else None
        run(case, tensors(case, "meta"), module)
    return int(counter.get_total_flops()) // 2


@given(cases("Bilinear").filter(is_valid))
def test_macs_of_bilinear(case: Case) -> None:
    """By the formula: each weight is used once a position."""
    (result,) = infer(case)
    (weight,) = [w for k, w in case.operator.state(case.types).items() if k == "weight"]
    positions = prod(result.shape[:-1])  # type: ignore[type-var]
    stated = case.operator.macs(case.types, (result,))
    assert stated == positions * prod(weight.shape)  # type: ignore[operator]


@given(cases("MatMul").filter(is_valid))
def test_macs_of_matmul(case: Case) -> None:
    """By the formula, vectors included: the inner size, for each number it makes."""
    (result,) = infer(case)
    stated = case.operator.macs(case.types, (result,))
    inner = case.types[0].sizes[-1]
    assert stated == prod(result.shape) * inner  # type: ignore[type-var]


def test_no_module_but_those_has_parameters() -> None:
    for name in set(NAMES) - set(MODULES):
        kind = OPERATORS[name]
        assert kind.state is OPERATORS["ReLU"].__mro__[2].state, name  # type: ignore[attr-defined]
