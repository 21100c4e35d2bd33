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


# What has the same value by chance ----------------------------------------------------

STAGES = """
params:
  stages:
    - {width: 8, depth: 1, stride: 1}
    - {width: 16, depth: 2, stride: 2}
    - {width: 32, depth: 3, stride: 3}
blocks:
  Unit:
    graph:
      conv: {type: Conv2d, out_channels: $input.channels, kernel_size: 1}
      sum: {type: Add, from: [conv, input]}
graph:
  stem: {type: Conv2d, out_channels: 8, kernel_size: 1}
  stages:
    repeat: {over: $stages, as: stage}
    graph:
      conv: {type: Conv2d, out_channels: $stage.width, kernel_size: 3, padding: 1,
             stride: $stage.stride}
      units: {type: Unit, repeat: $stage.depth}
      gate: {type: Mul, from: [units, conv]}
      end: {type: Conv2d, out_channels: 2 * $stage.width, kernel_size: 1}
"""


def test_a_count_is_no_stride_that_is_as_large() -> None:
    source = emitted(IMAGE + STAGES)
    assert "in_channels: int, width: int, stride: int, depth: int" in source
    assert "nn.Conv2d( in_channels, width, kernel_size=3, stride=stride" in source
    assert "for _ in range(depth)" in source


COUNTED = """
blocks:
  Unit:
    params: {n: int}
    graph:
      conv: {type: Conv2d, out_channels: 3, kernel_size: 3, stride: $n}
      more:
        type: Conv2d
        out_channels: 3
        kernel_size: 1
        bias: $i == 0
        repeat: 2 * $n
      few: {type: Tanh, repeat: 2 if $n > 1 else 1}
graph: [{type: Unit, n: 1}, {type: Unit, n: 2}]
"""


def test_a_count_is_written_as_the_spec_has_it() -> None:
    source = emitted(IMAGE + COUNTED)
    assert "self, in_channels: int, n: int" in source
    assert "range(2 * n - 1)" in source
    assert "range(2 if n > 1 else 1)" in source


def test_a_tensor_s_sizes_are_written_as_the_spec_has_them() -> None:
    table = "{type: Parameter, shape: [2 * $k - 1, 1, 1]}"
    conv = "{type: Conv2d, out_channels: 1, kernel_size: $k, padding: $k // 2}"
    graph = f"{{t: {table}, c: {conv}, s: {{type: Mul, from: [t, c]}}}}"
    source = emitted(
        "netspec: 1\nname: net\ninput: [1, 5, 5]\n"
        f"blocks: {{B: {{params: {{k: int}}, graph: {graph}}}}}\n"
        "graph: {a: {type: B, k: 1, from: input}, b: {type: B, k: 3, from: input}}\n"
        "outputs: {a: a, b: b}\n"
    )
    assert "nn.Parameter(torch.empty(2 * k - 1, 1, 1))" in source


# Where a size comes from, and what it is called ---------------------------------------

JOINED = """
blocks:
  Up:
    inputs: [image, skip]
    params: {width: int}
    graph:
      up: {type: Conv2d, out_channels: $width, kernel_size: 1, from: image}
      conv: {type: Conv2d, out_channels: $width, kernel_size: 1,
             from: {concat: [skip, up]}}
graph:
  a: {type: Conv2d, out_channels: 8, kernel_size: 1}
  b: {type: Up, width: 4, from: [a, input]}
  c: {type: Up, width: 6, from: [b, a]}
"""


def test_what_is_joined_is_a_sum() -> None:
    source = emitted(IMAGE + JOINED)
    assert "self, in_channels: int, width: int, skip_channels: int" in source
    assert "nn.Conv2d(skip_channels + width, width, kernel_size=1)" in source


SQUEEZED = """
blocks:
  B:
    params: {expand: int}
    graph:
      - {type: Conv2d, out_channels: $expand * $input.channels, kernel_size: 1,
         when: $expand != 1}
      - {type: Conv2d, out_channels: $from.channels, kernel_size: 1,
         groups: $from.channels}
      - {type: Conv2d, out_channels: 2 * $input.channels, kernel_size: 1}
  Excite:
    graph:
      squeeze: {type: Conv2d, kernel_size: 1,
                out_channels: "make_divisible($input.channels / 4, 8)"}
      act: ReLU
      expand: {type: Conv2d, out_channels: $input.channels, kernel_size: 1}
graph:
  - {type: B, expand: 1}
  - {type: B, expand: 4}
  - {type: Conv2d, out_channels: 72, kernel_size: 1}
  - Excite
  - {type: Conv2d, out_channels: 36, kernel_size: 1}
  - Excite
"""


def test_a_size_is_worked_out_once() -> None:
    source = emitted(IMAGE + SQUEEZED)
    assert "hidden_channels = expand * in_channels" in source
    assert "hidden_channels, hidden_channels, kernel_size=1, groups=hidden" in source
    assert "squeeze_channels = _make_divisible(in_channels / 4, 8)" in source
    assert "self.expand = nn.Conv2d(squeeze_channels, in_channels," in source


def test_what_comes_in_is_called_so() -> None:
    graph = "[{type: LayerNorm, when: $k > 1}, {type: Linear, out_features: $width}]"
    source = emitted(
        "netspec: 1\nname: net\ninput: [8]\n"
        f"blocks: {{Maybe: {{params: {{k: int, width: int}}, graph: {graph}}}}}\n"
        "graph: [{type: Maybe, k: 1, width: 6}, {type: Maybe, k: 2, width: 4}]\n"
    )
    assert "self, dim: int, k: int, width: int" in source
    assert "[nn.LayerNorm(dim)] if k > 1 else []), nn.Linear(dim, width)" in source


def test_the_counter_of_a_repeat_is_an_index() -> None:
    source = emitted(
        f"{IMAGE}graph:\n  x:\n    repeat: 2\n    graph:\n"
        "      a: {type: Conv2d, out_channels: 3, kernel_size: 1, bias: $i == 0}\n"
        "      b: {type: Add, from: [a, input]}\n"
    )
    assert "def __init__(self, index: int)" in source
    assert "bias=index == 0" in source


TIMED = """
blocks:
  Res:
    inputs: [x, emb]
    params: {width: int}
    graph:
      conv: {type: Conv2d, out_channels: $width, kernel_size: 1, from: x}
      shift:
        from: emb
        graph:
          - {type: Linear, out_features: $width}
          - {type: Unflatten, dim: 1, unflattened_size: [$width, 1, 1]}
      sum: {type: Add, from: [conv, shift]}
graph:
  wide: {type: Linear, out_features: 6, from: time}
  a: {type: Res, width: 8, from: [image, time]}
  b: {type: Res, width: 4, from: [a, wide]}
"""


def test_what_a_block_within_reads_is_called_after_the_input() -> None:
    head = "netspec: 1\nname: net\ninputs: {image: [3, 4, 4], time: [5]}\n"
    source = emitted(head + TIMED)
    assert "self, in_channels: int, width: int, emb_features: int" in source
    assert "nn.Linear(emb_features, width), nn.Unflatten(1, (width, 1, 1))" in source


def test_a_size_of_any_dimension_is_called_as_the_spec_has_it() -> None:
    shape = "[$input.shape.0 // 2, 2 * $input.features]"
    source = emitted(
        "netspec: 1\nname: net\ninputs: {a: [6, 8], b: [4, 6]}\n"
        "blocks:\n"
        f"  B: {{graph: {{cut: {{type: Reshape, shape: {shape}}}, act: Tanh}}}}\n"
        "graph: {x: {type: B, from: a}, y: {type: B, from: b}}\n"
        "outputs: {x: x, y: y}\n"
    )
    assert "in_shape_0: int" in source
    assert "self.cut_shape = in_shape_0 // 2" in source
    assert "x.reshape(x.shape[0], self.cut_shape, self.cut_shape2)" in source


def test_a_block_for_sequences_takes_its_features() -> None:
    graph = (
        "[LayerNorm, {type: Linear, out_features: 2 * $input.features}, GELU, "
        "{type: Linear, out_features: $input.features}]"
    )
    source = emitted(
        "netspec: 1\nname: net\ninput: [6, 8]\n"
        f"blocks: {{Mlp: {{graph: {graph}}}}}\n"
        "graph: {layers: {type: Mlp, repeat: 3}}\n"
    )
    assert "nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim)" in source
    assert "*(Mlp(8) for _ in range(3))" in source
