"""Sums over samples, kept on the device, added up over processes, read when asked."""

from typing import TYPE_CHECKING, Any, Protocol

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netspec.train.distributed import World
    from netspec.train.tasks.base import Outcome


class Meter(Protocol):
    """Counts outcomes; `read` gives the metrics of all processes together."""

    sums: "Tensor"

    def add(self, outcome: "Outcome") -> None: ...

    def read(self, world: "World") -> dict[str, float]: ...

    def details(self) -> dict[str, Any]:
        """What `netspec eval` shows besides; call after `read`."""
        ...


class ClassMeter:
    """Loss, top-1, top-5 (above five classes) and the confusion matrix."""

    def __init__(self, classes: int, device: Any) -> None:
        self.classes = classes
        self.sums = torch.zeros(4 + classes**2, dtype=torch.float64, device=device)

    def add(self, outcome: "Outcome") -> None:
        logits, targets = outcome.prediction.detach(), outcome.targets
        count = len(targets)
        top = logits.topk(min(5, logits.shape[1]), dim=1).indices
        hits = top == targets[:, None]
        self.sums[0] += outcome.loss.detach().double() * count
        self.sums[1] += count
        self.sums[2] += hits[:, 0].sum()
        self.sums[3] += hits.sum()
        pairs = targets * self.classes + top[:, 0].clamp(max=self.classes - 1)
        self.sums[4:] += pairs.bincount(minlength=self.classes**2)

    def read(self, world: "World") -> dict[str, float]:
        self.total = world.sum(self.sums)
        loss, count, first, five = self.total[:4].tolist()
        count = count or 1.0
        metrics = {"loss": loss / count, "accuracy": first / count}
        return metrics | ({"top5": five / count} if self.classes > 5 else {})

    def details(self) -> dict[str, Any]:
        confusion = self.total[4:].view(self.classes, self.classes).long()
        share = confusion.diag() / confusion.sum(1).clamp(min=1)
        return {"confusion": confusion.tolist(), "per_class": share.tolist()}


class MeanMeter:
    """The mean loss over units (samples, or tokens) and what follows from it."""

    def __init__(self, device: Any) -> None:
        self.sums = torch.zeros(3, dtype=torch.float64, device=device)

    def add(self, outcome: "Outcome") -> None:
        self.sums[0] += outcome.loss.detach().double() * outcome.targets.numel()
        self.sums[1] += outcome.targets.numel()
        self.sums[2] += (
            outcome.prediction.detach().argmax(-1) == outcome.targets
        ).sum()

    def read(self, world: "World") -> dict[str, float]:
        loss, count, hits = world.sum(self.sums).tolist()
        count = count or 1.0
        mean = torch.tensor(loss / count, dtype=torch.float64)
        perplexity = float(mean.exp())
        return {"loss": float(mean), "perplexity": perplexity, "accuracy": hits / count}

    def details(self) -> dict[str, Any]:
        return {}


class SidesMeter:
    """The mean losses of a discriminator and a generator."""

    def __init__(self, device: Any) -> None:
        self.sums = torch.zeros(4, dtype=torch.float64, device=device)

    def add(self, outcome: "Outcome") -> None:
        side = outcome.prediction.double()
        self.sums[:2] += side * outcome.loss.detach()
        self.sums[2:] += side

    def read(self, world: "World") -> dict[str, float]:
        judge, maker, judged, made = world.sum(self.sums).tolist()
        return {
            "loss": (judge / (judged or 1.0)) + (maker / (made or 1.0)),
            "discriminator_loss": judge / (judged or 1.0),
            "generator_loss": maker / (made or 1.0),
        }

    def details(self) -> dict[str, Any]:
        return {}
