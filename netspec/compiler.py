"""The pipeline: a spec's files -> a linked spec -> a typed graph -> Python -> a module.

Each stage is verified before the next begins: one that finds errors raises SpecError
with all of them. `netspec build --stage NAME` prints any stage's text.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec import limits as limits_
from netspec.diagnostics import Findings, told_with
from netspec.elaborate import elaborate
from netspec.limits import Limits
from netspec.link import Spec, load
from netspec.network import Network
from netspec.passes import check

if TYPE_CHECKING:
    from torch import nn

STAGES = {
    "source": Network.source_text,
    "graph": Network.graph_text,
    "shapes": Network.shapes_text,
    "python": Network.to_source,
}


def network_of(
    spec: Spec,
    params: Mapping[str, Any],
    sizes: Mapping[str, int] | None = None,
    limits: Limits = limits_.DEFAULT,
    allow_python: Sequence[str] = (),
) -> Network:
    """A linked spec, compiled; `params` may have any names.

    The values are Python's, or the trees of `elaborate.text_tree`. Raises SpecError.
    """
    with told_with(spec.findings):
        elaborated, reports = elaborate(spec, params, sizes, limits)
        checked, warnings = check(elaborated, spec, reports, limits)
    Findings(spec.findings).stop()
    return Network(spec, checked, warnings, allow_python)


def compile(
    spec: str | Path | Spec,
    /,
    *,
    root: str | Path | None = None,
    sizes: Mapping[str, int] | None = None,
    limits: Limits = limits_.DEFAULT,
    allow_python: Sequence[str] = (),
    **params: Any,
) -> Network:
    """Compile a spec to a typed network, without importing torch.

    Args:
        spec: the path of a spec, `-` for standard input, or a loaded `Spec`.
        root: the folder that imports must stay inside; by default the working directory
            if the spec is in it, else the spec's own folder.
        sizes: example sizes of symbols, `{"H": 192}`, over those of the spec.
        limits: what is accepted, see `netspec.limits`.
        allow_python: the modules whose classes `python:` types may run, once a module
            is made.
        params: values for the spec's params; one that is called as an argument above
            keeps its default.

    Raises:
        SpecError: with all findings of the stage that failed.
    """
    linked = spec if isinstance(spec, Spec) else load(spec, root=root, limits=limits)
    return network_of(linked, params, sizes, limits, allow_python)


def build(
    spec: str | Path | Spec,
    /,
    *,
    root: str | Path | None = None,
    limits: Limits = limits_.DEFAULT,
    allow_python: Sequence[str] = (),
    weights: str | Path | None = None,
    allow_head_mismatch: Sequence[str] = (),
    **params: Any,
) -> "nn.Module":
    """Compile a spec to an `nn.Module`, initialised as the spec says.

    Args:
        spec: the path of a spec, `-` for standard input, or a loaded `Spec`.
        root: as for `compile`.
        limits: as for `compile`.
        allow_python: as for `compile`.
        weights: a .safetensors file, a .pth of tensors, or published weights,
            `torchvision:ResNet50_Weights.IMAGENET1K_V2`, to load strictly.
        allow_head_mismatch: paths of nodes whose weights may be of another shape; they
            stay as initialised.
        params: values for the spec's params; one that is called as an argument above
            keeps its default.

    Raises:
        SpecError: with all findings of the stage that failed.
        WeightsError: if the weights cannot be had, or do not fit.
    """
    linked = spec if isinstance(spec, Spec) else load(spec, root=root, limits=limits)
    network = network_of(linked, params, None, limits, allow_python)
    if weights is None:
        return network.to_module()
    from netspec.pretrained import find_weights
    from netspec.weights import fit

    found = find_weights(weights, network, params)
    if found.params:
        settings = {**params, **found.params}
        network = network_of(linked, settings, None, limits, allow_python)
    module = network.to_module()
    fit(module, found.tensors, found.name, allow_head_mismatch)
    return module
