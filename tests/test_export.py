"""Exported files are run back, with other batches and sizes than they were made at."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import netspec
from netspec.cli import main
from netspec.errors.export import ExportError
from netspec.export import export
from netspec.network import Network
from netspec.references import find
from netspec.verify import verify

SPECS = Path(__file__).parents[1] / "specs"


def small(name: str) -> Network:
    sizes = {"H": 32, "W": 48} if "lm" not in name else {}
    return netspec.compile(SPECS / f"{name}.yaml", sizes=sizes)


@pytest.mark.parametrize(
    "name", ["cifar_resnet18", "siamese", "teaching/lstm_lm", "teaching/transformer_lm"]
)
def test_a_program_has_a_free_batch_and_free_sizes(name: str, tmp_path: Path) -> None:
    network = small(name)
    module = network.to_module()
    found = export(network, tmp_path / "x.pt2", module)
    assert found.difference < 1e-5
    assert found.fixed == (["T of tokens is 32"] if "lstm" in name else [])
    again = torch.export.load(tmp_path / "x.pt2").module()
    if name == "cifar_resnet18":
        image = torch.rand(5, 3, 40, 56)
        assert torch.equal(again(image), module.eval()(image))


def test_onnx_is_run_back(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    network = small("cifar_resnet18")
    module = network.to_module().eval()
    found = export(network, tmp_path / "x.onnx", module)
    assert found.difference < 1e-4
    assert not found.fixed
    session = onnxruntime.InferenceSession(tmp_path / "x.onnx")
    image = torch.rand(4, 3, 64, 40)
    (found,) = session.run(None, {"image": image.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(
            torch.from_numpy(found), module(image), rtol=1e-3, atol=1e-4
        )


def test_a_program_is_a_reference(tmp_path: Path) -> None:
    network = small("cifar_resnet18")
    export(network, tmp_path / "x.pt2")
    verdict = verify(network, find(str(tmp_path / "x.pt2")))
    assert verdict.passed, verdict
    other = netspec.compile(SPECS / "cifar_resnet18.yaml", num_classes=7)
    verdict = verify(other, find(str(tmp_path / "x.pt2")))
    assert not verdict.passed
    assert "fc.weight is [7, 512]" in str(verdict)


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    spec, file = str(SPECS / "digits_resnet.yaml"), str(tmp_path / "x.pt2")
    found = CliRunner().invoke(main, ["export", spec, "-o", file])
    assert found.exit_code == 0, found.output
    assert "read back and run" in found.output
    found = CliRunner().invoke(main, ["export", spec, "-o", f"{file}.zip"])
    assert found.exit_code == 1
    assert "write FILE.onnx or FILE.pt2" in str(found.exception)


def test_a_file_that_gives_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other, said in (
        (torch.zeros(2, 10), "they differ by"),
        (torch.zeros(2, 9), r"it gives \[2, 9\], and not \[2, 10\]"),
    ):
        monkeypatch.setattr("netspec.export._run", lambda *_, other=other: [other])
        with pytest.raises(ExportError, match=said) as caught:
            export(netspec.compile(SPECS / "digits_resnet.yaml"), tmp_path / "x.pt2")
        assert caught.value.code == "NS1113"
        assert "x.onnx takes another way" in str(caught.value)


def test_formats_are_known() -> None:
    with pytest.raises(ExportError, match="names no format"):
        export(small("cifar_resnet18"), "x.bin")
