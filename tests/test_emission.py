"""Structure as it is emitted: what small specs compute, and the lines they become.

Every module must be its graph run node by node, see `tests/fuzz/reference.py`.
"""

import pytest

import netspec
from netspec.link import loads
from tests.fuzz.reference import agree

VECTOR = "netspec: 1\nname: net\ninput: [8]\n"
SEQUENCE = "netspec: 1\nname: net\ninput: [6, 8]\n"
PAIR = "netspec: 1\nname: net\ninputs: {q: [6, 8], m: [5, 8]}\n"


def emitted(text: str) -> str:
    """The source of a spec whose module does what its graph says."""
    network = netspec.compile(loads(text))
    agree(network)
    return network.to_source()


# Outputs that only training has -------------------------------------------------------


def test_what_reads_a_value_of_training_runs_in_training_alone() -> None:
    emitted(
        f"{VECTOR}outputs: {{y: trunk, aux: {{from: aux, mode: train}}}}\n"
        """
graph:
  trunk: {type: Linear, out_features: 8}
  aux: {type: Linear, out_features: 2}
  debug: {type: Softmax, dim: 1}
  shown: {type: Add, from: [debug, aux]}
"""
    )


# Repeats within repeats ---------------------------------------------------------------


NESTED = """
graph:
  outer:
    repeat: 3
    graph:
      inner: {type: Linear, out_features: 8, repeat: REPEAT}
      act: ReLU
"""


@pytest.mark.parametrize(
    "repeat", ["2", "3", "{over: 2, start: 1}", "{over: 3, prefix: l}"]
)
def test_a_repeat_within_a_repeat(repeat: str) -> None:
    emitted(VECTOR + NESTED.replace("REPEAT", repeat))


def test_a_repeat_within_a_repeat_is_a_loop_within_a_loop() -> None:
    source = emitted(VECTOR + NESTED.replace("REPEAT", "3"))
    assert "inner=nn.Sequential(*(nn.Linear(8, 8) for _ in range(3)))" in source
    assert source.count("for _ in range(3)") == 2


STAGES = """
params: {depths: DEPTHS}
blocks:
  Unit:
    graph:
      fc: {type: Linear, out_features: 6}
      sum: {type: Add, from: [fc, input]}
graph:
  stages:
    repeat: $depths
    graph:
      units: {type: Unit, repeat: $item}
      pool: {type: Dropout, p: 0.0}
"""


@pytest.mark.parametrize("depths", ["[1, 2, 3]", "[3, 3, 3]", "[3, 3, 1, 1, 2]"])
def test_stages_of_several_depths(depths: str) -> None:
    head = "netspec: 1\ninput: [6]\n"
    emitted(head + STAGES.replace("DEPTHS", depths))


def test_a_repeat_that_grows_within_one_that_does_not() -> None:
    source = emitted(
        f"{VECTOR}graph:\n"
        "  outer:\n"
        "    repeat: 3\n"
        "    graph:\n"
        "      - type: Linear\n"
        "        out_features: 4 * $k + 4\n"
        "        repeat: {over: 4, index: k}\n"
        "      - {type: Linear, out_features: 8}\n"
    )
    assert "*(nn.Linear(4 + 4 * i, 8 + 4 * i) for i in range(3))" in source
    assert source.count("nn.Linear(8, 4)") == 1


WIDENING = """
blocks:
  Unit:
    params: {width: int, depth: int}
    graph:
      - {type: Linear, out_features: $width}
      - {type: Linear, out_features: $width, repeat: $depth}
graph:
  outer:
    repeat: 3
    graph:
      unit: {type: Unit, width: 8 + 4 * $i, depth: DEPTH}
      act: {type: ReLU, repeat: 3}
  last: {type: Unit, width: 4, depth: 2}
"""


@pytest.mark.parametrize("depth", ["3", "$i + 1"])
def test_widths_that_grow_around_a_repeat(depth: str) -> None:
    emitted(VECTOR + WIDENING.replace("DEPTH", depth))


NAMED = """
blocks:
  Stage:
    params: {n: int}
    graph:
      h: {type: Linear, out_features: 8, repeat: {over: $n, prefix: layer}}
      act: ReLU
graph: {NODES}
"""


@pytest.mark.parametrize("counts", [(1, 2), (2, 1), (3, 3), (0, 2, 3), (2, 0), (1, 1)])
def test_named_repeats_are_as_long_as_each_use_says(counts: tuple[int, ...]) -> None:
    nodes = ", ".join(f"s{i}: {{type: Stage, n: {n}}}" for i, n in enumerate(counts))
    source = emitted(VECTOR + NAMED.replace("NODES", nodes))
    assert source.count("\nclass ") == 2


def test_named_repeats_of_several_runs() -> None:
    emitted(
        f"{VECTOR}blocks:\n"
        "  Stage:\n"
        "    params: {n: int}\n"
        "    graph:\n"
        "      - type: Linear\n"
        "        out_features: 16 if $i == 0 else 8\n"
        "        repeat: {over: $n, prefix: l}\n"
        "graph: [{type: Stage, n: 4}, {type: Stage, n: 2}, {type: Stage, n: 3}]\n"
    )


def test_children_that_change_evenly_where_there_are_any() -> None:
    source = emitted(
        "netspec: 1\ninput: [4, 20]\n"
        "blocks:\n"
        "  B:\n"
        "    params: {f: bool}\n"
        "    graph:\n"
        "      h:\n"
        "        {type: Conv1d, out_channels: 4, kernel_size: 3, padding: same,\n"
        "         dilation: $i + 1, repeat: 3, when: $f}\n"
        "      c: {type: Conv1d, out_channels: 4, kernel_size: 1}\n"
        "graph: {a: {type: B, f: true}, b: {type: B, f: false}}\n"
    )
    assert "dilation=1 + i" in source


BETA = """
blocks:
  B:
    params: {beta: float}
    graph:
      h: {type: Softplus, beta: $beta, repeat: 3}
      g: {type: Softplus, beta: $beta, repeat: {over: 3, prefix: a}}
graph: {a: {type: B, beta: 1.0}, b: {type: B, beta: 2.0}}
"""


def test_children_of_which_some_have_an_argument_at_its_default() -> None:
    source = emitted(VECTOR + BETA)
    assert "nn.Sequential(*(nn.Softplus(beta=beta) for _ in range(3)))" in source


# How modules are called ---------------------------------------------------------------


def attention(causal: str, more: str = "") -> str:
    """A layer whose mask is an argument of its call."""
    return f"{{type: MultiheadAttention, num_heads: 2, causal: {causal}{more}}}"


def test_uses_that_call_their_module_in_other_ways_are_two_classes() -> None:
    source = emitted(
        f"{SEQUENCE}blocks: {{B: {{params: {{c: bool}}, graph: "
        f"{{a: {attention('$c')}, fc: {{type: Linear, out_features: 8}}}}}}}}\n"
        "graph: {a: {type: B, c: true}, b: {type: B, c: false}}\n"
    )
    assert "class B2(" in source


@pytest.mark.parametrize("repeat", ["3", "{over: 3, prefix: l}", "{over: 3, start: 1}"])
def test_children_that_are_called_in_other_ways_have_a_line_each(repeat: str) -> None:
    node = attention("$i == 1", f", repeat: {repeat}")
    source = emitted(f"{SEQUENCE}graph: {{a: {node}, end: {{share: a}}}}\n")
    assert "for layer in" not in source


def test_uses_of_other_lengths_whose_children_are_called_in_other_ways() -> None:
    node = attention("$i == 0", ", repeat: $n")
    emitted(
        f"{SEQUENCE}blocks: {{B: {{params: {{n: int}}, graph: {{a: {node}}}}}}}\n"
        "graph: {a: {type: B, n: 3}, b: {type: B, n: 2}}\n"
    )


def test_a_line_that_depends_on_the_rank_is_each_rank_s_own() -> None:
    source = emitted(
        "netspec: 1\nname: net\ninputs: {a: [8], b: [6, 8]}\n"
        "blocks: {B: {graph: {s: {type: Slice, dim: -1, stop: 4}, act: Tanh}}}\n"
        "graph: {x: {type: B, from: a}, y: {type: B, from: b}}\n"
        "outputs: {x: x, y: y}\n"
    )
    assert "x[:, :4]" in source
    assert "x[:, :, :4]" in source


# Nodes that are absent ----------------------------------------------------------------

GROWN = """
blocks:
  B:
    params: {n: int, deep: true}
    graph:
      h: {type: Linear, out_features: 8, repeat: $n, when: WHEN}
      fc: {type: Linear, out_features: 8}
graph:
  a: {type: B, n: 0}
  b: {type: B, n: 2}
  c: {type: B, n: 1, deep: false}
"""


@pytest.mark.parametrize("when", ["$deep", "$n != 1", "$deep or $n > 5"])
def test_a_repeat_of_nothing_is_absent_whatever_its_condition(when: str) -> None:
    source = emitted(VECTOR + GROWN.replace("WHEN", when))
    assert "if deep and n > 0:" in source or when != "$deep"


# Modules that run again ---------------------------------------------------------------


@pytest.mark.parametrize("source", ["input", "act", "fc"])
def test_a_shared_activation_overwrites_only_what_no_run_of_it_may_not(
    source: str,
) -> None:
    emitted(
        f"{VECTOR}graph:\n"
        "  fc: {type: Linear, out_features: 8}\n"
        "  act: SiLU\n"
        "  g: {type: Linear, out_features: 8}\n"
        f"  again: {{share: act, from: {source}}}\n"
        "  s: {type: Add, from: [again, g]}\n"
    )


def test_a_shared_activation_may_still_overwrite() -> None:
    source = emitted(
        f"{VECTOR}graph:\n"
        "  fc: {type: Linear, out_features: 8}\n"
        "  act: ReLU\n"
        "  g: {type: Linear, out_features: 8}\n"
        "  again: {share: act}\n"
    )
    assert "nn.ReLU(inplace=True)" in source


TWICE = """
blocks:
  B:
    params: {twice: bool, act: true}
    graph:
      fc: {type: Linear, out_features: 8}
      relu: {type: ReLU, when: $act}
      again: {share: fc, when: $twice}
      s: {type: Add, from: [again, relu]}
graph:
  a: {type: B, twice: true}
  b: {type: B, twice: false}
  c: {type: B, twice: false, act: false}
"""


def test_a_share_runs_again_only_where_its_condition_says_so() -> None:
    source = emitted(VECTOR + TWICE)
    assert "self.has_again = twice" in source
    assert "if self.has_again" in source


def test_layers_of_attention_are_a_loop_within_a_chain() -> None:
    source = emitted(
        f"{SEQUENCE}graph:\n"
        "  enc:\n"
        "    graph:\n"
        "      norm: LayerNorm\n"
        f"      attn: {attention('false', ', repeat: 2')}\n"
        "  fc: {type: Linear, out_features: 8}\n"
    )
    assert "for layer in self.attn:" in source


@pytest.mark.parametrize("prefix", ["b2", "b0", "b_1"])
def test_a_prefix_may_end_in_a_digit(prefix: str) -> None:
    repeat = f"repeat: {{over: 12, prefix: {prefix}}}"
    emitted(f"{VECTOR}graph: {{a: {{type: Linear, out_features: 8, {repeat}}}}}\n")


@pytest.mark.parametrize("counts", [(0, 2), (2, 0), (0, 1, 3)])
def test_a_child_of_a_list_that_some_uses_lack(counts: tuple[int, ...]) -> None:
    nodes = ", ".join(f"{{type: B, n: {n}}}" for n in counts)
    source = emitted(
        f"{VECTOR}blocks:\n"
        "  B:\n"
        "    params: {n: int}\n"
        "    graph:\n"
        "      - {type: GELU, repeat: $n}\n"
        "      - {type: Linear, out_features: 8}\n"
        f"graph: [{nodes}]\n"
    )
    assert "if n > 0 else []" in source


# Variables ----------------------------------------------------------------------------

CROSS = """
blocks:
  Cross:
    inputs: [q, m]
    graph:
      att: {type: MultiheadAttention, num_heads: 2, from: [q, m, m]}
      add: {type: Add, from: [att, q]}
"""


def test_a_loop_reads_what_it_does_not_carry_as_it_was() -> None:
    nodes = "stem: LayerNorm, layers: {type: Cross, from: [stem, stem], repeat: 2}"
    source = emitted(f"{SEQUENCE}{CROSS}graph: {{{nodes}}}\n")
    assert "x = layer(x, stem)" in source


def test_a_decoder_attends_to_its_encoder() -> None:
    layer = "nhead: 2, dim_feedforward: 16, dropout: 0.0"
    source = emitted(
        f"{PAIR}graph:\n"
        "  s: {type: Linear, out_features: 8, from: q}\n"
        f"  encoder: {{type: TransformerEncoderLayer, {layer}}}\n"
        "  t: {type: Linear, out_features: 8, from: m}\n"
        "  decoder:\n"
        f"    {{type: TransformerDecoderLayer, {layer},\n"
        "     from: [t, encoder], repeat: 2}\n"
    )
    assert "layer(x, x)" not in source


def test_a_loop_over_a_node_called_layer() -> None:
    nodes = "layer: {type: Cross, from: [q, m], repeat: 2}, "
    nodes += "head: {type: Add, from: [layer, q]}"
    source = emitted(f"{PAIR}{CROSS}graph: {{{nodes}}}\n")
    assert "for layer_ in self.layer:" in source


PARTS = "{a: fa, b: fb, c: fc}"


@pytest.mark.parametrize("read", ["[t, t.b]", "[t.b, t]", "[t.b, t.c]", "[t.c, t.a]"])
def test_every_output_of_a_block_has_a_variable(read: str) -> None:
    layers = ", ".join(
        f"{name}: {{type: Linear, out_features: 8, from: input}}"
        for name in ("fa", "fb", "fc")
    )
    block = f"{{outputs: {PARTS}, graph: {{{layers}}}}}"
    for node in (f"t: {block}", "t: Three"):
        graph = f"{{{node}, d: {{type: Sub, from: {read}}}}}"
        emitted(f"{VECTOR}blocks: {{Three: {block}}}\ngraph: {graph}\n")


@pytest.mark.parametrize("shared", ["in", "self", "torch", "x", "q"])
def test_a_branch_is_called_what_can_be_a_name(shared: str) -> None:
    source = emitted(
        f"{PAIR}graph:\n"
        f"  {shared}_norm: {{type: LayerNorm, from: q}}\n"
        f"  {shared}_fc: {{type: Linear, out_features: 8}}\n"
        "  b: {type: Linear, out_features: 8, from: q}\n"
        f"  sum: {{type: Add, from: [q, {shared}_fc, b]}}\n"
        f"  out: {{type: MultiheadAttention, num_heads: 2, from: [sum, m, m]}}\n"
    )
    assert f"{shared} = self.{shared}_norm(" not in source or shared == "x"


# Nodes that some uses lack ------------------------------------------------------------

OPTIONAL = [
    "{type: LSTM, hidden_size: 8, when: $n > 0, else: input}",
    "{type: GRU, hidden_size: 8, repeat: $n}",
    "{type: GRU, hidden_size: 8, repeat: {over: $n, prefix: l}}",
    "{type: MultiheadAttention, num_heads: 2, when: $n > 1}",
    "{type: Chunk, chunks: 2, dim: 1, repeat: 1, when: $n > 9, else: input}",
]


@pytest.mark.parametrize("node", OPTIONAL)
def test_what_gives_several_values_may_be_absent(node: str) -> None:
    source = emitted(
        f"{SEQUENCE}blocks: {{B: {{params: {{n: int}}, graph: "
        f"{{a: {node}, fc: {{type: Linear, out_features: 8}}}}}}}}\n"
        "graph: {a: {type: B, n: 2}, b: {type: B, n: 0}, c: {type: B, n: 3}}\n"
    )
    assert source.count("class B") == 1


def test_a_network_that_is_a_list_is_an_nn_sequential() -> None:
    layers = "{type: Linear, out_features: 4}, ReLU, {type: Linear, out_features: 2}"
    source = emitted(f"{VECTOR}graph: [{layers}]\n")
    assert "class Net(nn.Sequential):" in source
    assert "def forward" not in source
    init = "init: [{type: Linear, weight: 0.5}, {path: '2', bias: 3}]"
    module = netspec.compile(loads(f"{VECTOR}graph: [{layers}]\n{init}\n")).to_module()
    assert module.state_dict()["2.bias"].tolist() == [3.0, 3.0]


TRAINED = """
outputs: {y: y, aux: {from: aux, mode: train}}
graph:
  p: {type: Parameter, shape: [8]}
  y: {type: Linear, out_features: 8, from: input}
  aux: {type: Add, from: [y, p]}
"""


def test_lines_of_training_stand_under_one_condition() -> None:
    source = emitted(VECTOR + TRAINED)
    assert source.count("if self.training:") == 1
    assert "            return NetOutput(" in source


def test_an_unrolled_repeat_reads_its_input_as_it_is_called() -> None:
    shift = "{type: Shift, offset: 1, repeat: 2, from: m}"
    source = emitted(f"{PAIR}graph: {{shift: {shift}, end: {{type: ReLU}}}}\n")
    assert "x = torch.add(m, 1.0)\n" in source
    assert "x = m\n" not in source


def test_what_is_returned_among_others_is_called_like_its_output() -> None:
    source = emitted(
        f"{VECTOR}outputs: {{age: old, gender: sex}}\n"
        "graph:\n"
        "  old: {type: Linear, out_features: 1, from: input}\n"
        "  sex: {type: Linear, out_features: 2, from: input}\n"
    )
    assert "return NetOutput(age, gender)" in source


def test_a_class_without_modules_has_no_constructor() -> None:
    block = "Scaled: {graph: {a: {type: Scale, factor: 2}, b: ReLU}}"
    block = block.replace("ReLU", "{type: Shift, offset: 1}")
    source = emitted(f"{VECTOR}blocks: {{{block}}}\ngraph: {{a: Scaled, fc: ReLU}}\n")
    assert source.count("super().__init__()") == 1


def test_a_rule_for_every_path_asks_for_no_name() -> None:
    layers = ", ".join(["{type: Linear, out_features: 8}"] * 3)
    source = emitted(f"{VECTOR}graph: [{layers}]\ninit: [{{path: '*', bias: 0.5}}]\n")
    assert "for module in self.modules():" in source
    assert "nn.init.constant_(module.bias, 0.5)" in source


def test_the_classes_of_one_block_say_how_they_differ() -> None:
    block = (
        "{params: {act: block}, graph: {a: {type: Linear, out_features: 8}, b: $act}}"
    )
    nodes = "{a: {type: B, act: ReLU}, b: {type: B, act: GELU}}"
    source = emitted(f"{VECTOR}blocks: {{B: {block}}}\ngraph: {nodes}\n")
    assert '"""The block `B` where `act` is ReLU."""' in source
    assert '"""The block `B` where `act` is GELU."""' in source


def test_a_class_s_own_tensors_come_before_its_modules() -> None:
    network = netspec.compile(
        loads(
            f"{VECTOR}graph:\n"
            "  fc: {type: Linear, out_features: 8, bias: false}\n"
            "  shift: {type: Buffer, shape: [8]}\n"
            "  scale: {type: Parameter, shape: [8]}\n"
            "  end: {type: Add, from: [fc, shift, scale]}\n"
        )
    )
    assert list(network.state) == ["scale", "shift", "fc.weight"]
    agree(network)


# Blocks within themselves -------------------------------------------------------------

ITSELF = """
blocks:
  B:
    params: {n: int}
    graph:
      fc: {type: Linear, out_features: 8}
      b: {type: B, n: $n - 1, when: $n > 0}
graph: {x: {type: B, n: 2}, y: {type: B, n: 3}}
"""
BY_PARAM = """
blocks:
  Residual:
    params: {inner: block}
    graph: {inner: $inner, sum: {type: Add, from: [input, inner]}}
  Pair:
    graph: {a: {type: Residual, inner: Tanh}, fc: {type: Linear, out_features: 8}}
graph: {net: {type: Residual, inner: Pair}}
"""
IN_TURN = """
blocks:
  A: {params: {t: block}, graph: {fc: {type: Linear, out_features: 8}, t: $t}}
  B: {params: {t: block}, graph: {t: $t, fc: {type: Linear, out_features: 8}}}
  AT: {graph: {a: {type: A, t: Tanh}}}
  BT: {graph: {b: {type: B, t: Tanh}}}
graph: {x: {type: A, t: BT}, y: {type: B, t: AT}}
"""


@pytest.mark.parametrize(
    "blocks", [ITSELF, BY_PARAM, IN_TURN], ids=["itself", "param", "turn"]
)
def test_a_block_may_lie_within_itself(blocks: str) -> None:
    emitted(VECTOR + blocks)


ROWS = """netspec: 1
name: net
input: [8, 4, 4]
blocks:
  B:
    params: {row: row}
    graph:
      expand:
        when: $row.width != $input.channels
        graph:
          - {type: Conv2d, out_channels: $row.width, kernel_size: 1}
          - {type: ReLU, when: $row.act == 'relu'}
          - {type: Hardswish, when: $row.act != 'relu'}
      conv: {type: Conv2d, out_channels: 8, kernel_size: 1}
      sum: {type: Add, from: [conv, input]}
graph:
  - {type: B, row: {width: 8, act: relu}}
  - {type: B, row: {width: 6, act: relu}}
  - {type: B, row: {width: 4, act: hard}}
"""


def test_a_list_that_some_uses_lack_is_laid_over_the_others() -> None:
    source = emitted(ROWS)
    assert source.count("class B") == 1
    assert "*([nn.ReLU(inplace=True)] if act ==" in source
