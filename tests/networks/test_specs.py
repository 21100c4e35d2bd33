"""Every shipped spec is checked; those of the teaching set also take a step."""

from pathlib import Path

import pytest
import torch

import netspec
from netspec.examples import example_inputs
from tests.networks.reference import flat

SPECS = Path(__file__).parents[2] / "specs"
TEACHING = sorted((SPECS / "teaching").glob("*.yaml"))
PARAMS = [
    ("textbook_residual_block", {"channels": 6, "stride": 2, "projection": True}, 546),
    ("bottleneck_block", {"in_channels": 64}, 75_264),
]


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.yaml")), ids=lambda p: p.stem)
def test_its_expectations_hold(path: Path) -> None:
    network = netspec.compile(path)
    assert network.parameters > 0
    assert not network.warnings


@pytest.mark.parametrize(
    "path", [*sorted(SPECS.glob("*.yaml")), *TEACHING], ids=lambda p: p.stem
)
def test_the_keys_are_in_the_order_of_the_module(path: Path) -> None:
    network = netspec.compile(path)
    with torch.device("meta"):
        assert list(network.to_module().state_dict()) == list(network.state)


@pytest.mark.parametrize("path", TEACHING, ids=lambda p: p.stem)
def test_the_teaching_set_takes_a_step(path: Path) -> None:
    network = netspec.compile(path)
    module = network.to_module()
    assert sum(p.numel() for p in module.parameters()) == network.parameters
    before = {key: p.detach().clone() for key, p in module.named_parameters()}
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    outputs = flat(module(*example_inputs(network)))
    sizes = network.sizes
    (expected,) = (o for o in network.graph.outputs)
    assert outputs[0].shape[1:] == network.graph.type_of(expected.ref).at(sizes)
    outputs[0].square().mean().backward()
    optimizer.step()
    assert any(not torch.equal(before[k], p) for k, p in module.named_parameters())


@pytest.mark.parametrize(("name", "params", "count"), PARAMS)
def test_counts_at_other_params(name: str, params: dict[str, int], count: int) -> None:
    path = SPECS / "teaching" / f"{name}.yaml"
    assert netspec.compile(path, **params).parameters == count
