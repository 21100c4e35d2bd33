"""Numbers as they are emitted: over which parameters, and under which names."""

import pytest

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


def test_a_whole_number_of_a_division_is_an_integer() -> None:
    graph = (
        "[{type: Conv2d, out_channels: $width / 2, kernel_size: 1}, "
        "{type: Conv2d, out_channels: $width * $ratio, kernel_size: 1}]"
    )
    source = emitted(
        f"{IMAGE}blocks: {{B: {{params: {{width: int, ratio: 0.5}},\n"
        f"  graph: {graph}}}}}\n"
        "graph: [{type: B, width: 8, ratio: 0.25}, {type: B, width: 16}]\n"
    )
    assert "nn.Conv2d(in_channels, int(width / 2), kernel_size=1)" in source
    assert "nn.Conv2d(int(width / 2), int(width * ratio), kernel_size=1)" in source


# Lines of `forward` -------------------------------------------------------------------

ROLLED = """
blocks:
  B:
    params: {shift: 0}
    graph:
      there: {type: Roll, shifts: [-$shift, -$shift], dims: [2, 3], when: $shift > 0}
      conv: {type: Conv2d, out_channels: 3, kernel_size: 1}
      back: {type: Roll, shifts: $shift, dims: 2, when: $shift > 0}
graph: [B, {type: B, shift: 2}, {type: B, shift: 3}]
"""


def test_a_line_reads_what_the_constructor_was_given() -> None:
    source = emitted(IMAGE + ROLLED)
    assert source.count("class B") == 1
    assert "self.there_shifts = (-shift, -shift)" in source
    assert "x.roll(self.there_shifts, (2, 3))" in source
    assert "self.shift = shift" in source
    assert "x.roll(self.shift, 2)" in source


@pytest.mark.parametrize("name", ["there", "back", "has_back", "there_shifts"])
def test_an_attribute_hides_no_other(name: str) -> None:
    text = ROLLED.replace("$shift", f"${name}").replace("shift:", f"{name}:")
    assert emitted(IMAGE + text).count("class B") == 1


def test_a_list_numbers_what_its_lines_read() -> None:
    roll = "{type: Roll, shifts: 2 * $n, dims: 2}"
    graph = f"[{roll}, {{type: Conv2d, out_channels: 3, kernel_size: 1}}]"
    source = emitted(
        f"{IMAGE}blocks: {{B: {{params: {{n: int}}, graph: {graph}}}}}\n"
        "graph: [{type: B, n: 1}, {type: B, n: 3}]\n"
    )
    assert "self.shifts_0 = 2 * n" in source


def test_a_use_without_a_node_does_not_divide_for_it() -> None:
    scale = "{type: Scale, factor: 1.0 / $n, when: $n > 0}"
    layer = "{type: Conv2d, out_channels: 3, kernel_size: 1}"
    source = emitted(
        f"{IMAGE}blocks: {{B: {{params: {{n: int}}, "
        f"graph: {{s: {scale}, fc: {layer}}}}}}}\n"
        "graph: [{type: B, n: 0}, {type: B, n: 4}, {type: B, n: 5}]\n"
    )
    assert "self.s_factor = 1.0 / n if self.has_s else None" in source


def test_a_size_that_a_line_makes_is_a_parameter() -> None:
    source = emitted(
        "netspec: 1\nname: net\ninputs: {a: [3, 4, 4], b: [3, 8, 8]}\n"
        "blocks: {B: {params: {n: int}, graph: {r: {type: Reshape, shape: [3, $n]}, "
        "act: Tanh}}}\n"
        "graph: {x: {type: B, n: 16, from: a}, y: {type: B, n: 64, from: b}}\n"
        "outputs: {x: x, y: y}\n"
    )
    assert "x.reshape(x.shape[0], 3, self.n)" in source


ONCE = """
graph:
  x:
    repeat: {over: [1, 3], as: k}
    graph:
      big: {type: Conv2d, out_channels: 3, kernel_size: $k, padding: $k // 2,
            when: $k > 1}
      roll: {type: Roll, shifts: [-$k, 1], dims: [2, 3], when: $k > 1}
      small: {type: Conv2d, out_channels: 3, kernel_size: 1}
      both: {type: Add, from: [input, small]}
"""


def test_what_one_use_alone_has_hangs_on_its_param_all_the_same() -> None:
    source = emitted(IMAGE + ONCE)
    assert "kernel_size=k, padding=k // 2)" in source
    assert "self.roll_shifts = (-k, 1)" in source


def test_an_item_of_a_list_is_read_from_it() -> None:
    dilated = (
        "{type: Conv2d, out_channels: $w.0, kernel_size: $ks, padding: $ks.0 // 2}"
    )
    wide = "{type: Conv2d, out_channels: sum($w), kernel_size: 1}"
    source = emitted(
        f"{IMAGE}blocks: {{B: {{params: {{w: list, ks: list}}, "
        f"graph: [{dilated}, {wide}]}}}}\n"
        "graph: [{type: B, w: [4, 8], ks: [3, 3]}, {type: B, w: [5, 2], ks: [5, 3]}]\n"
    )
    assert "w: tuple[int, ...], ks: tuple[int, ...]" in source
    assert "in_channels, w[0], kernel_size=ks, padding=ks[0] // 2)" in source
    assert "nn.Conv2d(w[0], sum(w), kernel_size=1)" in source


def test_functions_and_powers_are_python_s() -> None:
    convs = ", ".join(
        f"{{type: Conv2d, out_channels: {width}, kernel_size: 1}}"
        for width in ("floor($input.channels * 0.7)", "2 ** $n", "floor($n * $r) + 1")
    )
    source = emitted(
        f"{IMAGE}blocks: {{B: {{params: {{n: int, r: 0.5}}, graph: [{convs}]}}}}\n"
        "graph: [{type: B, n: 4}, {type: B, n: 3}]\n"
    )
    assert "hidden_channels = int(in_channels * 0.7)" in source
    assert "nn.Conv2d(hidden_channels, 2**n, kernel_size=1)" in source
    assert "nn.Conv2d(2**n, int(n * 0.5) + 1, kernel_size=1)" in source


def test_an_item_by_the_counter_of_a_repeat_is_read_from_its_list() -> None:
    conv = "{type: Conv2d, out_channels: 3, kernel_size: $ks.$i, repeat: len($ks)}"
    source = emitted(
        f"{IMAGE}blocks: {{B: {{params: {{ks: list}}, graph: [{conv}, ReLU]}}}}\n"
        "graph: [{type: B, ks: [1, 3]}, {type: B, ks: [5, 2]}]\n"
    )
    assert "kernel_size=ks[0]), nn.Conv2d(3, 3, kernel_size=ks[1])" in source
