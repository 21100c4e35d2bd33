"""Sizes and counts as they are emitted: where they come from, and their names."""

import netspec
from netspec.link import loads
from tests.test_emitted_numbers import IMAGE, emitted

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


def test_a_tensor_of_fewer_dimensions_may_come_first() -> None:
    table = "t: {type: Parameter, shape: [$w], init: 1}"
    graph = f"{{{table}, s: {{type: Add, from: [t, input]}}, n: BatchNorm1d}}"
    source = emitted(
        "netspec: 1\nname: net\ninputs: {a: [8], b: [6]}\n"
        f"blocks: {{B: {{params: {{w: int}}, graph: {graph}}}}}\n"
        "graph: {x: {type: B, w: 8, from: a}, y: {type: B, w: 6, from: b}}\n"
        "outputs: {x: x, y: y}\n"
    )
    assert "nn.BatchNorm1d(w)" in source


# What hangs on a size -----------------------------------------------------------------

SEQUENCE = "netspec: 1\nname: net\ninput: [4, 12]\n"


def used(block: str, *uses: str) -> str:
    """The source of a spec that is a chain of a block's uses."""
    graph = ", ".join(f"{{type: B{use}}}" for use in uses)
    return emitted(f"{SEQUENCE}blocks: {{B: {{{block}}}}}\ngraph: [{graph}]\n")


def test_a_size_that_a_node_reads_is_none_that_is_as_large() -> None:
    conv = "{type: Conv1d, out_channels: 'max($w, 4)', kernel_size: 1}"
    roll = "{type: Roll, shifts: [1, $from.channels // 2], dims: [1, 2]}"
    last = "{type: Conv1d, out_channels: 2 * $from.channels, kernel_size: 1}"
    block = f"params: {{w: int}}, graph: [{conv}, {roll}, {last}]"
    source = used(block, ", w: 8", ", w: 6")
    assert "max(w, 4) // 2" in source
    assert "nn.Conv1d(max(w, 4), 2 * max(w, 4), kernel_size=1)" in source


def test_a_number_that_is_the_same_by_rounding_is_no_constant() -> None:
    squeeze = "make_divisible($from.channels / 3, 4)"
    convs = [
        f"{{type: Conv1d, out_channels: '{width}', kernel_size: 1}}"
        for width in (squeeze, "$input.channels", 8)
    ]
    source = used(f"graph: [{', '.join(convs)}]", "", "")
    assert "hidden_channels = _make_divisible(in_channels / 3, 4)" in source
    assert "nn.Conv1d(in_channels, hidden_channels, kernel_size=1)" in source
    assert "nn.Conv1d(hidden_channels, in_channels, kernel_size=1)" in source


def test_a_graph_within_makes_what_its_last_node_makes() -> None:
    inner = "{graph: [{type: Conv1d, out_channels: $w // 4 * 4, kernel_size: 1}, ReLU]}"
    layers = "{type: GELU, repeat: 2}"
    last = "{type: Conv1d, out_channels: 4, kernel_size: 1}"
    block = f"params: {{w: int}}, graph: [{inner}, {layers}, {last}]"
    source = used(block, ", w: 8", ", w: 12")
    assert "nn.Conv1d(w // 4 * 4, 4, kernel_size=1)" in source


def test_what_is_joined_of_many_counts_those_that_are_alike() -> None:
    conv = "{type: Conv1d, out_channels: $w, kernel_size: 1, from: input}"
    convs = ", ".join(f"{name}: {conv}" for name in "abcd")
    join = "all: {type: Concat, from: [a, b, c, d, input]}"
    graph = f"{{{convs}, {join}, n: BatchNorm1d}}"
    source = used(f"params: {{w: int}}, graph: {graph}", ", w: 8", ", w: 6")
    assert "nn.BatchNorm1d(4 * w + in_channels)" in source


def test_a_size_that_is_the_same_wherever_it_is_read_is_none_of_all_uses() -> None:
    conv = (
        "{type: Conv1d, out_channels: 2 * $input.channels, kernel_size: 1, repeat: $n}"
    )
    block = f"params: {{n: 1}}, graph: [GELU, {conv}]"
    source = used(block, ", n: 0", "")
    assert "nn.Conv1d(in_channels, 2 * in_channels, kernel_size=1)" in source


def test_what_stands_for_a_size_stays_short() -> None:
    mean = "($from.channels + $from.channels + $w) // 2"
    conv = f"{{type: Conv1d, out_channels: {mean}, kernel_size: 1, padding: 1}}"
    network = netspec.compile(
        loads(
            f"{SEQUENCE}blocks: {{B: {{params: {{w: int}}, "
            f"graph: [{', '.join([conv] * 30)}]}}}}\n"
            "graph: [{type: B, w: 6}, {type: B, w: 8}]\n"
        )
    )
    assert max(map(len, network.to_source().splitlines())) <= 88
