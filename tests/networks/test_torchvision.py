"""Every spec of a published network is torchvision's: keys, numbers, figures, start."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models import DenseNet, VisionTransformer, convnext, resnet

from tests.networks.reference import (
    OPTIONS,
    PUBLISHED,
    Pair,
    compiled,
    flat,
    on_meta,
    pair,
)

NAMES = list(PUBLISHED)
SIZES = {"inception_v3": 299, "vit_b_16": 224, "vit_l_16": 224, "alexnet": 63}
# Compared in numbers as a whole; the rest of each family is the same spec at other
# params, compared in keys, shapes and figures, and some in numbers at less depth.
WHOLE = [
    "resnet18",
    "resnet34",
    "resnet50",
    "resnext50_32x4d",
    "wide_resnet50_2",
    "googlenet",
    "inception_v3",
    "densenet121",
    "densenet161",
    "alexnet",
    "vgg11",
    "vgg11_bn",
    "squeezenet1_0",
    "squeezenet1_1",
    "mobilenet_v2",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b5",
    "convnext_tiny",
    "vit_b_16",
]
STARTS = [
    "resnet18",
    "googlenet",
    "densenet121",
    "squeezenet1_1",
    "mobilenet_v2",
    "efficientnet_b0",
    "convnext_tiny",
    "vit_b_16",
]

SHALLOW = [1, 1, 2, 1]
REDUCED: dict[str, tuple[Callable[[], nn.Module], dict[str, Any]]] = {
    "resnet101": (
        lambda: resnet.ResNet(resnet.Bottleneck, SHALLOW),
        {"depths": SHALLOW},
    ),
    "resnext101_32x8d": (
        lambda: resnet.ResNet(resnet.Bottleneck, SHALLOW, groups=32, width_per_group=8),
        {"depths": SHALLOW},
    ),
    "wide_resnet101_2": (
        lambda: resnet.ResNet(resnet.Bottleneck, SHALLOW, width_per_group=128),
        {"depths": SHALLOW},
    ),
    "densenet201": (lambda: DenseNet(32, (1, 2, 3, 2), 64), {"depths": [1, 2, 3, 2]}),
    "convnext_large": (
        lambda: convnext.ConvNeXt(
            [
                convnext.CNBlockConfig(192, 384, 1),
                convnext.CNBlockConfig(384, 768, 1),
                convnext.CNBlockConfig(768, 1536, 2),
                convnext.CNBlockConfig(1536, None, 1),
            ],
            stochastic_depth_prob=0.5,
        ),
        {"depths": SHALLOW},
    ),
    "vit_l_16": (
        lambda: VisionTransformer(224, 16, 2, 16, 1024, 4096),
        {"depth": 2},
    ),
}


def image(name: str) -> Tensor:
    size = SIZES.get(name, 64)
    generator = torch.Generator().manual_seed(1)
    return torch.rand(2, 3, size, size, generator=generator)


@pytest.mark.parametrize("name", NAMES)
def test_keys_and_shapes(name: str) -> None:
    network = compiled(name)
    with torch.device("meta"):
        own = network.to_module().state_dict()
    other = on_meta(name).state_dict()
    assert own.keys() == other.keys()
    assert {k: v.shape for k, v in own.items()} == {
        k: v.shape for k, v in other.items()
    }
    owned = [(key, tuple(value.shape)) for key, value in own.items()]
    assert list(network.state.items()) == owned
    expected = PUBLISHED[name].get("state_dict_keys", len(other))
    assert len(own) == expected


@pytest.mark.parametrize("name", NAMES)
def test_figures(name: str) -> None:
    size = PUBLISHED[name]["size"]
    network = compiled(name)
    sizes = {
        symbol: size for port in network.graph.inputs for symbol in port.type.symbols()
    }
    macs = network.graph.macs(sizes)
    assert network.parameters == PUBLISHED[name]["parameters"]
    assert round(macs / 1e9, 3) == PUBLISHED[name]["gmacs"]


@pytest.mark.parametrize("name", WHOLE)
def test_outputs_are_bit_equal(name: str) -> None:
    need_bit_equal(pair(name), image(name))


def need_bit_equal(both: Pair, image: Tensor) -> None:
    for mode in (False, True):
        own, other = both.train(mode).outputs(image)
        assert len(own) == len(other)
        assert all(torch.equal(a, b) for a, b in zip(own, other, strict=True)), mode
    assert same_state(both.own, both.other), "the buffers that training leaves"
    both.other.load_state_dict(both.own.state_dict(), strict=True)


@pytest.mark.parametrize("name", REDUCED)
def test_outputs_are_bit_equal_at_less_depth(name: str) -> None:
    make, params = REDUCED[name]
    with torch.device("meta"):
        other = make()
    need_bit_equal(pair(name, other, **params), image(name))


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "squeezenet1_1"])
def test_gradients_are_bit_equal(name: str) -> None:
    found = []
    for module in pair(name).train(True):
        torch.manual_seed(0)
        sum(output.square().mean() for output in flat(module(image(name)))).backward()
        found.append({key: p.grad for key, p in module.named_parameters()})
    own, other = found
    assert own.keys() == other.keys()
    assert all(torch.equal(own[key], other[key]) for key in own)


@pytest.mark.parametrize("name", STARTS)
def test_initialisation_has_the_same_distribution(name: str) -> None:
    torch.manual_seed(0)
    own = compiled(name).to_module().state_dict()
    other = models.get_model(name, weights=None, **OPTIONS.get(name, {})).state_dict()
    for key, tensor in own.items():
        assert distance(tensor, other[key]) < 1, key


def distance(own: Tensor, other: Tensor) -> float:
    """Kolmogorov and Smirnov's distance, over what chance gives once in 100,000."""
    own, other = (t.double().flatten()[:20_000].sort().values for t in (own, other))
    if own[0] == own[-1] or other[0] == other[-1]:
        return 0.0 if torch.equal(own, other) else float("inf")
    below = torch.searchsorted(other, own, right=True) / len(other)
    ranks = torch.arange(1, len(own) + 1) / len(own)
    allowed = 2.47 * (2 / len(own)) ** 0.5
    return float((below - ranks).abs().max()) / allowed


def same_state(own: nn.Module, other: nn.Module) -> bool:
    first, second = own.state_dict(), other.state_dict()
    return all(torch.equal(first[key], second[key]) for key in second)
