"""`python:` types: stated, checked without running, run only where allowed."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import netspec

LAYERS = """
import torch
from torch import nn

class Scaled(nn.Module):
    def __init__(self, channels, factor=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels, 1, 1), factor))

    def forward(self, x):
        return x * self.weight

class Wide(nn.Module):
    def forward(self, x):
        return torch.cat([x, x], 1)

class Broken(nn.Module):
    def forward(self, x):
        raise ValueError("not today")

class Taking(nn.Module):
    def __init__(self, **given):
        super().__init__()
        self.given = given

    def forward(self, x):
        return x

function = len
"""
SPEC = """netspec: 1
name: mine
input: [4, 8, 8]
params: {{factor: 2.0}}
graph:
  conv: {{type: Conv2d, out_channels: 6, kernel_size: 3, padding: 1}}
  own: {node}
  pool: {{type: AdaptiveAvgPool2d, output_size: 1}}
init:
  - {{type: Conv2d, weight: 1, bias: 0}}
"""
SCALED = (
    "{type: python:own_layers.Scaled, channels: $from.channels, factor: $factor, "
    "shape: [6, 8, 8]}"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "own_layers.py").write_text(LAYERS)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [n for n in sys.modules if n.startswith(("own_l", "netspec.emitted."))]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


def write(folder: Path, node: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(SPEC.format(node=node))
    return path


def codes(path: Path, **options: object) -> list[tuple[str, int]]:
    with pytest.raises(netspec.SpecError) as refused:
        netspec.build(path, **options)
    return [(finding.code, finding.span.line) for finding in refused.value.findings]


def test_checking_runs_nothing(folder: Path) -> None:
    network = netspec.compile(write(folder, SCALED))
    assert network.shapes["own"] == (6, 8, 8)
    assert "own_layers" not in sys.modules
    assert "import own_layers" in network.to_source()
    assert "own_layers.Scaled(channels=6, factor=factor)" in network.to_source()


def test_building_needs_leave(folder: Path) -> None:
    assert codes(write(folder, SCALED)) == [("NS0702", 7)]
    assert codes(write(folder, SCALED), allow_python=["other"]) == [("NS0702", 7)]
    assert "own_layers" not in sys.modules


def test_an_allowed_module_runs_initialised(folder: Path) -> None:
    model = netspec.build(write(folder, SCALED), allow_python=["own_layers"])
    assert torch.equal(model.own.weight, torch.full((6, 1, 1), 2.0))
    given = torch.ones(2, 4, 8, 8)
    assert torch.equal(model(given), 2 * model.pool(model.conv(given)))


def test_it_pickles_with_its_module(folder: Path) -> None:
    model = netspec.build(write(folder, SCALED), allow_python=["own_layers"])
    twin = pickle.loads(pickle.dumps(model))
    given = torch.rand(1, 4, 8, 8)
    assert torch.equal(twin(given), model(given))


OPERATORS_OWN = (
    "infer admit state call macs items fields accepts arity path torch category own "
    "inplace positional link page nn i width own_layers"
).split()


def test_a_class_may_call_its_arguments_as_netspec_does(folder: Path) -> None:
    given = ", ".join(f"{name}: {i}" for i, name in enumerate(OPERATORS_OWN))
    node = f"{{type: python:own_layers.Taking, shape: [6, 8, 8], {given}}}"
    model = netspec.build(write(folder, node), allow_python=["own_layers"])
    assert model.own.given == {name: i for i, name in enumerate(OPERATORS_OWN)}


@pytest.mark.parametrize("name", ["nn", "torch", "own_layers", "state", "Block"])
def test_arguments_that_vary_hide_nothing(folder: Path, name: str) -> None:
    path = folder / "spec.yaml"
    path.write_text(
        f"""netspec: 1
name: mine
input: [4]
blocks:
  Block:
    params: {{width: int}}
    graph:
      own: {{type: python:own_layers.Taking, {name}: 2 * $width + 1, shape: [4]}}
      fc: {{type: Linear, out_features: 4}}
  Two:
    params: {{{"own_layers" if name == "Block" else "v"}: int}}
    graph:
      a: {{type: Block, width: ${"own_layers" if name == "Block" else "v"}}}
      b: {{type: Block, width: 3}}
graph:
  own_layers: {{type: Two, {"own_layers" if name == "Block" else "v"}: 5}}
  b: {{type: Two, {"own_layers" if name == "Block" else "v"}: 6}}
  c: {{type: Add, from: [own_layers, b]}}
"""
    )
    model = netspec.build(path, allow_python=["own_layers"])
    assert model.own_layers.a.own.given == {name: 11}


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ("{type: python:own_layers.Wide, shape: [6, 8, 8]}", "NS0704"),
        ("{type: python:own_layers.Scaled, chanels: 6, shape: [6, 8, 8]}", "NS0703"),
        ("{type: python:own_layers.Broken, shape: [6, 8, 8]}", "NS0703"),
        ("{type: python:own_layers.Absent, shape: [6, 8, 8]}", "NS0703"),
        ("{type: python:own_layers.function, shape: [6, 8, 8]}", "NS0703"),
        ("{type: python:own_layers.Wide}", "NS0503"),
        ("{type: 'python:own_layers', shape: [6, 8, 8]}", "NS0701"),
        ("{type: 'python:os.system(1)', shape: [6, 8, 8]}", "NS0701"),
        ("{type: python:own_layers.__dict__, shape: [6, 8, 8]}", "NS0701"),
    ],
)
def test_what_is_wrong_is_told_at_its_node(folder: Path, node: str, code: str) -> None:
    assert codes(write(folder, node), allow_python=["own_layers"]) == [(code, 7)]


def test_from_the_command_line(folder: Path) -> None:
    write(folder, SCALED)
    # As the installed command, `-P` leaves the working directory out of the path.
    build = [sys.executable, "-P", "-m", "netspec", "build", "mine.yaml"]
    refused = subprocess.run(build, cwd=folder, capture_output=True, check=False)
    assert refused.returncode == 1
    assert b"NS0702" in refused.stderr
    allowed = [*build, "--allow-python", "own_layers"]
    done = subprocess.run(allowed, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_a_run_folder_does_not_carry_the_leave(folder: Path) -> None:
    from netspec.train.networks import open_network, resolved

    for name, text in resolved(write(folder, SCALED), "mine", {}).items():
        path = folder / "run" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run = folder / "run" / "spec.yaml"
    with pytest.raises(netspec.SpecError, match="NS0702"):
        open_network(run, {}).to_module()
    assert "own_layers" not in sys.modules
    module = open_network(run, {}, allow_python=["own_layers"]).to_module()
    assert module.own.weight[0].item() == 2.0
