"""How numbers, shapes and arguments are written in a drawing."""

import re
from collections.abc import Mapping
from typing import Any

from netspec.dimensions import Dim, substitute
from netspec.operators.base import Operator
from netspec.tensors import TensorType

QUIET = {
    "padding", "bias", "inplace", "eps", "momentum", "affine", "track_running_stats",
    "padding_mode", "ceil_mode", "count_include_pad", "start_dim", "end_dim", "init",
    "align_corners", "elementwise_affine", "approximate",
}  # fmt: skip
ANONYMOUS = {
    "out_channels", "out_features", "kernel_size", "output_size", "num_embeddings",
    "embedding_dim", "hidden_size",
}  # fmt: skip
PLACES = {"dim", "dims", "shifts", "pad", "split_size_or_sections"}  # no sizes
CEILING = re.compile(r"\((\w+) \+ (\d+)\)//(\d+)")


def shape(tensor: TensorType, sizes: Mapping[str, int]) -> str:
    """`64×56×56` at the given sizes; symbols without one stay."""
    if not tensor.shape:
        return "scalar"
    return "×".join(_dim(size, sizes) for size in tensor.shape)


def _dim(size: Dim, sizes: Mapping[str, int]) -> str:
    text = CEILING.sub(_ceiling, str(substitute(size, sizes)))
    return f"({text})" if " " in text else text


def _ceiling(match: re.Match[str]) -> str:
    symbol, extra, divisor = match.groups()
    if int(extra) == int(divisor) - 1:
        return f"⌈{symbol}/{divisor}⌉"
    return match.group()


def value(given: Any, name: str = "") -> str:
    """An argument's value as a spec would write it, but sizes as `3×3`."""
    if isinstance(given, bool) or given is None:
        return str(given).lower() if given is not None else "null"
    if isinstance(given, float):
        return f"{given:.3g}"
    if isinstance(given, tuple | list):
        inside = [value(part) for part in given]
        sizes = all(isinstance(part, int) and part >= 0 for part in given)
        plain = sizes and len(given) in (2, 3) and name not in PLACES
        return "×".join(inside) if plain else f"[{', '.join(inside)}]"
    return str(given)


def span(first: str, last: str) -> str:
    """`drop 0.1` and `drop 0.3` as `drop 0.1…0.3`."""
    if not first:
        return ""
    pairs = zip(first.split(", "), last.split(", "), strict=False)
    return ", ".join(a if a == b else f"{a}…{b.rpartition(' ')[2]}" for a, b in pairs)


def arguments(operator: Operator) -> str:
    """The arguments worth reading in a picture: `7×7, 64, stride 2`."""
    parts = []
    for name, given in operator.items():
        field = operator.fields[name]
        if name in QUIET or (not field.required and given == field.default):
            continue
        parts.append(_argument(name, given))
    return ", ".join(sorted(parts, key=lambda part: "×" not in part.split(" ")[0]))


def _argument(name: str, given: Any) -> str:
    if name in ("kernel_size", "output_size") and isinstance(given, int):
        return f"{given}×{given}"
    if name in ANONYMOUS:
        return value(given)
    return name if given is True else f"{name} {value(given, name)}"
