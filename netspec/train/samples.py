"""Samples and batches: what data sources give and what the loop consumes."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

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


class BadSample(Exception):
    """A sample that cannot be read; the message names it."""


class Splits(NamedTuple):
    """A data set: what is trained on, what is held out, and the classes' names."""

    train: "TensorSamples | Samples"
    heldout: "TensorSamples | Samples"
    classes: tuple[str, ...]


class DataSource(TypedRecord):
    """A data set a recipe may name."""

    def load(self) -> Splits:
        """Read the set. Raises TrainingError if it is not there."""
        raise NotImplementedError(f"{type(self).__name__} loads nothing")

    def params(self, splits: Splits) -> Mapping[str, Any]:
        """The spec's params that the data decides, for specs that have them."""
        return {"num_classes": len(splits.classes)} if splits.classes else {}

    def files(self) -> tuple[Path, ...]:
        """The user's own files that this set is read from."""
        return ()


def first(samples: "TensorSamples | Samples", count: int) -> "TensorSamples | Samples":
    """The first `count` samples: what `--overfit` trains on."""
    if isinstance(samples, TensorSamples):
        return TensorSamples(samples.inputs[:count], samples.targets[:count])
    return _First(samples, count)


class _First:
    def __init__(self, samples: Samples, count: int) -> None:
        self.samples = samples
        self.count = count

    def __len__(self) -> int:
        return min(self.count, len(self.samples))

    def __getitem__(self, index: Any) -> Any:
        return self.samples[index]
