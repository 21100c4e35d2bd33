"""Weights from files: read without running code, loaded strictly, misfits explained."""

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from netspec.emit.places import finder
from netspec.errors.weights import UnknownHead, WeightsDoNotFit, WeightsUnreadable
from netspec.spelling import did_you_mean, suggest

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
FORMS = "give a .safetensors file, or a .pth of tensors"
OPTION = (
    "`--allow-head-mismatch {head}`, or allow_head_mismatch=['{head}'], starts "
    "`{head}` afresh"
)

STATE = "save `model.state_dict()` instead"


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file, or of a .pth read with `weights_only`.

    Raises WeightsUnreadable.
    """
    if Path(path).exists() and not Path(path).is_file():  # a pipe would wait for ever
        raise _refused(path, "it is not a regular file", FORMS)
    try:
        if Path(path).suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        advice = did_you_mean(str(path), _beside(Path(path)), FORMS)
        reason = error.strerror or str(error).removesuffix(f": {path}")
        raise _refused(path, reason, advice) from None
    except Exception:  # whatever the readers say of what they cannot read
        if zipfile.is_zipfile(path):
            raise _refused(path, "it pickles more than tensors", STATE) from None
        reason = "it is neither safetensors nor a file of torch.save"
        raise _refused(path, reason, FORMS) from None
    return _tensors(loaded, path)


def _refused(path: str | Path, reason: str, advice: str | None) -> WeightsUnreadable:
    return WeightsUnreadable(path=path, reason=reason, advice=advice)


def _beside(path: Path) -> list[str]:
    """The other files of weights in its folder."""
    found = path.parent.glob("*") if path.parent.is_dir() else ()
    return [str(f) for f in islice(found, 1000) if f.suffix in SUFFIXES]


def _tensors(loaded: Any, path: str | Path) -> dict[str, Tensor]:
    for wrapper in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
    if not isinstance(loaded, Mapping) or not all(
        isinstance(v, Tensor) for v in loaded.values()
    ):
        raise _refused(path, "it holds no mapping of names to tensors", STATE)
    return {_key(str(name)): tensor for name, tensor in loaded.items()}


# Layers of published DenseNets were once called `norm.1`, which no attribute can be;
# torchvision renames them as it loads (torchvision/models/densenet.py).
_OLD = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")


def _key(name: str) -> str:
    """A key as the network has it: not as DataParallel or an old release wrote it."""
    return _OLD.sub(r"\1\2", name.removeprefix("module."))


def fit(
    module: nn.Module,
    weights: Mapping[str, Tensor],
    name: str,
    heads: Sequence[str] | None = None,
) -> list[str]:
    """Load weights, but for what does not fit under the nodes that `heads` names.

    They are None where there is no option to name any. Returns the keys that were left
    as they were. Raises WeightsError.
    """
    own = module.state_dict()
    way, heads = "" if heads is None else OPTION, heads or ()
    for head in heads:
        if not any(key.startswith(f"{head}.") for key in own):
            paths = [path for path, _ in module.named_modules() if path]
            advice = did_you_mean(head, paths, "a node is named by its path")
            raise UnknownHead(head=head, advice=advice)
    left = [key for key in own if _is_left(key, own, weights, heads)]
    unknown = [key for key in weights if key not in own and _within(key, heads)]
    kept = {k: v for k, v in weights.items() if k not in unknown and k not in left}
    need_fit(module, name, kept | {key: own[key] for key in left}, way)
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


def need_fit(
    module: nn.Module,
    name: str,
    weights: Mapping[str, Tensor],
    way: str = "",
    otherwise: str | None = None,
) -> None:
    """Raises WeightsDoNotFit, with a report, unless all of the weights fit.

    `way` is how one says that a node, `{head}`, is to be left as initialised; where it
    is not one node that does not fit, the advice is what to do `otherwise`.
    """
    report = misfits(module, weights)
    if report:
        head = _head(module.state_dict(), weights)
        advice = way.format(head=head) if way and head else otherwise
        lines = "\n".join(report)
        raise WeightsDoNotFit(path=name, report=lines, advice=advice)


def _head(own: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> str:
    """The one node that holds all that does not fit; empty if there is none."""
    same = {k for k in own if k in weights and own[k].shape == weights[k].shape}
    odd = [key.split(".")[:-1] for key in {*own, *weights} - same]
    levels = (set(names) for names in zip(*odd, strict=False))
    shared = takewhile(lambda names: len(names) == 1, levels)
    return ".".join(names.pop() for names in shared)


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
    lines = [f"{len(keys)} {what}:"]
    lines += [f"  {key}{note(key)}" for key in keys[:shown]]
    return lines + ([f"  … and {len(keys) - shown} more"] if len(keys) > shown else [])
