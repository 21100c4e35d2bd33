"""Files of published weights, with random numbers in place of the true ones."""

import re
from pathlib import Path

import torch
from torch import Tensor
from torchvision import models

from tests.networks.reference import fill, on_meta


def store(cache: Path, weights: str, rename: bool = False) -> dict[str, Tensor]:
    """Random numbers under the name by which torchvision looks for the weights."""
    entry = models.get_weight(weights)
    module = on_meta(weights.partition("_Weights")[0].lower()).to_empty(device="cpu")
    fill(module)
    state = module.state_dict()
    old = re.compile(r"(denselayer\d+\.(?:norm|conv))(\d)")
    file = dict(state)
    if rename:  # as files were before num_batches_tracked, too
        file = {old.sub(r"\1.\2", k): v for k, v in state.items() if "num_b" not in k}
    torch.save(file, cache / Path(entry.url).name)
    return state
