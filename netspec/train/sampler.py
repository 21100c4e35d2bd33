"""Which samples make which step: one plan for all processes, from seed and epoch."""

from typing import TYPE_CHECKING, NamedTuple

import torch

from netspec.errors.training import CannotSample, CannotSplit
from netspec.train.seeds import generator_of

if TYPE_CHECKING:
    from torch import Tensor

_ORDER = 1_000_003  # keeps the order's numbers apart from those of the transforms


class Plan(NamedTuple):
    """How an epoch of `samples` is cut: into steps, over processes, into parts.

    `batch_size` counts the samples of one optimizer step over all processes, so the
    same samples make the same step whatever the number of processes or parts.
    """

    samples: int
    batch_size: int
    seed: int
    accumulate: int = 1
    rank: int = 0
    world: int = 1
    drop_last: bool = True
    repeats: int = 1

    @property
    def steps(self) -> int:
        """Optimizer steps in an epoch.

        Raises CannotSample if there are none, and CannotSplit if a part were empty.
        """
        if self.batch_size < self.world * self.accumulate:
            field = "accumulate" if self.accumulate > 1 else "batch_size"
            raise CannotSplit(field=field, batch=self.batch_size, **self._parts())
        whole, rest = divmod(self.samples, self.batch_size)
        kept = not self.drop_last and rest >= self.world * self.accumulate
        if not whole and not kept:
            raise CannotSample(samples=self.samples, batch=self.batch_size)
        return whole + kept

    def _parts(self) -> dict[str, str]:
        shares, advice = [], []
        if self.world > 1:
            shares.append(f"{self.world} processes")
            advice.append("raise `batch_size`")
        if self.accumulate > 1:
            shares.append(f"{self.accumulate} parts")
            advice.append("lower `accumulate`")
        return {"parts": " of ".join(shares), "advice": " or ".join(advice)}

    def order(self, epoch: int) -> "Tensor":
        """The ids of the epoch's samples, in its order.

        With repeats, the first samples come so often each, and the last not at all; the
        id of a further copy is higher by the number of samples, to be augmented anew.
        """
        generator = generator_of(self.seed, epoch, _ORDER)
        order = torch.randperm(self.samples, generator=generator)
        copies = torch.arange(self.samples) % self.repeats
        repeated = order.repeat_interleave(self.repeats)[: self.samples]
        return repeated + copies * self.samples

    def step(self, order: "Tensor", number: int) -> list["Tensor"]:
        """This process's ids at a step, in `accumulate` parts."""
        start = number * self.batch_size
        ids = order[start : start + self.batch_size][self.rank :: self.world]
        return list(ids.tensor_split(self.accumulate))

    def step_samples(self, number: int) -> int:
        """Samples of a step over all processes."""
        return min(self.batch_size, self.samples - number * self.batch_size)


def shard(samples: int, batch_size: int, rank: int, world: int) -> list["Tensor"]:
    """This process's batches of an evaluation: each sample once over all processes.

    Every process gets as many batches, of which the last ones may be empty.
    """
    batches = -(-samples // (batch_size * world))
    ids = torch.arange(rank, samples, world)
    return [ids[i * batch_size : (i + 1) * batch_size] for i in range(batches)]
