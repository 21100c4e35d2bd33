"""Proves a port: keys, shapes, outputs and gradients against another module's.

Both get the same weights (the reference's, each number moved a little, so that none
hides behind a zero or a one) and the same inputs; what draws random numbers is off.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from netspec.examples import example_inputs
from netspec.network import Network
from netspec.references import Reference
from netspec.weights import misfits

Tensors = Mapping[str, Tensor]


class Check(NamedTuple):
    """One thing that was compared; `detail` says what was found."""

    name: str
    passed: bool
    detail: str


class Verdict(NamedTuple):
    """All that was compared, in order, as far as comparing had a meaning."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing differs by more than the tolerance."""
        return all(check.passed for check in self.checks)

    def __str__(self) -> str:
        lines = [
            f"{'ok  ' if check.passed else 'FAIL'}  {check.name:<10} {check.detail}"
            for check in self.checks
        ]
        return "\n".join(lines)


def verify(
    network: Network,
    reference: Reference,
    *,
    sizes: Mapping[str, int] | None = None,
    tolerance: float = 0.0,
    seed: int = 0,
) -> Verdict:
    """Compare a network with a reference; numbers may differ by `tolerance` at most.

    The tolerance is relative to the largest number of a tensor. Raises NoSize for a
    symbol without a size.
    """
    inputs = example_inputs(network, sizes=sizes, seed=seed)
    module = network.to_module()
    target = reference.module
    checks = [_keys(module, target), _shapes(module, target)]
    if not all(check.passed for check in checks):
        return Verdict(tuple(checks))
    _shake(target, seed)
    module.load_state_dict(target.state_dict())
    pair = _Pair(module, target, inputs, tolerance)
    if reference.is_program:
        checks.append(pair.outputs("eval"))
        checks.append(Check("train", True, "not compared: a program has one mode"))
    else:
        _silence(target)
        _silence(module)
        checks += [pair.outputs("eval"), pair.outputs("train"), pair.gradients()]
    return Verdict(tuple(checks))


def _keys(module: nn.Module, target: nn.Module) -> Check:
    own, other = module.state_dict(), target.state_dict()
    if own.keys() == other.keys():
        return Check("keys", True, f"{len(own)} equal")
    shapes = {key: own.get(key, tensor) for key, tensor in other.items()}
    found = misfits(module, shapes)
    return Check("keys", False, "".join(f"\n  {line}" for line in found))


def _shapes(module: nn.Module, target: nn.Module) -> Check:
    own, other = module.state_dict(), target.state_dict()
    same = [key for key in own if key in other]
    differ = [key for key in same if own[key].shape != other[key].shape]
    if not differ:
        return Check("shapes", True, "equal")
    key = differ[0]
    sizes = f"{list(own[key].shape)}, and {list(other[key].shape)} in the reference"
    return Check("shapes", False, f"{len(differ)} differ; {key} is {sizes}")


@torch.no_grad()
def _shake(module: nn.Module, seed: int) -> None:
    """Move every number a little, so that no weight is a zero or a one by chance."""
    generator = torch.Generator().manual_seed(seed)
    for key, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            continue
        noise = torch.rand(tensor.shape, generator=generator).to(tensor)
        if key.endswith("running_var"):
            tensor.mul_(0.8 + 0.4 * noise)
        else:
            tensor.add_(0.02 * noise - 0.01)


def _silence(module: nn.Module) -> None:
    """Turn off what draws random numbers in training."""
    for part in module.modules():
        kind = type(part).__name__
        if "Dropout" in kind or kind == "StochasticDepth":
            part.p = 0.0  # type: ignore[assignment]
        elif isinstance(getattr(part, "dropout", None), float):
            part.dropout = 0.0  # type: ignore[assignment]


class _Pair:
    """Two modules with the same weights, run on the same inputs."""

    def __init__(
        self,
        module: nn.Module,
        target: nn.Module,
        inputs: tuple[Tensor, ...],
        tolerance: float,
    ) -> None:
        self.module = module
        self.target = target
        self.inputs = inputs
        self.tolerance = tolerance

    def outputs(self, mode: str) -> Check:
        """The outputs in a mode; in training also the buffers it leaves."""
        kept = copy.deepcopy(self.module.state_dict())
        own, other = (self.run(part, mode) for part in (self.module, self.target))
        if own.keys() != other.keys():
            counts = f"{len(own)} outputs, and {len(other)} in the reference"
            return Check(mode, False, counts)
        own |= {f"buffer {k}": v.clone() for k, v in self.module.named_buffers()}
        other |= {f"buffer {k}": v.clone() for k, v in self.target.named_buffers()}
        check = self.compare(mode, own, other)
        self.module.load_state_dict(kept)
        self.target.load_state_dict(kept)
        return check if check.passed else self.located(check, mode)

    def run(self, module: nn.Module, mode: str) -> dict[str, Tensor]:
        with torch.no_grad():
            _set_mode(module, mode)
            return dict(_flat(module(*(tensor.clone() for tensor in self.inputs))))

    def gradients(self) -> Check:
        """The gradients of all parameters, of one random direction of the outputs."""
        own, other = (self.gradient(part) for part in (self.module, self.target))
        return self.compare("gradients", own, other)

    def gradient(self, module: nn.Module) -> dict[str, Tensor]:
        module.train()
        module.zero_grad(set_to_none=True)
        generator = torch.Generator().manual_seed(1)
        outputs = dict(_flat(module(*self.inputs)))
        total = sum(
            (out * torch.randn(out.shape, generator=generator)).sum()
            for out in outputs.values()
            if out.requires_grad
        )
        if isinstance(total, Tensor):
            total.backward()
        named = module.named_parameters()
        return {k: p.grad for k, p in named if p.grad is not None}

    def compare(self, name: str, own: Tensors, other: Tensors) -> Check:
        """Numbers against numbers: bit-equal, within the tolerance, or different."""
        if own.keys() != other.keys():
            key = sorted(own.keys() ^ other.keys())[0]
            return Check(name, False, f"{key} is on one side only")
        worst, at = 0.0, ""
        for key, tensor in own.items():
            difference = _difference(tensor, other[key])
            if difference > worst:
                worst, at = difference, key
        if not at:
            return Check(name, True, f"bit-equal ({len(own)} tensors)")
        detail = f"differ by up to {worst:.2g} of the largest number, in {at}"
        return Check(name, worst <= self.tolerance, detail)

    def located(self, check: Check, mode: str) -> Check:
        """The check, naming the first node whose output differs."""
        with _recorded(self.module) as own, _recorded(self.target) as other:
            self.run(self.module, mode)
            self.run(self.target, mode)
        for path, tensor in own.items():
            if path in other and _difference(tensor, other[path]) > self.tolerance:
                detail = f"{check.detail}; the first node that differs is {path}"
                return check._replace(detail=detail)
        return check


def _set_mode(module: nn.Module, mode: str) -> None:
    if not isinstance(module, torch.fx.GraphModule):  # a program has one mode
        module.train(mode == "train")


def _difference(own: Tensor, other: Tensor) -> float:
    """The largest difference, relative to the largest number; infinite if misshapen."""
    if own.shape != other.shape or own.dtype != other.dtype:
        return float("inf")
    if torch.equal(own, other):
        return 0.0
    scale = float(other.double().abs().max()) or 1.0
    found = float((own.double() - other.double()).abs().max()) / scale
    return found if found == found else float("inf")


def _flat(value: Any, name: str = "output") -> Iterator[tuple[str, Tensor]]:
    """The tensors of what a module returned, in order."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping):
        for i, part in enumerate(value.values()):
            yield from _flat(part, f"{name}.{i}")
    elif isinstance(value, tuple | list):
        present = [part for part in value if part is not None]
        for i, part in enumerate(present):
            yield from _flat(part, f"{name}.{i}" if len(present) > 1 else name)


@contextmanager
def _recorded(module: nn.Module) -> Iterator[dict[str, Tensor]]:
    """What each submodule gives, by path, in the order in which they finish."""
    found: dict[str, Tensor] = {}

    def hook(path: str) -> Any:
        def record(_: nn.Module, __: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                found[path] = output.clone()

        return record

    handles = [
        part.register_forward_hook(hook(path))
        for path, part in module.named_modules()
        if path
    ]
    yield found
    for handle in handles:
        handle.remove()
