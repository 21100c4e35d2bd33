"""What fails once a network runs is told by its node and the node's line."""

import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import torch
from torch import nn

import netspec
from netspec.emit.places import failure
from netspec.errors.weights import WeightsError
from netspec.link import loads
from netspec.weights import fit

SPEC = """
netspec: 1
input: [3, 8, 8]
blocks:
  Unit:
    graph:
      conv: {type: Conv2d, out_channels: 4, kernel_size: 1}
      both: {type: Concat, from: [conv, input]}
      tail:
        graph:
          - ReLU
          - {type: Conv2d, out_channels: 3, kernel_size: 1}
graph:
  first: {type: Unit, repeat: 2}
  last: Flatten
"""
LINES = {text.strip(): number for number, text in enumerate(SPEC.split("\n"), 1)}
CONV = LINES["conv: {type: Conv2d, out_channels: 4, kernel_size: 1}"]
BOTH = LINES["both: {type: Concat, from: [conv, input]}"]
INNER = LINES["- {type: Conv2d, out_channels: 3, kernel_size: 1}"]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC)
    return netspec.build("net.yaml")


def error_of(module: nn.Module, channels: int = 3) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        module(torch.zeros(2, channels, 8, 8))
    return caught.value


def test_a_traceback_shows_the_spec(module: nn.Module) -> None:
    said = "".join(traceback.format_exception(error_of(module, channels=5)))
    assert f"# conv, net.yaml:{CONV}\n" in said
    assert "# conv" not in netspec.compile("net.yaml").to_source()


def test_a_name_of_a_file_stays_in_its_comment(
    module: nn.Module, tmp_path: Path
) -> None:
    odd = tmp_path / "a\nimport os\u2028.yaml"
    odd.write_text(SPEC)
    said = "".join(traceback.format_exception(error_of(netspec.build(odd), 5)))
    assert f"a?import os?.yaml:{CONV}\n" in said


def test_a_layer_in_a_list_is_found(module: nn.Module) -> None:
    module.get_submodule("first.1.tail")[1] = nn.Conv2d(9, 3, 1)  # type: ignore[index]
    finding = failure(error_of(module))
    assert finding is not None
    assert "`first.1.tail.1` failed" in finding.title
    assert finding.span.line == INNER
    assert [use.name for use in finding.trail] == ["first", "1", "tail"]


def test_a_line_without_a_module_is_found(module: nn.Module) -> None:
    module.get_submodule("first.0").conv = nn.Flatten()
    finding = failure(error_of(module))
    assert finding is not None
    assert finding.span.line == BOTH


def test_equal_specs_are_told_apart(module: nn.Module) -> None:
    Path("copy.yaml").write_text(SPEC)
    copy = netspec.build("copy.yaml")
    for made, name in ((module, "net.yaml"), (copy, "copy.yaml")):
        finding = failure(error_of(made, channels=5))
        assert finding is not None
        assert finding.span.source.name == name


def test_a_failure_elsewhere_is_none_of_ours() -> None:
    with pytest.raises(RuntimeError) as caught:
        nn.Conv2d(3, 4, 1)(torch.zeros(2, 5, 8, 8))
    assert failure(caught.value) is None


def test_weights_that_do_not_fit_name_lines(module: nn.Module) -> None:
    weights = module.state_dict()
    weights["first.0.conv.weight"] = torch.zeros(4, 9, 1, 1)
    del weights["first.1.conv.bias"]
    with pytest.raises(WeightsError) as caught:
        fit(module, weights, "old.pth")
    said = str(caught.value)
    assert "1 of other shapes" in said
    assert f"first.0.conv.weight (net.yaml:{CONV}): [4, 9, 1, 1] in the file" in said
    assert f"first.1.conv.bias (net.yaml:{CONV})" in said


RECIPE = """
task: language_modelling
data: {type: text, length: 16}
epochs: 1
batch_size: 4
optimizer: {type: SGD, lr: 0.1}
"""


def test_training_names_the_node(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "words.yaml").write_text(
        "netspec: 1\n"
        "inputs: {words: {shape: [T], dtype: int64, example: {T: 16}}}\n"
        "graph:\n"
        "  table: {type: Embedding, num_embeddings: 10, embedding_dim: 8}\n"
        "  head: {type: Linear, out_features: 256}\n"
    )
    command = "train words.yaml --recipe recipe.yaml --out run --device cpu"
    result = subprocess.run(
        [sys.executable, "-m", "netspec", *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "error[NS0705]: `table` failed as the network ran" in result.stderr
    assert "words.yaml:4:" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_network_that_is_a_list_tells_which_of_its_nodes_failed() -> None:
    layers = "[{type: Linear, out_features: 8}, {graph: [ReLU, GELU]}, {type: Conv1d, "
    layers += "out_channels: 8, kernel_size: 1}]"
    module = netspec.compile(loads(f"netspec: 1\ninput: [6, 8]\ngraph: {layers}"))
    with pytest.raises(RuntimeError) as caught:
        module.to_module()(torch.rand(2, 5, 8))
    found = failure(caught.value)
    assert found is not None
    assert found.path == "2"
