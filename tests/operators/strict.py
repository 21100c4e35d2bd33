"""Where netspec refuses what CPU torch accepts, and why. Nothing else may differ."""

import re
from typing import NamedTuple

from netspec.operators import OPERATORS
from netspec.tensors import TensorType
from tests.operators.strategies import Case


class Rule(NamedTuple):
    """A reason, what its refusals say, and a use that PyTorch accepts."""

    reason: str
    says: str
    example: Case


def use(name: str, *types: TensorType, **arguments: object) -> Case:
    return Case(OPERATORS[name](**arguments), types)


def batched(*shape: int, dtype: str = "float32") -> TensorType:
    return TensorType.batched(shape, dtype)


STRICT = (
    Rule(
        "Layers and functions take floating-point numbers: on token ids or masks most "
        "of them are a mistake in the wiring, and which dtypes PyTorch's kernels take "
        "differs by layer and by device.",
        r"expected (floating-point numbers|numbers|float32 or float64)",
        use("ReLU", batched(3, dtype="int64")),
    ),
    Rule(
        "Layers that can have parameters take float32, the dtype of these: PyTorch "
        "lets some normalisations mix half precision, or run without any parameter.",
        r"expected float32",
        use("LayerNorm", batched(3, dtype="bfloat16")),
    ),
    Rule(
        "Every value has its batch and the rank that PyTorch documents: its forms "
        "without a batch would take the batch for channels.",
        r"expected (any shape|\[.*\])",
        use("MaxPool2d", batched(3, 4), kernel_size=2),
    ),
    Rule(
        "The batch is neither reduced, moved, cut, joined nor padded: samples stay "
        "independent of one another.",
        r"is the batch|up to \d+ dimensions|must begin with 0|would not stay"
        r"|the batch's|samples would mix",
        use("Sum", batched(3), dim=0),
    ),
    Rule(
        "Circular padding does not wrap around at one end and cut off at the other: "
        "PyTorch leaves part of the result uninitialised.",
        r"both wraps around and cuts off",
        use("CircularPad1d", batched(3, 6), padding=(3, -2)),
    ),
    Rule(
        "No value is empty.",
        r"nothing is left|leaves nothing|is nothing|cannot expand .* to 0",
        use("Slice", batched(3), dim=1, start=3),
    ),
    Rule(
        "Squeeze takes out dimensions of size 1 only, where PyTorch leaves others be.",
        r"is no 1 to take out",
        use("Squeeze", batched(3), dim=1),
    ),
    Rule(
        "Einsum does not mix dtypes, which PyTorch allows where nothing is summed or "
        "a size is 1.",
        r"differ in dtype",
        use(
            "Einsum",
            batched(3),
            batched(3, dtype="float64"),
            equation="bi,bi->bi",
        ),
    ),
    Rule(
        "What cannot be trained is refused, though its forward pass runs.",
        r"the backward pass would fail",
        use(
            "Embedding",
            batched(3, dtype="int64"),
            num_embeddings=2,
            embedding_dim=2,
            sparse=True,
            scale_grad_by_freq=True,
        ),
    ),
    Rule(
        "There is no complex128.",
        r"make complex128",
        use("Add", batched(3, dtype="complex64"), batched(3, dtype="float64")),
    ),
)


def covered(message: str) -> bool:
    """Whether a refusal is on the list."""
    return any(re.search(rule.says, message) for rule in STRICT)
