"""Fuzzing: `python -m tests.fuzz --minutes 30`; a short budget runs with the tests.

A fuzzer is a function of a random generator that makes one case and asserts what must
hold of it; it says what became of the case, and raises if netspec broke.
"""

import random
from collections.abc import Callable

Fuzzer = Callable[[random.Random], str]
