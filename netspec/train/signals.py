"""Signals that ask a trainer to save and end; a second one ends it at once."""

import os
import signal
import threading
import time
from types import FrameType
from typing import Any

from netspec.train.launch import is_child

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
END = b"\0"  # no signal's number
APART = 1.0  # seconds: `timeout` and torchrun send one signal twice, a person later


class Signals:
    """Remembers the first signal while the context lasts.

    Python runs its handlers between two calls of C, so a thread hears of signals
    through a pipe that the system's own handler writes to, however long a call is.
    A process of several also ends when the agent that started it is gone.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.can_save = False  # before the loop there is nothing to save: end at once
        self._first: float | None = None
        self._before: dict[int, Any] = {}
        self._agent = os.getppid() if is_child() else None

    def __enter__(self) -> "Signals":
        reading, self._pipe = os.pipe()
        os.set_blocking(self._pipe, False)
        self._wakeup = signal.set_wakeup_fd(self._pipe, warn_on_full_buffer=False)
        self._ear = threading.Thread(target=self._listen, args=(reading,), daemon=True)
        self._ear.start()
        self._before = {number: signal.signal(number, self._note) for number in WATCHED}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.write(self._pipe, END)  # a worker may hold the pipe open: say so
        self._ear.join()
        os.close(self._pipe)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.number = self.number or number

    def _listen(self, pipe: int) -> None:
        numbers = b""
        while END not in numbers:
            numbers = os.read(pipe, 64)
            for number in WATCHED:
                if number in numbers:
                    self._hear(number)
        os.close(pipe)

    def _hear(self, number: int) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
        if not self.can_save or now - self._first > APART:
            os._exit(128 + number)
        self._note(number, None)

    @property
    def received(self) -> bool:
        """Whether it is time to save and end."""
        if self._agent is not None and os.getppid() != self._agent:
            self.number = self.number or signal.SIGTERM
        return self.number is not None

    def comes(self) -> bool:
        """Whether a signal was received, or is about to be: others may hear first."""
        end = time.monotonic() + APART
        while self._before and not self.received and time.monotonic() < end:
            time.sleep(0.01)
        return self.received

    @property
    def name(self) -> str:
        """The signal's name, or nothing."""
        return signal.Signals(self.number).name if self.number else ""


def leave_to_trainer(_: int) -> None:
    """In a worker: signals to the whole group are the trainer's, who ends it in time.

    A stuck worker must end all the same: by a second SIGTERM, or a minute later.
    """
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _yield_to_the_next)


def _yield_to_the_next(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    signal.alarm(60)
