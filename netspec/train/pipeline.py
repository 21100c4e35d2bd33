"""From stored samples to what the network takes: each transform in its place."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from netspec.errors.training import DataMismatch
from netspec.train.memory import is_out_of_memory
from netspec.train.mixes import Mix
from netspec.train.samples import BadSample, Batch
from netspec.train.seeds import generator_of, seeded
from netspec.train.transforms import Transform

if TYPE_CHECKING:
    from torch import Tensor


class Pipeline:
    """A recipe's transforms in two parts: for a sample, and for a batch on the device.

    Random choices depend on (seed, epoch, sample id) alone: not on the batch, the
    worker or the process in which a sample is seen.
    """

    def __init__(
        self,
        transforms: Sequence[Transform],
        *,
        seed: int,
        in_memory: bool,
        field: str = "",  # of the recipe, that lists them
    ) -> None:
        split = _last_per_sample(transforms, in_memory)
        self.per_sample = tuple(transforms[:split])
        self.per_batch = tuple(transforms[split:])
        self.seed = seed
        self.field = field
        self.in_memory = in_memory
        self.compiled: Any = None
        self.tables: dict[int, Tensor] = {}
        self.epoch = -1

    def sample(self, image: "Tensor", epoch: int, index: int) -> "Tensor":
        """One image through the transforms that go a sample at a time."""
        if not self.per_sample:
            return image
        if self.compiled is None:
            self.compiled = [transform.sample() for transform in self.per_sample]
        with seeded(self.seed, epoch, index):
            for number, compiled in enumerate(self.compiled):
                try:
                    image = compiled(image)
                except _REFUSALS as error:
                    raise self._refused(number, image.shape, error) from None
        return image

    def _refused(
        self, number: int, shape: Sequence[int], error: Exception
    ) -> BadSample | DataMismatch:
        """What a transform refuses: one image of a file, or all of a set in memory."""
        if is_out_of_memory(error):
            raise error
        said = str(error).split("\n")[0]
        name = (self.per_sample + self.per_batch)[number].type_name
        reason = f"`{name}` refuses an image of {list(shape)}: {said}"
        if number < len(self.per_sample) and not self.in_memory:
            return BadSample(reason)
        advice = "change it, or what comes before it"
        field = f"{self.field}.{number}"
        return DataMismatch(field=field, reason=reason, advice=advice)

    @property
    def sized_by(self) -> str:
        """The field of the last transform that sets the size, if one does."""
        transforms = self.per_sample + self.per_batch
        found = [n for n, one in enumerate(transforms) if _sets_size(one)]
        return f"{self.field}.{found[-1]}.size" if found else ""

    def batch(self, batch: Batch, epoch: int, total: int) -> Batch:
        """A batch on its device: to float in [0, 1], then the batch transforms."""
        if batch.inputs.dtype != torch.uint8:
            return batch
        images = batch.inputs.float().div_(255)
        self._draw(epoch, total, images.device)
        for number, transform in enumerate(self.per_batch):
            try:
                images = transform.batch(images, self._uniform(number, batch.ids))
            except _REFUSALS as error:
                place = len(self.per_sample) + number
                raise self._refused(place, images.shape[1:], error) from None
        return batch._replace(inputs=images)

    def _draw(self, epoch: int, total: int, device: torch.device) -> None:
        """The epoch's random numbers, a row a sample, made once."""
        if epoch == self.epoch:
            return
        self.epoch = epoch
        for number, transform in enumerate(self.per_batch):
            if transform.draws:
                generator = generator_of(self.seed, epoch, number)
                table = torch.rand(total, transform.draws, generator=generator)
                self.tables[number] = table.to(device)

    def _uniform(self, number: int, ids: "Tensor") -> "Tensor":
        table = self.tables.get(number)
        return ids if table is None else table[ids]


_REFUSALS = (ValueError, IndexError, TypeError, RuntimeError)


def _last_per_sample(transforms: Sequence[Transform], in_memory: bool) -> int:
    """How many of the transforms must run a sample at a time."""
    split = 0
    for number, transform in enumerate(transforms):
        needs = not transform.batched
        resizes = not in_memory and not transform.late and number == split
        if needs or (resizes and _sets_size(transform)):
            split = number + 1
    return split


def _sets_size(transform: Transform) -> bool:
    """Images of many sizes can be stacked only after a transform that sets the size."""
    return "size" in transform.fields


class Mixing:
    """MixUp and CutMix: for each batch one of them, chosen at random."""

    def __init__(self, mixes: Sequence[Mix], classes: int, seed: int) -> None:
        self.transforms = [mix.build(classes) for mix in mixes]
        self.seed = seed

    def __call__(self, batch: Batch, epoch: int, number: int) -> Batch:
        if not self.transforms:
            return batch
        with seeded(self.seed, epoch, number, len(self.transforms)):
            chosen = int(torch.randint(len(self.transforms), ()))
            # Neighbours are mixed, and copies of a repeated sample are neighbours.
            order = torch.randperm(len(batch.ids)).to(batch.ids.device)
            inputs, targets, ids = (part[order] for part in batch)
            inputs, targets = self.transforms[chosen](inputs, targets)
        return Batch(inputs, targets, ids)
