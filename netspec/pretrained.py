"""Weights that torchvision publishes: found, downloaded, checked and renamed by it.

Torchvision's own builder loads them into its own network; what that network then holds
is what a spec gets. An argument that the builder changes for the sake of the weights
(`transform_input` of Inception-v3) becomes the spec's param of that name.
"""

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError

import torch
from torch import Tensor, nn

from netspec.errors.weights import UnknownWeights, WeightsNeedParam, WeightsNotHere
from netspec.network import Network
from netspec.spelling import did_you_mean
from netspec.weights import read_weights

SCHEME = "torchvision:"
Builder = Callable[..., nn.Module]


class Published(NamedTuple):
    """Published weights, and the params that a spec needs to be right with them."""

    name: str
    tensors: Mapping[str, Tensor]
    params: Mapping[str, Any]


def find_weights(
    where: str | Path, network: Network, given: Iterable[str]
) -> Published:
    """The weights of a file, or those that torchvision publishes.

    Args:
        where: a .safetensors or .pth file, or a name with the scheme `torchvision:`.
        network: the network that they are for.
        given: the names of the params that the user set.

    Raises:
        WeightsError: if they cannot be had.
    """
    if not str(where).startswith(SCHEME):
        return Published(str(where), read_weights(where), {})
    values = {name: network.elaborated.values[name] for name in given}
    return published(str(where), network.spec.document.params, values)


def published(
    text: str, known: Mapping[str, object], given: Mapping[str, Any]
) -> Published:
    """The weights that `torchvision:ResNet50_Weights.IMAGENET1K_V2` names.

    Args:
        text: the weights' name, with the scheme.
        known: the names of the spec's params.
        given: the params that the user set; torchvision must agree with them.

    Raises:
        WeightsError: if there are none, they cannot be had, or they need what the spec
            has no param for.
    """
    name = text.removeprefix(SCHEME)
    weights = _entry(name)
    builder = _builder(weights)
    plain = _attributes(_plain(builder))
    tuned = _load(builder, weights, {})
    changed = _changed(plain, _attributes(tuned))
    wanted = {key: given[key] for key in changed if key in given}
    other = {key: value for key, value in wanted.items() if value != changed[key]}
    if other:
        tuned = _otherwise(builder, weights, other, tuned)
        changed = _changed(plain, _attributes(tuned))
    missing = [key for key in changed if key not in known]
    if missing:
        param = f"{missing[0]}: {changed[missing[0]]}"
        reason = f"it needs `{param}`, and the spec has no such param"
        advice = f"declare `{missing[0]}` in the spec's params, and use it"
        raise WeightsNeedParam(name=name, reason=reason, advice=advice)
    params = {key: value for key, value in changed.items() if key not in given}
    return Published(name, tuned.state_dict(), params)


def _entry(name: str) -> Any:
    from torchvision import models

    enum, _, member = name.partition(".")
    known = {w.__name__: w for w in map(models.get_model_weights, models.list_models())}
    if enum not in known:
        raise _unknown(name, f"there is no `{enum}`", enum, known)
    members = known[enum].__members__
    if member not in members:
        raise _unknown(name, f"`{enum}` has no `{member}`", member, members)
    return members[member]


def _unknown(
    name: str, reason: str, part: str, known: Mapping[str, object]
) -> UnknownWeights:
    some = f"there are {', '.join(known)}" if len(known) < 10 else "see its model list"
    advice = did_you_mean(part, known, some)
    return UnknownWeights(name=name, reason=reason, advice=advice)


def _builder(weights: Any) -> Builder:
    from torchvision import models

    name = next(
        name
        for name in models.list_models()
        if models.get_model_weights(name) is type(weights)
    )
    builder: Builder = models.get_model_builder(name)
    return builder


def _plain(builder: Builder) -> nn.Module:
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return builder(weights=None)


def _load(builder: Builder, weights: Any, options: Mapping[str, Any]) -> nn.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return builder(weights=weights, progress=False, **options)
    except (URLError, OSError) as error:
        reason = f"it is not on this machine and cannot be downloaded ({error})"
        raise _not_here(weights, reason) from None
    except (ValueError, RuntimeError) as error:
        raise _not_here(weights, " ".join(str(error).split())[:200]) from None


def _otherwise(
    builder: Builder, weights: Any, other: Mapping[str, Any], tuned: nn.Module
) -> nn.Module:
    """The weights with the user's word on an argument: which parts there are.

    Refused is one that leaves every tensor as it is: the numbers would be wrong.
    """
    found = _load(builder, weights, other)
    if found.state_dict().keys() == tuned.state_dict().keys():
        listed = ", ".join(f"{key}={value}" for key, value in other.items())
        reason = f"it was not trained with {listed}"
        advice = f"leave out {', '.join(f'`{key}`' for key in other)}"
        raise WeightsNeedParam(name=weights, reason=reason, advice=advice)
    return found


def _not_here(weights: Any, reason: str) -> WeightsNotHere:
    file = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
    return WeightsNotHere(name=weights, reason=reason, url=weights.url, file=file)


def _attributes(module: nn.Module) -> dict[str, Any]:
    """The plain values that a network's constructor was given."""
    arguments = inspect.signature(type(module).__init__).parameters
    return {
        name: value
        for name, value in vars(module).items()
        if name in arguments and isinstance(value, bool | int | float | str)
    }


def _changed(plain: Mapping[str, Any], tuned: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tuned.items() if plain.get(name) != value}
