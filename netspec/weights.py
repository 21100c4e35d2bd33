"""Weights from files: read without running code, loaded strictly, misfits explained."""

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from netspec.diagnostics import did_you_mean, suggest
from netspec.emit.places import finder

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")


class WeightsError(Exception):
    """Weights that cannot be read or do not fit; the message says what to do."""


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file, or of a .pth read with `weights_only`.

    Raises WeightsError.
    """
    if Path(path).exists() and not Path(path).is_file():  # a pipe would wait for ever
        raise WeightsError(f"cannot read {path}: it is not a regular file")
    try:
        if Path(path).suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        advice = did_you_mean(str(path), _beside(Path(path)))
        said = f"cannot read {path}: {error.strerror or error}"
        raise WeightsError(f"{said}; {advice}" if advice else said) from None
    except Exception:  # whatever the readers say of what they cannot read
        raise WeightsError(f"{path} holds no weights: {_unreadable(path)}") from None
    return _tensors(loaded, path)


def _beside(path: Path) -> list[str]:
    """The other files of weights in its folder."""
    found = path.parent.glob("*") if path.parent.is_dir() else ()
    return [str(f) for f in islice(found, 1000) if f.suffix in SUFFIXES]


def _unreadable(path: str | Path) -> str:
    if zipfile.is_zipfile(path):
        return "it pickles more than tensors; save `model.state_dict()` instead"
    return "it is neither safetensors nor a file of torch.save"


def _tensors(loaded: Any, path: str | Path) -> dict[str, Tensor]:
    for wrapper in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
    if not isinstance(loaded, Mapping) or not all(
        isinstance(v, Tensor) for v in loaded.values()
    ):
        raise WeightsError(f"{path} holds no state_dict: a mapping of names to tensors")
    return {_key(str(name)): tensor for name, tensor in loaded.items()}


# Layers of published DenseNets were once called `norm.1`, which no attribute can be;
# torchvision renames them as it loads (torchvision/models/densenet.py).
_OLD = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")


def _key(name: str) -> str:
    """A key as the network has it: not as DataParallel or an old release wrote it."""
    return _OLD.sub(r"\1\2", name.removeprefix("module."))


def load_weights(module: nn.Module, path: str | Path) -> None:
    """Load weights strictly. Raises WeightsError with a report of what did not fit."""
    fit(module, read_weights(path), str(path))


def fit(
    module: nn.Module,
    weights: Mapping[str, Tensor],
    name: str,
    heads: Sequence[str] = (),
) -> list[str]:
    """Load weights, but for what does not fit under the nodes that `heads` names.

    Returns the keys that were left as they were. Raises WeightsError.
    """
    own = module.state_dict()
    for head in heads:
        if not any(key.startswith(f"{head}.") for key in own):
            paths = [path for path, _ in module.named_modules() if path]
            close = did_you_mean(head, paths, "a node is named by its path")
            raise WeightsError(f"there is no node `{head}` with weights; {close}")
    left = [key for key in own if _is_left(key, own, weights, heads)]
    unknown = [key for key in weights if key not in own and _within(key, heads)]
    kept = {k: v for k, v in weights.items() if k not in unknown and k not in left}
    report = misfits(module, kept | {key: own[key] for key in left})
    if report:
        raise WeightsError(f"{name} does not fit:\n" + "\n".join(report))
    module.load_state_dict(kept, strict=False)  # every other key was found above
    return left


def _within(key: str, heads: Sequence[str]) -> bool:
    return any(key.startswith(f"{head}.") for head in heads)


def _is_left(
    key: str,
    own: Mapping[str, Tensor],
    weights: Mapping[str, Tensor],
    heads: Sequence[str],
) -> bool:
    same = key in weights and weights[key].shape == own[key].shape
    return not same and _within(key, heads)


def misfits(
    module: nn.Module, weights: Mapping[str, Tensor], shown: int = 10
) -> list[str]:
    """What keeps weights from being loaded: missing, unexpected and misshapen keys."""
    own = module.state_dict()
    missing = [key for key in own if key not in weights]
    unexpected = [key for key in weights if key not in own]
    place = finder(module)

    def sizes(key: str) -> str:
        there, here = list(weights[key].shape), list(own[key].shape)
        return f"{place(key)}: {there} in the file, {here} in the network"

    lines = _listed("missing from the file", missing, place, shown)
    close = {key: suggest(key, missing) for key in unexpected[:shown]}
    guess = lambda key: f" (is it `{close[key]}`?)" if close[key] else ""  # noqa: E731
    lines += _listed("unknown to the network", unexpected, guess, shown)
    other = [k for k in own if k in weights and own[k].shape != weights[k].shape]
    return lines + _listed("of other shapes", other, sizes, shown)


def _listed(
    what: str, keys: list[str], note: Callable[[str], str], shown: int
) -> list[str]:
    if not keys:
        return []
    lines = [f"  {len(keys)} {what}:"]
    lines += [f"    {key}{note(key)}" for key in keys[:shown]]
    return lines + (
        [f"    … and {len(keys) - shown} more"] if len(keys) > shown else []
    )
