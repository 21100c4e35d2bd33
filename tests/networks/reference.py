"""Torchvision's networks, with numbers that hide nothing, and specs beside them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torchvision import models

import netspec
from netspec.network import Network

ROOT = Path(__file__).parents[2]
PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published.json").read_text()
)["networks"]
OPTIONS = {"googlenet": {"init_weights": True}, "inception_v3": {"init_weights": True}}


def compiled(name: str, **params: Any) -> Network:
    return netspec.compile(ROOT / "specs" / f"{name}.yaml", **params)


def on_meta(name: str, **options: Any) -> nn.Module:
    """Torchvision's network without numbers."""
    with torch.device("meta"):
        made: nn.Module = models.get_model(
            name, weights=None, **OPTIONS.get(name, {}), **options
        )
    return made


class Pair(NamedTuple):
    """A spec's module and torchvision's, with the same random numbers."""

    own: nn.Module
    other: nn.Module

    def outputs(self, *inputs: Tensor, seed: int = 0) -> tuple[list[Tensor], ...]:
        """What each gives for the inputs, drawing the same random numbers."""
        found = []
        for module in self:
            torch.manual_seed(seed)
            with torch.no_grad():
                found.append(flat(module(*(tensor.clone() for tensor in inputs))))
        return tuple(found)

    def train(self, mode: bool) -> "Pair":
        for module in self:
            module.train(mode)
        return self


def pair(name: str, other: nn.Module | None = None, **params: Any) -> Pair:
    """Both modules; torchvision's numbers loaded into the spec's, strictly."""
    other = (on_meta(name) if other is None else other).to_empty(device="cpu")
    fill(other)
    with torch.device("meta"):
        own = compiled(name, **params).to_module()
    numbers = {key: tensor.clone() for key, tensor in other.state_dict().items()}
    own.load_state_dict(numbers, strict=True, assign=True)
    return Pair(own, other)


@torch.no_grad()
def fill(module: nn.Module) -> None:
    """Random numbers of a size that keeps activations in range, never 0 or 1."""
    generator = torch.Generator().manual_seed(0)
    for key, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            tensor.zero_()
        elif key.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=generator)
        elif tensor.ndim < 2:
            centre = 1.0 if key.endswith("weight") else 0.0
            tensor.normal_(centre, 0.1, generator=generator)
        else:
            scale = tensor[0].numel() ** -0.5
            tensor.uniform_(-scale, scale, generator=generator)


def flat(value: Any) -> list[Tensor]:
    """The tensors of what a network returned, without those that do not exist."""
    if isinstance(value, Tensor):
        return [value]
    return [tensor for part in value if part is not None for tensor in flat(part)]
