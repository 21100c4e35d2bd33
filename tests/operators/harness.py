"""Runs the call that an operator emits, on real tensors."""

import operator as operators
import warnings
from collections.abc import Callable
from functools import reduce
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from netspec.constraints import Assumptions
from netspec.dimensions import BATCH, evaluate
from netspec.operators import OperatorError
from netspec.operators.base import Argument, Code, Form, Result
from netspec.tensors import FLOATING, TensorType
from tests.operators.strategies import Case

SAMPLES = 7  # the batch size: no other size is 7
INFIX = {
    "torch.add": operators.add,
    "torch.sub": operators.sub,
    "torch.mul": operators.mul,
    "torch.div": operators.truediv,
}
Types = tuple[TensorType, ...]


def infer(case: Case, assume: Assumptions | None = None) -> Types:
    """The output types, always as a tuple. Raises OperatorError."""
    case.operator.admit(case.types)
    found = case.operator.infer(case.types, assume or Assumptions())
    types = (found,) if isinstance(found, TensorType) else found
    for output in types:
        batched = any(tensor.is_batched for tensor in case.types)
        if batched and not output.is_batched:
            raise OperatorError("the batch would not stay the first dimension")
    return types


def is_valid(case: Case) -> bool:
    try:
        infer(case)
    except OperatorError:
        return False
    return True


def concrete(tensor: TensorType) -> tuple[int, ...]:
    return tuple(evaluate(size, {BATCH: SAMPLES}) for size in tensor.sizes)


def make(tensor: TensorType, below: int, device: str = "cpu") -> Tensor:
    """A tensor of the type; integers are less than `below`."""
    dtype = getattr(torch, tensor.dtype)
    if tensor.dtype in FLOATING:
        return torch.randn(concrete(tensor), device=device).to(dtype)
    return torch.randint(0, below, concrete(tensor), device=device).to(dtype)


def tensors(case: Case, device: str = "cpu") -> list[Tensor]:
    below = getattr(case.operator, "num_embeddings", 1)
    return [make(tensor, below, device) for tensor in case.types]


def function(case: Case, name: str) -> Callable[..., Any]:
    if case.operator.support:
        home = import_module(f"netspec.emit.support.{case.operator.support}")
        return getattr(home, name)  # type: ignore[no-any-return]
    return reduce(getattr, name.removeprefix("torch.").split("."), torch)  # type: ignore[return-value]


def value(given: Any, inputs: list[Tensor]) -> Any:
    if not isinstance(given, Code):
        return given
    names = [f"t{i}" for i in range(len(inputs))]
    text = given.template.format(*names)
    return eval(text, {"torch": torch, **dict(zip(names, inputs, strict=True))})


def split(
    arguments: tuple[Argument, ...], inputs: list[Tensor]
) -> tuple[list[Any], dict[str, Any]]:
    """Arguments as positional ones and keywords."""
    positional = [value(a.value, inputs) for a in arguments if a.keyword is None]
    keywords = {a.keyword: value(a.value, inputs) for a in arguments if a.keyword}
    return positional, keywords


def build(case: Case, **more: Any) -> nn.Module:
    """The module that a call of form MODULE makes."""
    call = case.operator.call(case.types)
    positional, keywords = split(call.arguments, [])
    return function(case, call.function)(*positional, **keywords, **more)  # type: ignore[no-any-return]


def run(case: Case, inputs: list[Tensor], module: nn.Module | None = None) -> list[Any]:
    """The outputs of the emitted call, in order."""
    call = case.operator.call(case.types)
    operands = [
        inputs[o] if isinstance(o, int) else value(o, inputs)
        for o in (range(len(inputs)) if call.operands is None else call.operands)
    ]
    positional, keywords = split(call.arguments, inputs)
    match call.form:
        case Form.MODULE:
            made = module if module is not None else build(case)
            result = made(*operands, **split(call.forward, inputs)[1])
        case Form.INFIX:
            result = reduce(INFIX[call.function], operands)
        case Form.LIST:
            result = function(case, call.function)(operands, *positional, **keywords)
        case Form.METHOD:
            method = getattr(operands[0], call.function)
            result = method(*operands[1:], *positional, **keywords)
        case Form.INDEX:
            result = operands[0][tuple(positional)]
        case _:
            called = function(case, call.function)
            result = called(*operands, *positional, **keywords)
    if call.results is None:
        return [result]
    found: dict[int, Any] = {}
    take(call.results, result, found)
    return [found[i] for i in sorted(found)]


def take(pattern: Any, given: Any, found: dict[int, Any]) -> None:
    """Take a returned tuple apart."""
    assert len(pattern) == len(given)
    for part, each in zip(pattern, given, strict=True):
        if not isinstance(part, Result):
            take(part, each, found)
        elif part.output is not None:
            name, arguments = part.then or ("contiguous", ())
            found[part.output] = getattr(each, name)(*arguments)


def attempt(case: Case) -> list[Any] | Exception:
    """What PyTorch makes of the case on the CPU, or why it refuses it."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            module = None
            call = case.operator.call(case.types)
            if call.form is Form.MODULE:
                module = build(case)
                module.train(type(case.operator).__name__ != "SyncBatchNorm")
            return run(case, tensors(case), module)
        except Exception as error:  # PyTorch raises all sorts
            return error


def described(outputs: list[Any]) -> list[tuple[tuple[int, ...], str]]:
    return [(tuple(t.shape), str(t.dtype).removeprefix("torch.")) for t in outputs]


def expected(types: Types) -> list[tuple[tuple[int, ...], str]]:
    return [(concrete(tensor), tensor.dtype) for tensor in types]
