"""Samples and batches: what data sources give and what the loop consumes."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self

from netspec.train.sections import TypedRecord

if TYPE_CHECKING:
    from torch import Tensor


class Batch(NamedTuple):
    """Samples that go through the network together.

    `ids` are their places in the set; a repeated sample's go on above its length.
    `inputs` is [B, ...], `targets` int64 [B, ...], or float [B, classes] once mixed.
    """

    inputs: "Tensor"
    targets: "Tensor"
    ids: "Tensor"


class TensorSamples(NamedTuple):
    """A set that fits in memory: uint8 images [N, C, H, W] or int64 tokens [N, T]."""

    inputs: "Tensor"
    targets: "Tensor"

    def __len__(self) -> int:
        return len(self.inputs)


class Samples(Protocol):
    """A set read one sample at a time, in worker processes."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> tuple[Any, int]:
        """The image and its class. Raises BadSample for one that cannot be read."""
        ...

    def listing(self) -> Iterable[str]:
        """Each sample's name and class, wherever the set lies."""
        ...


class BadSample(Exception):
    """A sample that cannot be read; the message names it."""


class Splits(NamedTuple):
    """A data set: what is trained on, what is held out, and the classes' names."""

    train: "TensorSamples | Samples"
    heldout: "TensorSamples | Samples"
    classes: tuple[str, ...]


class DataSource(TypedRecord):
    """A data set a recipe may name; `paths` are the fields that name files."""

    sized_by: ClassVar[str] = ""  # the field that says how large a sample is
    unit: ClassVar[str] = "images"  # what a sample is, in `images_per_s`
    paths: ClassVar[tuple[str, ...]] = ()

    def load(self) -> Splits:
        """Read the set. Raises TrainingError if it is not there."""
        raise NotImplementedError(f"{type(self).__name__} loads nothing")

    def params(self, splits: Splits) -> Mapping[str, Any]:
        """The spec's params that the data decides, for specs that have them."""
        return {"num_classes": len(splits.classes)} if splits.classes else {}

    def files(self) -> tuple[Path, ...]:
        """The user's own files that this set is read from."""
        return ()

    def resolved(self) -> Self:
        """The same source, to be found from any working directory."""
        values = dict(self.items())
        named = [name for name in self.paths if values[name] is not None]
        found = {name: os.path.abspath(values[name]) for name in named}
        return type(self)(**{**values, **found})


def few(splits: Splits, count: int, seed: int) -> Splits:
    """What `--overfit` trains and scores on: a few samples by a seeded permutation."""
    import torch

    samples = splits.train
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(samples), generator=generator)[:count]
    if isinstance(samples, TensorSamples):
        some: Any = TensorSamples(samples.inputs[chosen], samples.targets[chosen])
    else:
        some = _Some(samples, chosen.tolist())
    return Splits(some, some, splits.classes)


class _Some(NamedTuple):
    samples: Samples
    chosen: list[int]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: Any) -> Any:
        return self.samples[self.chosen[index]]

    def listing(self) -> Iterable[str]:
        listed = list(self.samples.listing())
        return (listed[index] for index in self.chosen)


def contents(splits: Splits) -> dict[str, Any]:
    """What a data set is known by: counts, classes, and a hash of what is in it."""
    digest = hashlib.sha256()
    for part in (splits.train, splits.heldout):
        if isinstance(part, TensorSamples):
            for tensor in part:
                digest.update(tensor.contiguous().cpu().numpy().data)
        else:
            digest.update("\n".join(part.listing()).encode("utf-8", "surrogateescape"))
    return {
        "train": len(splits.train),
        "heldout": len(splits.heldout),
        "classes": list(splits.classes),
        "sha256": digest.hexdigest(),
    }
