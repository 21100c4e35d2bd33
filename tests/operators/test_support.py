"""The classes that emitted source takes in are torchvision's to the bit."""

import ast
import inspect

import pytest
import torch
from torch import nn
from torchvision.models.convnext import LayerNorm2d as TheirLayerNorm2d
from torchvision.models.inception import Inception3
from torchvision.ops import StochasticDepth as TheirStochasticDepth

from netspec.emit.support import channel_affine, layer_norm_2d, stochastic_depth
from netspec.emit.support.channel_affine import ChannelAffine
from netspec.emit.support.layer_norm_2d import LayerNorm2d
from netspec.emit.support.stochastic_depth import StochasticDepth


@pytest.mark.parametrize("mode", ["row", "batch"])
@pytest.mark.parametrize("p", [0.0, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("training", [True, False])
def test_stochastic_depth(mode: str, p: float, training: bool) -> None:
    x = torch.randn(6, 3, 4)
    results = []
    for kind in (StochasticDepth, TheirStochasticDepth):
        torch.manual_seed(5)
        results.append(kind(p, mode).train(training)(x))
    assert torch.equal(*results)


def test_layer_norm_2d() -> None:
    ours, theirs = LayerNorm2d(5, eps=1e-6), TheirLayerNorm2d(5, eps=1e-6)
    for module in (ours, theirs):
        nn.init.normal_(module.weight, generator=torch.Generator().manual_seed(1))
    x = torch.randn(2, 5, 3, 4)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert torch.equal(ours(x), theirs(x))
    assert ours(x).stride() == theirs(x).stride()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.float64])
def test_channel_affine_is_inceptions_transform_input(dtype: torch.dtype) -> None:
    means, deviations = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    scale = tuple(deviation / 0.5 for deviation in deviations)
    shift = tuple((mean - 0.5) / 0.5 for mean in means)
    x = torch.randn(2, 3, 5, 5).to(dtype)
    theirs = Inception3._transform_input(_Transforming(), x)  # type: ignore[arg-type]
    ours = ChannelAffine(scale, shift)
    assert torch.equal(ours(x), theirs)
    assert not ours.state_dict()


class _Transforming:
    transform_input = True


def test_classes_need_only_what_emitted_source_imports() -> None:
    """The emitter copies a class's text under `import torch` and its usual names."""
    for module in (channel_affine, layer_norm_2d, stochastic_depth):
        tree = ast.parse(inspect.getsource(module))
        names = {
            alias.name
            for node in tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert names <= {"torch", "Tensor", "nn"}, module.__name__
