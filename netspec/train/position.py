"""Where a run stands: in its recipe, and in time."""

import time


class Position:
    """How far the run is: epochs done, steps done in this epoch and in all."""

    def __init__(self, epoch: int = 0, batch: int = 0, step: int = 0) -> None:
        self.epoch = epoch
        self.batch = batch
        self.step = step

    @property
    def name(self) -> str:
        """What a checkpoint of this position is called."""
        return f"step-{self.step:09d}" + ("" if self.batch else "-end")


class Clock:
    """Counts samples against time."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.reset()

    def go_on(self, seconds: float) -> None:
        """Count from where a run stopped."""
        self.start = time.monotonic() - seconds

    def reset(self) -> None:
        self.since = time.monotonic()
        self.samples = 0

    def count(self, samples: int) -> None:
        self.samples += samples

    @property
    def rate(self) -> float:
        return self.samples / max(time.monotonic() - self.since, 1e-9)

    @property
    def total(self) -> float:
        return time.monotonic() - self.start
