"""Initialisation rules: what a check accepts can be built, and the rest is said."""

import pytest
import torch

import netspec
from netspec.fills import FUNCTIONS

GRAPH = """\
netspec: 1
input: [3, 8, 8]
graph:
  conv: {type: Conv2d, out_channels: 4, kernel_size: 3}
  norm: BatchNorm2d
  t: {type: Parameter, shape: [4, 1, 1]}
  sum: {type: Add, from: [norm, t]}
"""


def reason(rule: str) -> str:
    """Why a rule is refused."""
    with pytest.raises(netspec.SpecError) as caught:
        netspec.compile(netspec.loads(f"{GRAPH}init: [{rule}]\n"))
    (finding,) = caught.value.findings
    assert finding.code == "NS0605"
    return f"{finding.note}; {finding.advice}"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("{type: Conv2d, bias: kaiming_normal_}", "2 or more dimensions"),
        ("{type: Conv2d, weight: eye_}", "2 dimensions, and this has 4"),
        ("{type: BatchNorm2d, weight: dirac_}", "of 3 or 4 or 5 dimensions"),
        ("{path: '*', weight: orthogonal_}", "2 or more dimensions"),
        ("{type: Conv2d, weight: {uniform_: {a: 2, b: 1}}}", "goes from 2 to 1"),
        ("{type: Conv2d, weight: {uniform_: {a: 2}}}", "goes from 2 to 1"),
        ("{type: Conv2d, weight: {trunc_normal_: {b: -3}}}", "goes from -2 to -3"),
        ("{type: Conv2d, weight: {trunc_normal_: {std: 0}}}", "a number above 0"),
        ("{type: Conv2d, weight: {xavier_normal_: {gain: -1}}}", "a number from 0"),
        ("{type: Conv2d, weight: 1e39}", "a number from -1e+37 to 1e+37"),
        ("{type: Conv2d, bias: nothing_}", "torch.nn.init has no `nothing_`"),
        ("{path: t, weight: 1}", "an `init` at the tensor itself"),
        ("{path: t, '': 1}", "an `init` at the tensor itself"),
        ("{type: Parameter, weight: 1}", "an `init` at the tensor itself"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_done_is_refused(rule: str, why: str) -> None:
    assert why in reason(rule)


def test_a_path_may_match_tensors_that_the_rule_is_not_for() -> None:
    spec = netspec.loads(f"{GRAPH}init: [{{path: '*', weight: 1}}]\n")
    module = netspec.build(spec)
    assert torch.equal(module.norm.weight, torch.ones(4))
    assert torch.equal(module.t, torch.zeros(4, 1, 1))


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - {"constant_"}))
@pytest.mark.parametrize("rank", range(7))
def test_ranks_are_torch_s(function: str, rank: int) -> None:
    shape, known = [2] * rank, FUNCTIONS[function]
    text = f"""\
netspec: 1
input: {shape}
graph:
  t: {{type: Parameter, shape: {shape}, init: {function}}}
  sum: {{type: Add, from: [input, t]}}
"""
    taken = known.least <= rank and (known.most is None or rank <= known.most)
    try:
        getattr(torch.nn.init, function)(torch.empty(shape))
    except ValueError:
        assert not taken
        with pytest.raises(netspec.SpecError, match=f"`{function}` fills a tensor"):
            netspec.compile(netspec.loads(text))
    else:
        assert taken
        netspec.build(netspec.loads(text))
