"""`netspec verify` says what is equal, and names the first node that is not."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from torch import nn

import netspec
from netspec.cli import main
from netspec.errors.references import NoReference
from netspec.references import Reference, find
from netspec.verify import verify

SPECS = Path(__file__).parents[1] / "specs"
SMALL = ["--size", "H=64", "--size", "W=64"]


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(main, ["verify", *arguments])
    return found.exit_code, found.output


def test_a_port_is_proven() -> None:
    spec = str(SPECS / "squeezenet1_1.yaml")
    status, said = run(spec, "--against", "torchvision:squeezenet1_1", *SMALL)
    assert status == 0
    assert said.count("bit-equal") == 3
    assert said.endswith("squeezenet1_1.yaml is torchvision:squeezenet1_1\n")


def test_other_keys_are_listed() -> None:
    spec = str(SPECS / "resnet18.yaml")
    status, said = run(spec, "--against", "torchvision:resnet34", *SMALL)
    assert status == 1
    assert "96 unknown to the network" in said


def test_the_first_node_that_differs_is_named() -> None:
    network = netspec.compile(SPECS / "digits_resnet.yaml")
    other = network.to_module()
    other.layer1[1].bn2.eps = 0.1
    verdict = verify(network, Reference("other", other))
    assert not verdict.passed
    assert "the first node that differs is layer1.1.bn2" in str(verdict)


def test_a_factory_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = netspec.compile(SPECS / "digits_resnet.yaml").to_source()
    (tmp_path / "mine_for_verify.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    spec = str(SPECS / "digits_resnet.yaml")
    status, said = run(spec, "--against", "python:mine_for_verify:DigitsResnet")
    assert status == 0, said
    assert isinstance(find("python:mine_for_verify:DigitsResnet").module, nn.Module)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("torchvision:resnet1", "did you mean `resnet18`"),
        ("python:no_such_module_here:make", "No module named"),
        ("nowhere.pt2", "nowhere.pt2 holds no exported program: there is no"),
        ("resnet18", "is no reference"),
    ],
)
def test_what_is_no_reference_is_said(text: str, reason: str) -> None:
    with pytest.raises(NoReference, match=reason):
        find(text)
