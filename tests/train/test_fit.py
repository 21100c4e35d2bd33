"""Data that does not fit a network is refused before the first step."""

import pytest

from netspec.compiler import compile
from netspec.errors.training import DataMismatch
from netspec.link import loads
from netspec.network import Network
from netspec.tensors import TensorType
from netspec.train.fit import need_fit

SPEC = """
netspec: 1
name: small
inputs: {INPUTS}
graph:
  conv: {type: Conv2d, out_channels: 4, kernel_size: 5, from: x}
  pool: {type: AdaptiveAvgPool2d, output_size: 1}
  flatten: Flatten
  fc: {type: Linear, out_features: 10}
"""


def network(inputs: str = "x: {shape: [3, H, W]}") -> Network:
    return compile(loads(SPEC.replace("INPUTS", inputs)))


def fit(shape: list[int], dtype: str = "float32", classes: int = 10) -> None:
    sample, scores = TensorType.batched(shape, dtype), TensorType.batched([classes])
    need_fit(network(), sample, scores)


def test_any_size_that_the_network_takes_fits() -> None:
    fit([3, 5, 9])


@pytest.mark.parametrize(
    ("shape", "dtype", "classes", "said"),
    [
        ([1, 8, 8], "float32", 10, r"a sample is \[1, 8, 8\], and `x` takes \[3, H"),
        ([3, 8], "float32", 10, r"a sample is \[3, 8\]"),
        ([3, 8, 8], "int64", 10, r"a sample is \[3, 8, 8\] int64"),
        ([3, 4, 8], "float32", 10, "the network needs H >= 5"),
        ([3, 8, 8], "float32", 7, r"`fc` gives \[10\], and the data needs \[7\]"),
    ],
)
def test_what_does_not_fit_is_said(
    shape: list[int], dtype: str, classes: int, said: str
) -> None:
    with pytest.raises(DataMismatch, match=said):
        fit(shape, dtype, classes)


def test_a_network_of_two_inputs_cannot_be_trained_on_samples() -> None:
    two = network("x: {shape: [3, 8, 8]}, y: {shape: [3]}")
    with pytest.raises(DataMismatch, match="the inputs `x`, `y`"):
        need_fit(two, TensorType.batched([3, 8, 8]), TensorType.batched([10]))
