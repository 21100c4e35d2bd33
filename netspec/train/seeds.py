"""Random numbers that depend on what they are for, not on when they are drawn."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


def seed_of(*parts: int) -> int:
    """A 63-bit seed from numbers such as (seed, epoch, index)."""
    text = ",".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1


def generator_of(*parts: int) -> torch.Generator:
    """A CPU generator seeded by the numbers."""
    return torch.Generator().manual_seed(seed_of(*parts))


@contextmanager
def seeded(*parts: int) -> Iterator[None]:
    """Torch's CPU generator seeded by the numbers, and as before afterwards."""
    before = torch.get_rng_state()
    torch.default_generator.manual_seed(seed_of(*parts))
    try:
        yield
    finally:
        torch.set_rng_state(before)


def seed_everything(seed: int) -> None:
    """Seed torch, all devices, numpy and Python."""
    import numpy

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def random_state() -> dict[str, Any]:
    """The state of every generator, as plain data and tensors."""
    import numpy

    name, keys, *rest = numpy.random.get_state(legacy=True)
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    return {
        "torch": torch.get_rng_state(),
        "cuda": cuda,
        "numpy": [str(name), keys.tolist(), *rest],  # type: ignore[union-attr]
        "python": random.getstate(),
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Put every generator back to where `random_state` found it."""
    import numpy

    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])
    name, keys, *rest = state["numpy"]
    numpy.random.set_state((name, numpy.array(keys, dtype=numpy.uint32), *rest))
    random.setstate(state["python"])
