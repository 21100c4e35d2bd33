"""Weights from files: read without running code, loaded strictly, misfits explained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from netspec.diagnostics import suggest


class WeightsError(Exception):
    """Weights that cannot be read or do not fit; the message says what to do."""


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file, or of a .pth read with `weights_only`.

    Raises WeightsError.
    """
    try:
        if Path(path).suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}") from None
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise WeightsError(
            f"{path} holds no weights that can be read safely: {reason}"
        ) from None
    return _tensors(loaded, path)


def _tensors(loaded: Any, path: str | Path) -> dict[str, Tensor]:
    for wrapper in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
    if not isinstance(loaded, Mapping) or not all(
        isinstance(v, Tensor) for v in loaded.values()
    ):
        raise WeightsError(f"{path} holds no state_dict: a mapping of names to tensors")
    return {
        str(name).removeprefix("module."): tensor for name, tensor in loaded.items()
    }


def load_weights(module: nn.Module, path: str | Path) -> None:
    """Load weights strictly. Raises WeightsError with a report of what did not fit."""
    weights = read_weights(path)
    report = misfits(module, weights)
    if report:
        raise WeightsError(f"{path} does not fit:\n" + "\n".join(report))
    module.load_state_dict(weights)


def misfits(
    module: nn.Module, weights: Mapping[str, Tensor], shown: int = 10
) -> list[str]:
    """What keeps weights from being loaded: missing, unexpected and misshapen keys."""
    own = module.state_dict()
    missing = [key for key in own if key not in weights]
    unexpected = [key for key in weights if key not in own]
    lines = _listed("missing from the file", missing, {}, shown)
    guesses = {key: suggest(key, missing) for key in unexpected[:shown]}
    lines += _listed("unknown to the network", unexpected, guesses, shown)
    for key in own.keys() & weights.keys():
        if own[key].shape != weights[key].shape:
            sizes = f"{list(weights[key].shape)} in the file, {list(own[key].shape)} in the network"
            lines.append(f"  {key}: {sizes}")
    return lines


def _listed(
    what: str, keys: list[str], guesses: Mapping[str, str | None], shown: int
) -> list[str]:
    if not keys:
        return []
    lines = [f"  {len(keys)} {what}:"]
    for key in keys[:shown]:
        close = guesses.get(key)
        lines.append(f"    {key}" + (f" (is it `{close}`?)" if close else ""))
    return lines + (
        [f"    … and {len(keys) - shown} more"] if len(keys) > shown else []
    )
