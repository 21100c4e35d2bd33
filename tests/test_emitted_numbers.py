"""Numbers as they are emitted: over which parameters, and under which names."""

import netspec
from netspec.link import loads
from tests.fuzz.reference import agree

IMAGE = "netspec: 1\nname: net\ninput: [3, 16, 16]\n"


def emitted(text: str) -> str:
    """The source of a spec whose module does what its graph says, on one line."""
    network = netspec.compile(loads(text))
    agree(network)
    return " ".join(network.to_source().split())


# Lists --------------------------------------------------------------------------------

SEPARABLE = """
blocks:
  Unit:
    params: {width: int, kernel: 3}
    graph:
      - type: Conv2d
        out_channels: $width
        kernel_size: [$kernel, 1]
        padding: [$kernel // 2, 0]
      - {type: Conv2d, out_channels: $width, kernel_size: [$kernel, $kernel]}
graph: [{type: Unit, width: 8}, {type: Unit, width: 4, kernel: KERNEL}]
"""


def test_a_list_is_written_item_by_item() -> None:
    source = emitted(IMAGE + SEPARABLE.replace("KERNEL", "5"))
    assert "kernel_size=(kernel, 1), padding=(kernel // 2, 0)" in source
    assert "width, width, kernel_size=kernel)" in source
    assert "Unit(8, 4, kernel=5)" in source


def test_a_list_may_be_one_number_in_some_uses() -> None:
    source = emitted(IMAGE + SEPARABLE.replace("KERNEL", "1"))
    assert "kernel_size=(kernel, 1), padding=(kernel // 2, 0)" in source


def test_a_list_of_one_item_is_a_tuple() -> None:
    unit = "{type: Unflatten, dim: 2, unflattened_size: [4, $n]}"
    shift = "{type: Conv1d, out_channels: 3, kernel_size: [$n]}"
    source = emitted(
        "netspec: 1\nname: net\ninput: [3, 16]\n"
        f"blocks: {{B: {{params: {{n: int}}, graph: [{unit}, "
        f"{{type: Flatten, start_dim: 2}}, {shift}]}}}}\n"
        "graph: [{type: B, n: 4}, {type: Linear, out_features: 8}, {type: B, n: 2}]\n"
    )
    assert "nn.Unflatten(2, (4, n))" in source
    assert "kernel_size=n)" in source


def test_an_argument_at_its_default_in_some_uses_keeps_its_expression() -> None:
    conv = "{type: Conv2d, out_channels: 8, kernel_size: $k, padding: $k // 2}"
    source = emitted(
        f"{IMAGE}blocks: {{B: {{params: {{k: int}}, graph: [{conv}]}}}}\n"
        "graph: [{type: B, k: 1}, {type: B, k: 3}]\n"
    )
    assert "kernel_size=k, padding=k // 2)" in source
