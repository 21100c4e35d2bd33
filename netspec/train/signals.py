"""Signals that ask a trainer to save and end; a second one ends it at once."""

import os
import signal
from types import FrameType
from typing import Any

from netspec.train.launch import is_child

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


class Signals:
    """Remembers the first signal while the context lasts.

    A process of several also ends when the agent that started it is gone.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._before: dict[int, Any] = {}
        self._agent = os.getppid() if is_child() else None

    def __enter__(self) -> "Signals":
        self._before = {number: signal.signal(number, self._note) for number in WATCHED}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.number is not None:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self.number = number

    @property
    def received(self) -> bool:
        """Whether it is time to save and end."""
        if self._agent is not None and os.getppid() != self._agent:
            self.number = self.number or signal.SIGTERM
        return self.number is not None

    @property
    def name(self) -> str:
        """The signal's name, or nothing."""
        return signal.Signals(self.number).name if self.number else ""
