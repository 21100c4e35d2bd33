"""Published weights, read from files that torchvision finds in a cache of our own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import Tensor
from torchvision import models

import netspec
from netspec.cli import main
from netspec.errors.weights import WeightsError, WeightsNeedParam
from tests.published import store

SPECS = Path(__file__).parents[1] / "specs"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    """An empty cache in place of the user's, and no way to download."""
    before = torch.hub.get_dir()
    torch.hub.set_dir(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    yield tmp_path / "checkpoints"
    torch.hub.set_dir(before)


def equal(own: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return own.keys() == other.keys() and all(
        torch.equal(own[k], other[k]) for k in own
    )


def test_published_weights_are_loaded(cache: Path) -> None:
    stored = store(cache, "ResNet18_Weights.IMAGENET1K_V1")
    weights = "torchvision:ResNet18_Weights.IMAGENET1K_V1"
    module = netspec.build(SPECS / "resnet18.yaml", weights=weights)
    assert equal(module.state_dict(), stored)


def test_keys_are_renamed_as_torchvision_does(cache: Path) -> None:
    stored = store(cache, "DenseNet121_Weights.IMAGENET1K_V1", rename=True)
    weights = "torchvision:DenseNet121_Weights.IMAGENET1K_V1"
    module = netspec.build(SPECS / "densenet121.yaml", weights=weights)
    assert equal(module.state_dict(), stored)


def test_what_the_builder_changes_is_set(cache: Path) -> None:
    store(cache, "GoogLeNet_Weights.IMAGENET1K_V1")
    weights = "torchvision:GoogLeNet_Weights.IMAGENET1K_V1"
    module = netspec.build(SPECS / "googlenet.yaml", weights=weights).eval()
    other = models.googlenet(weights="IMAGENET1K_V1").eval()
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(module(image), other(image))
        plain = netspec.build(SPECS / "googlenet.yaml", aux_logits=False).eval()
        plain.load_state_dict(module.state_dict())
        assert not torch.equal(module(image), plain(image))


def test_auxiliary_heads_are_kept_if_asked_for(cache: Path) -> None:
    stored = store(cache, "GoogLeNet_Weights.IMAGENET1K_V1")
    weights = "torchvision:GoogLeNet_Weights.IMAGENET1K_V1"
    module = netspec.build(SPECS / "googlenet.yaml", weights=weights, aux_logits=True)
    assert equal(module.state_dict(), stored)


def test_what_torchvision_refuses_is_refused(cache: Path) -> None:
    store(cache, "GoogLeNet_Weights.IMAGENET1K_V1")
    weights = "torchvision:GoogLeNet_Weights.IMAGENET1K_V1"
    with pytest.raises(WeightsNeedParam, match="leave out `transform_input`"):
        netspec.build(SPECS / "googlenet.yaml", weights=weights, transform_input=False)


def test_a_spec_without_the_param_is_refused(cache: Path) -> None:
    store(cache, "GoogLeNet_Weights.IMAGENET1K_V1")
    weights = "torchvision:GoogLeNet_Weights.IMAGENET1K_V1"
    with pytest.raises(WeightsNeedParam, match="no such param") as caught:
        netspec.build(SPECS / "resnet18.yaml", weights=weights)
    assert caught.value.code == "NS1104"


def test_a_head_of_another_size_is_named(cache: Path) -> None:
    stored = store(cache, "ResNet18_Weights.IMAGENET1K_V1")
    weights = "torchvision:ResNet18_Weights.IMAGENET1K_V1"
    with pytest.raises(WeightsError, match=r"fc\.weight"):
        netspec.build(SPECS / "resnet18.yaml", weights=weights, num_classes=7)
    module = netspec.build(
        SPECS / "resnet18.yaml",
        weights=weights,
        allow_head_mismatch=["fc"],
        num_classes=7,
    )
    assert module.fc.weight.shape == (7, 512)
    assert torch.equal(module.conv1.weight, stored["conv1.weight"])
    with pytest.raises(WeightsError, match="did you mean `fc`"):
        netspec.build(
            SPECS / "resnet18.yaml", weights=weights, allow_head_mismatch=["fcc"]
        )


def test_the_command_reports_what_is_left(cache: Path) -> None:
    store(cache, "ResNet18_Weights.IMAGENET1K_V1")
    arguments = ["build", str(SPECS / "resnet18.yaml"), "--set", "num_classes=7"]
    arguments += ["--weights", "torchvision:ResNet18_Weights.IMAGENET1K_V1"]
    found = CliRunner().invoke(main, [*arguments, "--allow-head-mismatch", "fc"])
    assert found.exit_code == 0, found.output
    assert "fc.weight is as initialised" in found.output


def test_offline_says_where_the_file_goes(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("torch.hub.urlopen", refuse)
    weights = "torchvision:ResNet50_Weights.IMAGENET1K_V2"
    with pytest.raises(WeightsError) as caught:
        netspec.build(SPECS / "resnet50.yaml", weights=weights)
    assert caught.value.code == "NS1103"
    assert str(cache / "resnet50-11ad3fa6.pth") in str(caught.value)
    assert "https://download.pytorch.org" in str(caught.value)


def test_unknown_weights_are_suggested() -> None:
    for wrong, right in (
        ("ResNet5_Weights.IMAGENET1K_V1", "ResNet50_Weights"),
        ("ResNet50_Weights.IMAGENET1K_V3", "IMAGENET1K_V"),
    ):
        with pytest.raises(WeightsError, match=f"did you mean `{right}"):
            netspec.build(SPECS / "resnet18.yaml", weights=f"torchvision:{wrong}")
