"""The watch over losses: a bad one is seen before it can change a weight."""

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


class LossGuard:
    """Reads losses without making the device wait.

    On CUDA a loss is copied to the host while the backward pass still runs, so that
    by the time of the optimizer step its value is there.
    """

    def __init__(self, device: torch.device) -> None:
        self.cuda = device.type == "cuda"
        self.waiting: list[tuple[Tensor, torch.cuda.Event | None]] = []

    def note(self, loss: "Tensor") -> None:
        """Take a loss, before its backward pass."""
        loss = loss.detach()
        if not self.cuda:
            self.waiting.append((loss, None))
            return
        host = torch.empty_like(loss, device="cpu", pin_memory=True)
        host.copy_(loss, non_blocking=True)
        event = torch.cuda.Event()
        event.record()
        self.waiting.append((host, event))

    def check(self) -> float | None:
        """The first of the noted losses that is not finite, or None."""
        noted, self.waiting = self.waiting, []
        for loss, event in noted:
            if event is not None:
                event.synchronize()
            value = float(loss)
            if not math.isfinite(value):
                return value
        return None
