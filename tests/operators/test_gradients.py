"""What `fresh` and `inplace` claim, by autograd."""

from typing import Any

import pytest
import torch
from hypothesis import given
from torch import Tensor

from netspec.operators import OPERATORS
from netspec.operators.base import Form
from tests.operators.harness import build, infer, is_valid, run, tensors
from tests.operators.strategies import NAMES, Case, cases

CUDA_ONLY = ("SyncBatchNorm",)
FRESH = [n for n in NAMES if OPERATORS[n].fresh and n not in CUDA_ONLY]
INPLACE = [n for n in NAMES if OPERATORS[n].inplace]


def leaves(case: Case) -> list[Tensor]:
    """Inputs that take gradients, the same each time."""
    torch.manual_seed(3)
    return [t.requires_grad_(t.is_floating_point()) for t in tensors(case)]


def module_of(case: Case, **more: Any) -> torch.nn.Module | None:
    torch.manual_seed(4)
    return build(case, **more) if case.operator.form is Form.MODULE else None


def gradients(case: Case, *, inplace: bool) -> list[Tensor | None]:
    """Gradients through the operator and a ReLU after it, in place or not."""
    inputs, module = leaves(case), module_of(case)
    (output,) = run(case, inputs, module)
    assert not inplace or all(
        output.untyped_storage().data_ptr() != t.untyped_storage().data_ptr()
        for t in inputs
    )
    after = torch.relu_(output) if inplace else torch.relu(output)
    after.sum().backward()
    weights = [] if module is None else list(module.parameters())
    return [tensor.grad for tensor in (*inputs, *weights)]


@pytest.mark.parametrize("name", FRESH)
def test_fresh_results_may_be_changed_in_place(name: str) -> None:
    @given(cases(name).filter(is_valid))
    def check(case: Case) -> None:
        (result,) = infer(case)
        if not result.is_floating:
            return
        apart, over = (gradients(case, inplace=choice) for choice in (False, True))
        assert same(apart, over)

    check()


@pytest.mark.parametrize("name", INPLACE)
def test_inplace_form_is_exact(name: str) -> None:
    @given(cases(name).filter(is_valid))
    def check(case: Case) -> None:
        if not case.operator.inplace:
            return
        assert same(activated(case, inplace=False), activated(case, inplace=True))

    check()


def activated(case: Case, *, inplace: bool) -> list[Tensor | None]:
    """The result and the gradient of an activation of a fresh tensor."""
    (leaf,) = leaves(case)
    module = module_of(case, **({"inplace": True} if inplace else {}))
    assert module is not None
    given = leaf * 3
    output = module(given)
    assert (output.data_ptr() == given.data_ptr()) == inplace
    result = output.detach().clone()
    (output * output).sum().backward()
    return [result, leaf.grad]


def dense(tensor: Tensor | None) -> Tensor:
    if tensor is None:
        return torch.empty(0)
    return tensor.to_dense().nan_to_num() if tensor.is_sparse else tensor.nan_to_num()


def same(first: list[Tensor | None], second: list[Tensor | None]) -> bool:
    pairs = zip(first, second, strict=True)
    return all(torch.equal(dense(a), dense(b)) for a, b in pairs)


def test_only_activations_claim_an_inplace_form() -> None:
    assert all(hasattr(torch.nn, OPERATORS[name].__name__) for name in INPLACE)
