"""Nested state to JSON and named tensors, and back: nothing is ever pickled."""

import json
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor

# What JSON cannot say is a mapping with one of these keys alone.
TENSOR, TUPLE, PAIRS = "$tensor", "$tuple", "$pairs"


def pack(state: Any) -> tuple[str, dict[str, "Tensor"]]:
    """The state as JSON text in which tensors stand by the names of the second part."""
    tensors: dict[str, Tensor] = {}
    return json.dumps(_pack(state, "", tensors), indent=1), tensors


def unpack(text: str, tensors: dict[str, "Tensor"]) -> Any:
    """What `pack` was given. Raises ValueError or KeyError if the parts disagree."""
    return _unpack(json.loads(text), tensors)


def _pack(value: Any, path: str, tensors: dict[str, "Tensor"]) -> Any:
    if isinstance(value, torch.Tensor):
        name = path or "value"
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {TENSOR: name}
    if isinstance(value, dict):
        return _pack_mapping(value, path, tensors)
    if isinstance(value, list | tuple):
        items = [_pack(item, _join(path, i), tensors) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {TUPLE: items}
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise TypeError(f"cannot save a {type(value).__name__} at {path}")


def _pack_mapping(
    value: dict[Any, Any], path: str, tensors: dict[str, "Tensor"]
) -> Any:
    plain = all(isinstance(key, str) and not key.startswith("$") for key in value)
    packed = {k: _pack(v, _join(path, k), tensors) for k, v in value.items()}
    return packed if plain else {PAIRS: [[k, v] for k, v in packed.items()]}


def _join(path: str, key: Any) -> str:
    return f"{path}/{key}" if path else str(key)


def _unpack(value: Any, tensors: dict[str, "Tensor"]) -> Any:
    if isinstance(value, list):
        return [_unpack(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if TENSOR in value:
        return tensors[value[TENSOR]]
    if TUPLE in value:
        return tuple(_unpack(item, tensors) for item in value[TUPLE])
    if PAIRS in value:
        return {k: _unpack(v, tensors) for k, v in value[PAIRS]}
    return {k: _unpack(v, tensors) for k, v in value.items()}
