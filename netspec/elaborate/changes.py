"""Changes of an operator's arguments that might make its output fit another."""

from collections.abc import Iterator
from typing import Any

from netspec.dimensions import Dim
from netspec.operators import Operator
from netspec.tensors import TensorType

Change = dict[str, Any]
MOST = 16  # values tried for one argument

# Changes of a node, in the order in which they are tried; each of them alone, and with
# the number of features that is wanted.


def as_it_is(operator: Operator, wanted: TensorType) -> Iterator[Change]:
    """No change."""
    yield {}


def paddings(operator: Operator, wanted: TensorType) -> Iterator[Change]:
    """More padding, of the input or of a transposed convolution's output."""
    kernel = getattr(operator, "kernel_size", 0)
    for padding in range(kernel if isinstance(kernel, int) else 0):
        yield {"padding": padding}
    stride = getattr(operator, "stride", 0)
    for more in range(1, stride if isinstance(stride, int) else 0):
        yield {"output_padding": more}


def strides(operator: Operator, wanted: TensorType) -> Iterator[Change]:
    """Other strides, alone and with the padding that keeps the size."""
    kernel = getattr(operator, "kernel_size", 0)
    for stride in range(1, 5):
        yield {"stride": stride}
        if isinstance(kernel, int) and kernel > 1:
            yield {"stride": stride, "padding": kernel // 2}


def resizes(operator: Operator, wanted: TensorType) -> Iterator[Change]:
    """The wanted size for a resize by a factor."""
    size: tuple[Dim, ...] = wanted.sizes[2:]
    if "scale_factor" in operator.fields and all(isinstance(n, int) for n in size):
        yield {"size": size, "scale_factor": None}


def makes(change: Change) -> str:
    """What a change does, in the number of its words."""
    given = [value for value in change.values() if value is not None]
    return "make them fit" if len(given) > 1 else "makes them fit"


def few(changes: Iterator[Change]) -> Iterator[Change]:
    """The first `MOST` of them."""
    return (change for change, _ in zip(changes, range(MOST), strict=False))


def as_written(change: Change) -> str:
    """A change as it is written: `padding: 1`."""
    given = {name: value for name, value in change.items() if value is not None}
    words = [
        f"`{name}: {list(value) if isinstance(value, tuple) else value}`"
        for name, value in given.items()
    ]
    gone = [f"`{name}`" for name in change.keys() - given.keys()]
    return " and ".join(words) + (f" in place of {gone[0]}" if gone else "")
