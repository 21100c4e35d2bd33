"""Weights as files: safetensors that carry the classes' names and the spec's name."""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from netspec.errors.training import WeightsDoNotFit

if TYPE_CHECKING:
    from torch import Tensor

    from netspec.train.recipe import Weights
    from netspec.train.setup import Job


def weights_bytes(job: "Job") -> bytes:
    """The weights that are scored, as a safetensors file. All processes must call."""
    tensors = {
        key: value.detach().to("cpu", copy=True).contiguous()
        for key, value in job.scored_state().items()
    }
    about = {"format": "pt", "netspec": json.dumps(job.about)}
    return save(tensors, metadata=about)


def read_weights(path: Path) -> tuple[dict[str, "Tensor"], dict[str, Any]]:
    """The tensors of a safetensors or `weights_only` .pth file, and what it says.

    Raises WeightsDoNotFit if it cannot be read.
    """
    try:
        if path.suffix != ".safetensors":
            return torch.load(path, map_location="cpu", weights_only=True), {}
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("netspec", "{}"))
            return {key: file.get_tensor(key) for key in file.keys()}, about  # noqa: SIM118
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise WeightsDoNotFit(path=path, report=f"  {error}") from None


def start_from(module: nn.Module, recipe: "Weights") -> None:
    """Put published weights into a fresh network, but for what is to be replaced.

    Raises WeightsDoNotFit.
    """
    found, _ = read_weights(Path(recipe.file))
    own = module.state_dict()

    def replaced(key: str) -> bool:
        return any(fnmatchcase(key, glob) for glob in recipe.replace)

    kept = {key: value for key, value in found.items() if not replaced(key)}
    wanted = {key: value for key, value in own.items() if not replaced(key)}
    report = _mismatch(wanted, kept)
    if report:
        raise WeightsDoNotFit(path=recipe.file, report=report)
    module.load_state_dict(kept, strict=False)


def load_exactly(module: nn.Module, path: Path) -> dict[str, Any]:
    """Load all of a network's weights and say what the file says of itself.

    Raises WeightsDoNotFit.
    """
    found, about = read_weights(path)
    report = _mismatch(module.state_dict(), found)
    if report:
        raise WeightsDoNotFit(path=path, report=report)
    module.load_state_dict(found)
    return about


def _mismatch(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What keeps `found` from being `wanted`, a line each; empty if nothing."""
    lines = [f"  {key}: missing in the file" for key in wanted if key not in found]
    lines += [f"  {key}: not in the network" for key in found if key not in wanted]
    for key in wanted:
        if key in found and wanted[key].shape != found[key].shape:
            there, here = tuple(found[key].shape), tuple(wanted[key].shape)
            lines.append(f"  {key}: {there} in the file, {here} in the network")
    shown = lines[:10]
    return "\n".join(shown + [f"  … and {len(lines) - 10} more"] * (len(lines) > 10))
