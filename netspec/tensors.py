"""The type of a value that flows along an edge: its sizes and its dtype."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from netspec.dimensions import Dim, batch, evaluate, product, symbols

FLOATING = frozenset({"float16", "bfloat16", "float32", "float64"})
INTEGRAL = frozenset({"uint8", "int8", "int16", "int32", "int64"})
DTYPES = (*sorted(FLOATING), *sorted(INTEGRAL), "bool", "complex64")


class TensorType(NamedTuple):
    """A tensor's full sizes, the batch first where it has one, and its dtype.

    Rules speak of `sizes`, whose positions are PyTorch's own `dim`s; people read
    `shape`, which leaves the batch out.
    """

    sizes: tuple[Dim, ...]
    dtype: str = "float32"

    @classmethod
    def batched(cls, shape: Iterable[Dim], dtype: str = "float32") -> "TensorType":
        return cls((batch(), *shape), dtype)

    @property
    def is_batched(self) -> bool:
        return bool(self.sizes) and self.sizes[0] == batch()

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The sizes without the batch."""
        return self.sizes[1:] if self.is_batched else self.sizes

    @property
    def rank(self) -> int:
        """The number of dimensions, the batch counted."""
        return len(self.sizes)

    @property
    def is_floating(self) -> bool:
        return self.dtype in FLOATING

    @property
    def elements(self) -> Dim:
        """How many numbers one sample holds."""
        return product(self.shape)

    def with_sizes(self, sizes: Iterable[Dim]) -> "TensorType":
        return TensorType(tuple(sizes), self.dtype)

    def symbols(self) -> frozenset[str]:
        return frozenset().union(*(symbols(size) for size in self.shape))

    def at(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape at given sizes of its symbols."""
        return tuple(evaluate(size, sizes) for size in self.shape)

    @property
    def in_full(self) -> str:
        """Its shape and its dtype, also where that is the usual one."""
        return f"{self} float32" if self.dtype == "float32" else str(self)

    def __str__(self) -> str:
        shape = f"[{', '.join(map(str, self.shape))}]"
        shape = shape if self.is_batched else f"{shape} without batch"
        return shape if self.dtype == "float32" else f"{shape} {self.dtype}"
