"""Noise shaped like a data set: for timing and for trying things out."""

from typing import Annotated

from netspec.kinds import Integer, ListOf, NonNegativeInt, PositiveInt
from netspec.train.samples import DataSource, Splits, TensorSamples


class Fake(DataSource):
    """Random uint8 images of random classes, the same for the same `data_seed`."""

    type_name = "fake"
    sized_by = "shape"
    shape: Annotated[tuple[int, ...], ListOf(Integer(1), least=1)] = (3, 32, 32)
    classes: PositiveInt = 10
    train_samples: PositiveInt = 1024
    heldout_samples: PositiveInt = 256
    data_seed: NonNegativeInt = 0

    def load(self) -> Splits:
        import torch

        generator = torch.Generator().manual_seed(self.data_seed)

        def noise(count: int) -> TensorSamples:
            size = (count, *self.shape)
            images = torch.randint(256, size, generator=generator, dtype=torch.uint8)
            targets = torch.randint(self.classes, (count,), generator=generator)
            return TensorSamples(images, targets)

        names = tuple(str(number) for number in range(self.classes))
        return Splits(noise(self.train_samples), noise(self.heldout_samples), names)
