"""Batches on the device: gathered there from memory, or through worker processes."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.utils.data import DataLoader, Dataset

from netspec.errors.training import DataMismatch, TooManyBadSamples, WorkerEnded
from netspec.tensors import TensorType
from netspec.train.pipeline import Pipeline
from netspec.train.samples import BadSample, Batch, Samples, TensorSamples
from netspec.train.signals import leave_to_trainer

if TYPE_CHECKING:
    from torch import Tensor

    from netspec.train.distributed import World

WORST_SHARE = 0.01


class Loader:
    """Makes the batches of given ids of one split, on one device.

    Sets in memory whose transforms all have a batch form live on the device as uint8;
    others are read by `workers` processes, pinned and copied without waiting.
    """

    def __init__(
        self,
        samples: TensorSamples | Samples,
        pipeline: Pipeline,
        device: torch.device,
        workers: int,
        repeats: int = 1,
    ) -> None:
        self.samples = samples
        self.pipeline = pipeline
        self.device = device
        self.workers = workers
        self.repeats = repeats
        self.bad: dict[str, None] = {}  # what was said of unreadable samples, in order
        self.told = 0
        self.wanted: list[list[tuple[int, int]]] = []  # (epoch, id) for each batch
        self.resident = isinstance(samples, TensorSamples) and not pipeline.per_sample
        if isinstance(samples, TensorSamples) and self.resident:
            tensors = (part.to(device) for part in samples)
            self.samples = TensorSamples(*tensors)

    def __len__(self) -> int:
        return len(self.samples)

    def close(self) -> None:
        """End the workers; the interpreter would wait for them at its end."""
        reader = self.__dict__.pop("_reader", None)
        iterator = getattr(reader, "_iterator", None)
        if iterator is not None:
            iterator._shutdown_workers()

    def sample_type(self) -> TensorType:
        """The type of a transformed sample: of the first that can be read."""
        found = self._gather([torch.tensor([0])]) if self.resident else [self._first]
        first = next(iter(found))
        inputs = self.pipeline.batch(first, 0, len(self) * self.repeats).inputs
        dtype = str(inputs.dtype).removeprefix("torch.")
        return TensorType.batched(inputs.shape[1:], dtype)

    @cached_property
    def _first(self) -> Batch:
        """The first sample that can be read; bad ones are counted."""
        reading = _Reading(self.samples, self.pipeline)
        for index in range(len(self)):
            tensors, bad, _ = _collate([reading[0, index]])
            self._count(bad)
            if tensors:
                return Batch(*(tensor.to(self.device) for tensor in tensors))
        raise self._too_many()

    def news(self, world: "World") -> list[str]:
        """What any process found unreadable since this was last asked, by all."""
        if self.resident:
            return []
        for found in world.gather(list(self.bad)):
            self._count(found)
        told, self.told = self.told, len(self.bad)
        return list(self.bad)[told:]

    def batches(self, ids: Sequence["Tensor"], epoch: int) -> Iterator[Batch]:
        """A batch for each element of `ids`, transformed.

        One none of whose samples can be read holds another sample and no id: it takes
        its part in the step, as all processes must, and counts for nothing.
        """
        found = self._gather(ids) if self.resident else self._read(ids, epoch)
        total = len(self.samples) * self.repeats
        for batch in found:
            made = self.pipeline.batch(batch or self._first, epoch, total)
            yield made if batch else made._replace(ids=made.ids[:0])

    def _gather(self, ids: Sequence["Tensor"]) -> Iterator[Batch]:
        samples = self.samples
        assert isinstance(samples, TensorSamples)
        for part in ids:
            at = part.to(self.device, non_blocking=True)
            place = at % len(samples)
            yield Batch(samples.inputs[place], samples.targets[place], at)

    def _read(self, ids: Sequence["Tensor"], epoch: int) -> Iterator[Batch | None]:
        self.wanted[:] = [[(epoch, index) for index in p.tolist()] for p in ids]
        for tensors, bad, sizes in _watched(self._reader):
            self._count(bad)
            if len(sizes) > 1:
                raise _of_many_sizes(sizes)
            moved = [t.to(self.device, non_blocking=True) for t in tensors]
            yield Batch(*moved) if moved else None

    @cached_property
    def _reader(self) -> "DataLoader[Any]":
        """Reads what is wanted; its workers stay from epoch to epoch."""
        cuda = self.device.type == "cuda"
        with _counted_elsewhere():
            return DataLoader(
                _Reading(self.samples, self.pipeline),
                batch_sampler=self.wanted,
                num_workers=self.workers,
                collate_fn=_collate,
                pin_memory=cuda,
                generator=torch.Generator(),  # else it draws from the global one
                multiprocessing_context="spawn" if cuda and self.workers else None,
                worker_init_fn=leave_to_trainer,
                persistent_workers=self.workers > 0,
            )

    def _count(self, bad: list[str]) -> None:
        self.bad |= dict.fromkeys(bad)
        if len(self.bad) > WORST_SHARE * len(self.samples):
            raise self._too_many()

    def _too_many(self) -> TooManyBadSamples:
        count, total = len(self.bad), len(self.samples)
        return TooManyBadSamples(
            count=count, total=total, examples="; ".join(list(self.bad)[:3])
        )


def _watched(loader: "DataLoader[Any]") -> Iterator[Any]:
    """The loader's batches; the death of a worker is said in words."""
    with worker_watch():
        with _counted_elsewhere():
            batches = iter(loader)
        yield from batches


@contextmanager
def _counted_elsewhere() -> Iterator[None]:
    """Without torch's words on more workers than cores: a run has its own."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This DataLoader will create")
        yield


@contextmanager
def worker_watch() -> Iterator[None]:
    """Say the death of a worker in words; torch tells it wherever Python is just then.

    Raises WorkerEnded.
    """
    try:
        yield
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise WorkerEnded(reason=str(error).splitlines()[0]) from None


class _Sample(NamedTuple):
    image: Any
    target: int
    id: int


class _Reading(Dataset[_Sample | str]):
    """What a worker does for a sample; one that cannot be read gives the reason."""

    def __init__(self, samples: Any, pipeline: Pipeline) -> None:
        self.samples = samples
        self.pipeline = pipeline

    def __getitem__(self, at: tuple[int, int]) -> _Sample | str:
        epoch, index = at
        number = index % len(self.samples)
        try:
            image, target = self._stored(number)
        except BadSample as bad:
            return str(bad)
        try:
            image = self.pipeline.sample(image, epoch, index)
        except BadSample as bad:
            return f"sample {number}: {bad}"
        return _Sample(image, int(target), index)

    def _stored(self, index: int) -> tuple[Any, Any]:
        if isinstance(self.samples, TensorSamples):
            return self.samples.inputs[index], self.samples.targets[index]
        image, target = self.samples[index]
        return image, target


def _of_many_sizes(sizes: set[tuple[int, ...]]) -> DataMismatch:
    shown = ", ".join(map(str, sorted(sizes)[:3]))
    advice = "bring them to one size: `RandomResizedCrop`, or `Resize` and a crop"
    return DataMismatch(reason=f"images of sizes {shown} in a batch", advice=advice)


def _collate(found: list[_Sample | str]) -> tuple[list["Tensor"], list[str], set[Any]]:
    """The readable samples stacked, what was said of the others, and all sizes."""
    bad = [one for one in found if isinstance(one, str)]
    good = [one for one in found if not isinstance(one, str)]
    sizes = {tuple(one.image.shape) for one in good}
    if len(sizes) != 1:
        return [], bad, sizes
    images = torch.stack([one.image for one in good])
    targets = torch.tensor([one.target for one in good])
    return [images, targets, torch.tensor([one.id for one in good])], bad, sizes
