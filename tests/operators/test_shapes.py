"""Inferred shapes and dtypes are real CPU torch's; what it refuses is refused."""

import pytest
from hypothesis import given

from netspec.operators import OperatorError
from netspec.tensors import DTYPES, TensorType
from tests.operators.harness import attempt, described, expected, infer, is_valid
from tests.operators.strategies import NAMES, Case, cases
from tests.operators.strict import STRICT, Rule, covered


def compare(case: Case) -> bool:
    """Check one use against PyTorch; whether both accept it."""
    try:
        types = infer(case)
    except OperatorError as error:
        reason = error.reason
    else:
        found = attempt(case)
        assert not isinstance(found, Exception), f"PyTorch refuses this: {found}"
        assert described(found) == expected(types)
        return True
    refused = covered(reason) or isinstance(attempt(case), Exception)
    assert refused, f"PyTorch accepts what is refused: {reason}"
    return False


@pytest.mark.parametrize("name", NAMES)
def test_inference_equals_torch(name: str) -> None:
    accepted = []

    @given(cases(name))
    def check(case: Case) -> None:
        accepted.append(compare(case))

    check()
    assert sum(accepted) >= len(accepted) // 12, "few valid uses are drawn"


@pytest.mark.parametrize("name", NAMES)
def test_every_dtype(name: str) -> None:
    """A valid use, with its main dtype replaced by each other one."""
    done = 0

    @given(cases(name))
    def check(case: Case) -> None:
        nonlocal done
        if done >= 2 or not is_valid(case):
            return
        done += 1
        for dtype in DTYPES:
            compare(Case(case.operator, tuple(_as(t, dtype) for t in case.types)))

    check()
    assert done


def _as(tensor: TensorType, dtype: str) -> TensorType:
    changes = tensor.dtype in ("float32", "int64")
    return TensorType(tensor.sizes, dtype if changes else tensor.dtype)


@pytest.mark.parametrize("rule", STRICT, ids=[rule.says[:20] for rule in STRICT])
def test_strict_list_is_needed(rule: Rule) -> None:
    with pytest.raises(OperatorError, match=rule.says):
        infer(rule.example)
    assert not isinstance(attempt(rule.example), Exception)
