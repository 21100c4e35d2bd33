"""What shape and dtype rules are written with."""

from collections.abc import Iterable
from functools import reduce

from netspec.constraints import Assumptions
from netspec.dimensions import Dim, Dimension, batch
from netspec.operators.base import Inputs, OperatorError, Weight
from netspec.tensors import TensorType


def fixed(dim: Dim, what: str) -> int:
    """A dimension that a parameter's size depends on: it must be a number."""
    if isinstance(dim, Dimension):
        raise OperatorError(
            f"{what} must be a fixed number, and here it is {dim}",
            input=0,
            advice="parameters are sized by it; give the input a fixed size there",
        )
    return dim


def spread(value: int | tuple[int, ...], count: int) -> tuple[int, ...]:
    """`3` as (3, 3), as PyTorch's own layers read it."""
    return value if isinstance(value, tuple) else (value,) * count


def channels(inputs: Inputs, what: str = "the number of channels") -> int:
    """The first input's dimension 1, a number."""
    return fixed(inputs[0].sizes[1], what)


def features(inputs: Inputs, what: str = "the number of features") -> int:
    """The first input's last dimension, a number."""
    return fixed(inputs[0].sizes[-1], what)


def need_rank(
    tensor: TensorType, ranks: Iterable[int], expected: str, input: int = 0
) -> None:
    """Refuse an input whose rank (batch counted) is none of `ranks`."""
    if tensor.rank not in ranks:
        raise OperatorError(f"expected {expected}, found {tensor}", input=input)


def axis(dim: int, rank: int, *, batch: bool = False, argument: str = "dim") -> int:
    """A `dim` counted from the front. Refused: out of range, or the batch."""
    if not -rank <= dim < rank:
        raise OperatorError(
            f"`{argument}` {dim} is out of range: the input has {rank} dimensions, the "
            f"batch counted, so it goes from {-rank} to {rank - 1}",
            argument=argument,
        )
    position = dim % rank
    if position == 0 and not batch:
        raise OperatorError(
            f"`{argument}` {dim} is the batch",
            argument=argument,
            advice="dims count the batch as 0, as in PyTorch; a sample's first is 1",
        )
    return position


def along(dim: int, tensor: TensorType, *, argument: str = "dim") -> int:
    """`axis` of a tensor: its first dimension is refused where that is the batch."""
    return axis(dim, tensor.rank, batch=not tensor.is_batched, argument=argument)


def floating(*shapes: tuple[str, tuple[int, ...]]) -> dict[str, Weight]:
    """Floating-point parameters of these names and shapes."""
    return {name: Weight(shape) for name, shape in shapes}


def meet(first: Dim, second: Dim, assume: Assumptions) -> bool:
    """Whether two dimensions can be equal. The batch is equal to itself alone."""
    if first == second:
        return True
    return batch() not in (first, second) and assume.equal(first, second)


def broadcast(inputs: Inputs, assume: Assumptions, what: str) -> tuple[Dim, ...]:
    """The sizes of tensors combined element by element, by PyTorch's rules."""
    rank = max(tensor.rank for tensor in inputs)
    sizes: list[Dim] = []
    for position in range(-rank, 0):
        present = [t.sizes[position] for t in inputs if t.rank >= -position]
        wide = [size for size in present if size != 1] or [1]
        result = min(wide, key=lambda size: (not isinstance(size, int), len(str(size))))
        if not all(meet(size, result, assume) for size in wide):
            shapes = " and ".join(str(tensor) for tensor in inputs)
            raise OperatorError(f"{what} {shapes}: their shapes differ")
        sizes.append(result)
    return tuple(sizes)


PROMOTION = (
    ("bool",),
    ("uint8", "int8", "int16", "int32", "int64"),
    ("float16", "bfloat16", "float32", "float64"),
    ("complex64",),
)
RANKING = [name for names in PROMOTION for name in names]


def promote(inputs: Inputs) -> str:
    """The dtype of an arithmetic result, by PyTorch's promotion between tensors.

    A tensor without dimensions yields to one with, unless it is of a higher category.
    """
    return reduce(_promote, inputs).dtype


def _promote(first: TensorType, second: TensorType) -> TensorType:
    wide, narrow = sorted((first, second), key=lambda t: t.rank, reverse=True)
    names = {wide.dtype, narrow.dtype}
    if names == {"uint8", "int8"}:
        higher = "int16"
    elif names == {"complex64", "float64"}:
        raise OperatorError("complex64 and float64 make complex128, which is no dtype")
    elif names == {"float16", "bfloat16"}:
        higher = "float32"
    else:
        higher = max(names, key=RANKING.index)
    yields = narrow.rank == 0 < wide.rank and _kind(wide.dtype) >= _kind(narrow.dtype)
    return TensorType(wide.sizes, wide.dtype if yields else higher)


def _kind(dtype: str) -> int:
    return next(i for i, names in enumerate(PROMOTION) if dtype in names)
