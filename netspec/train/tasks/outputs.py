"""A network's outputs by name: one tensor, or a named tuple of several."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netspec.errors.training import UnknownOutput
from netspec.spelling import did_you_mean

if TYPE_CHECKING:
    from torch import Tensor


def weighted(
    outputs: Any, weights: Mapping[str, float]
) -> list[tuple["Tensor", float]]:
    """The outputs that have a loss, each with its weight.

    Without weights only the first output has one. Raises UnknownOutput.
    """
    if not hasattr(outputs, "_fields"):
        _check(weights, ("output",))
        return [(outputs, weights.get("output", 1.0))]
    if not weights:
        return [(outputs[0], 1.0)]
    _check(weights, outputs._fields)
    return [(getattr(outputs, name), w) for name, w in weights.items() if w]


def _check(weights: Mapping[str, float], known: tuple[str, ...]) -> None:
    for name in weights:
        if name not in known:
            field = f"task.losses.{name}"
            listed = f"its outputs in training are {', '.join(known)}"
            advice = did_you_mean(name, known, listed)
            raise UnknownOutput(field=field, name=name, advice=advice)


def main_output(outputs: Any) -> "Tensor":
    """The prediction: the output, or the first of several."""
    found: Tensor = outputs[0] if hasattr(outputs, "_fields") else outputs
    return found
