"""Fills: the functions of torch.nn.init that a spec may call, as one kind of value."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from netspec.diagnostics import did_you_mean
from netspec.kinds import Choice, Kind, KindError, Number

_FAN = Choice("fan_in", "fan_out")
_NONLINEARITY = Choice(
    "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu",
)  # fmt: skip
_KAIMING: dict[str, Kind] = {"a": Number(), "mode": _FAN, "nonlinearity": _NONLINEARITY}

# The functions that fill a tensor in place, with their arguments.
FUNCTIONS: dict[str, dict[str, Kind]] = {
    "zeros_": {},
    "ones_": {},
    "constant_": {"val": Number()},
    "uniform_": {"a": Number(), "b": Number()},
    "normal_": {"mean": Number(), "std": Number(0)},
    "trunc_normal_": {"mean": Number(), "std": Number(0), "a": Number(), "b": Number()},
    "eye_": {},
    "dirac_": {},
    "xavier_uniform_": {"gain": Number()},
    "xavier_normal_": {"gain": Number()},
    "kaiming_uniform_": _KAIMING,
    "kaiming_normal_": _KAIMING,
    "orthogonal_": {"gain": Number()},
}


class Fill(NamedTuple):
    """A call that fills a tensor: `nn.init.<function>(tensor, **arguments)`."""

    function: str
    arguments: tuple[tuple[str, Any], ...] = ()


class FillKind(Kind):
    """A number, a function's name, or one function with its arguments."""

    reads = "reference"
    description = "a number or a function of torch.nn.init"

    def accept(self, value: Any) -> Fill:
        if isinstance(value, str):
            return self._function(value, {})
        if isinstance(value, Mapping) and len(value) == 1:
            ((name, arguments),) = value.items()
            if not isinstance(arguments, Mapping):
                raise KindError(f"the arguments of `{name}` are a mapping")
            return self._function(name, arguments)
        if type(value) not in (int, float):
            raise self.refuse(value)
        if value in (0, 1):
            return Fill("ones_" if value else "zeros_")
        return Fill("constant_", (("val", Number().accept(value)),))

    def _function(self, name: str, given: Mapping[str, Any]) -> Fill:
        known = FUNCTIONS.get(name)
        if known is None:
            raise KindError(
                f"torch.nn.init has no `{name[:40]}`" + _hint(name, FUNCTIONS)
            )
        arguments = []
        for key, value in given.items():
            if key not in known:
                reason = f"`{name}` has no argument `{key[:40]}`"
                raise KindError(reason + _hint(key, known))
            try:
                arguments.append((key, known[key].accept(value)))
            except KindError as error:
                raise KindError(f"`{key}` of `{name}`: {error}") from None
        if name == "constant_" and not arguments:
            raise KindError("`constant_` needs `val`")
        return Fill(name, tuple(arguments))

    def schema(self) -> dict[str, Any]:
        calls = {
            name: {
                "type": "object",
                "properties": {key: kind.schema() for key, kind in arguments.items()},
                "additionalProperties": False,
            }
            for name, arguments in FUNCTIONS.items()
        }
        call = {
            "type": "object",
            "properties": calls,
            "maxProperties": 1,
            "minProperties": 1,
        }
        names = {"enum": list(FUNCTIONS)}
        expression = {"type": "string", "pattern": r"\$"}
        return {
            "anyOf": [
                {"type": "number"},
                names,
                call | {"additionalProperties": False},
                expression,
            ]
        }


def _hint(name: str, known: Mapping[str, Any]) -> str:
    return f"; {did_you_mean(name, known, 'there are ' + ', '.join(known))}"
