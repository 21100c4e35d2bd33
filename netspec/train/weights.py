"""Weights as files: safetensors that carry the classes' names and the spec's name."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from netspec.train.optimizers import check_globs, matches
from netspec.weights import fit, need_fit, read_weights

if TYPE_CHECKING:
    from netspec.train.recipe import Weights
    from netspec.train.setup import Job

REPLACE = "write `replace: [{head}]` under `weights` to start `{head}` afresh"


def weights_bytes(job: "Job") -> bytes:
    """The weights that are scored, as a safetensors file. All processes must call."""
    tensors = {
        key: value.detach().to("cpu", copy=True).contiguous()
        for key, value in job.scored_state().items()
    }
    # One key alone: the order of several is not the same from run to run.
    return save(tensors, metadata={"netspec": json.dumps(job.about)})


def start_from(module: nn.Module, recipe: "Weights") -> None:
    """Put published weights into a fresh network, but for what is to be replaced.

    Raises WeightsDoNotFit and WeightsUnreadable.
    """
    found = read_weights(recipe.file)
    own = module.state_dict()
    names = [*dict.fromkeys((*own, *found))]  # it may mean what the file alone has
    check_globs(recipe.replace, names, "weights.replace")

    def replaced(key: str) -> bool:
        return any(matches(key, glob) for glob in recipe.replace)

    fresh = {key: value for key, value in own.items() if replaced(key)}
    kept = {key: value for key, value in found.items() if not replaced(key)}
    otherwise = "list what should start afresh under `weights.replace`"
    need_fit(module, recipe.file, kept | fresh, REPLACE, otherwise)
    module.load_state_dict(kept | fresh)


def load_exactly(module: nn.Module, path: Path) -> dict[str, Any]:
    """Load all of a network's weights and say what the file says of itself.

    Raises WeightsDoNotFit and WeightsUnreadable.
    """
    fit(module, read_weights(path), str(path))
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("netspec", "{}"))
    except (SafetensorError, ValueError):
        return {}  # a .pth, or metadata of another's
    return dict(about)
