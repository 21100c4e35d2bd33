"""Handwritten digits, 8x8 and grey, that come with scikit-learn: no download."""

from typing import Annotated

from netspec.kinds import Integer, NonNegativeInt
from netspec.train.samples import DataSource, Splits, TensorSamples


class Digits(DataSource):
    """scikit-learn's 1,797 digits; every fifth of a permutation is held out."""

    type_name = "digits"
    heldout_every: Annotated[int, Integer(2)] = 5
    split_seed: NonNegativeInt = 0

    def load(self) -> Splits:
        import torch
        from sklearn.datasets import load_digits

        found = load_digits()
        images = torch.from_numpy(found.images * 15).to(torch.uint8)[:, None]
        targets = torch.from_numpy(found.target).long()
        generator = torch.Generator().manual_seed(self.split_seed)
        order = torch.randperm(len(images), generator=generator)
        out = torch.arange(len(order)) % self.heldout_every == 0
        train, heldout = order[~out], order[out]
        return Splits(
            TensorSamples(images[train], targets[train]),
            TensorSamples(images[heldout], targets[heldout]),
            tuple(str(name) for name in found.target_names),
        )
