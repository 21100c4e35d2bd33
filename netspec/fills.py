"""Fills: the functions of torch.nn.init that a spec may call, as one kind of value."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from netspec.kinds import Choice, Kind, KindError, Number

_FAN = Choice("fan_in", "fan_out")
_NONLINEARITY = Choice(
    "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu",
)  # fmt: skip
_VALUE = Number(-1e37, 1e37)  # what float32 holds, a difference or a gain included
_SPREAD = Number(0, 1e37)


class Function(NamedTuple):
    """A function that fills a tensor in place: its arguments, the ranks it takes."""

    arguments: Mapping[str, Kind] = {}
    least: int = 0
    most: int | None = None
    between: tuple[float, float] | None = None  # what `a` and `b` are if not given

    @property
    def ranks(self) -> str:
        """The ranks in words: `2 or more dimensions`."""
        if self.most is None:
            return f"{self.least} or more dimensions"
        return f"{' or '.join(map(str, range(self.least, self.most + 1)))} dimensions"


_KAIMING = Function({"a": _VALUE, "mode": _FAN, "nonlinearity": _NONLINEARITY}, 2)
_NORMAL = {"mean": _VALUE, "std": Number(maximum=1e37, above=0)}
_RANGE = {"a": _VALUE, "b": _VALUE}

FUNCTIONS: dict[str, Function] = {
    "zeros_": Function(),
    "ones_": Function(),
    "constant_": Function({"val": _VALUE}),
    "uniform_": Function(_RANGE, between=(0, 1)),
    "normal_": Function({"mean": _VALUE, "std": _SPREAD}),
    "trunc_normal_": Function({**_NORMAL, **_RANGE}, between=(-2, 2)),
    "eye_": Function(least=2, most=2),
    "dirac_": Function(least=3, most=5),
    "xavier_uniform_": Function({"gain": _SPREAD}, 2),
    "xavier_normal_": Function({"gain": _SPREAD}, 2),
    "kaiming_uniform_": _KAIMING,
    "kaiming_normal_": _KAIMING,
    "orthogonal_": Function({"gain": _VALUE}, 2),
}


class Fill(NamedTuple):
    """A call that fills a tensor: `nn.init.<function>(tensor, **arguments)`."""

    function: str
    arguments: tuple[tuple[str, Any], ...] = ()

    def misfit(self, rank: int) -> str | None:
        """Why it cannot fill a tensor of so many dimensions; None if it can."""
        known = FUNCTIONS[self.function]
        if known.least <= rank and (known.most is None or rank <= known.most):
            return None
        return f"`{self.function}` fills a tensor of {known.ranks}, and this has {rank}"


class InitRule(NamedTuple):
    """Fills named parameters of all modules of a type, or of those a path matches."""

    type: str | None
    path: str | None
    fills: tuple[tuple[str, Fill], ...]


class FillKind(Kind):
    """A number, a function's name, or one function with its arguments."""

    reads = "reference"
    description = "a number or a function of torch.nn.init"

    def accept(self, value: Any) -> Fill:
        if isinstance(value, str):
            return self._function(value, {})
        if isinstance(value, Mapping) and len(value) == 1:
            ((name, arguments),) = value.items()
            if name in FUNCTIONS and not isinstance(arguments, Mapping):
                reason = f"the arguments of `{name}` are a mapping"
                raise KindError(reason, path=(name,))
            return self._function(name, arguments)
        if type(value) not in (int, float):
            raise self.refuse(value)
        if value in (0, 1):
            return Fill("ones_" if value else "zeros_")
        return Fill("constant_", (("val", _VALUE.accept(value)),))

    def _function(self, name: str, given: Mapping[str, Any]) -> Fill:
        known = FUNCTIONS.get(name)
        if known is None:
            reason = f"torch.nn.init has no `{name[:40]}`"
            raise KindError(reason, tuple(FUNCTIONS), (name,), at_key=True)
        arguments = {
            key: _argument(name, key, value, known.arguments)
            for key, value in given.items()
        }
        if name == "constant_" and not arguments:
            raise KindError("`constant_` needs `val`")
        if known.between is not None:
            low, high = (
                arguments.get(k, v) for k, v in zip("ab", known.between, strict=True)
            )
            if low > high:
                raise KindError(
                    f"`{name}` goes from {low:g} to {high:g}: `a` is above `b`"
                )
        return Fill(name, tuple(arguments.items()))

    def schema(self) -> dict[str, Any]:
        calls = {
            name: {
                "type": "object",
                "properties": {k: v.schema() for k, v in function.arguments.items()},
                "additionalProperties": False,
            }
            for name, function in FUNCTIONS.items()
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


def _argument(name: str, key: str, value: Any, known: Mapping[str, Kind]) -> Any:
    if key not in known:
        reason = f"`{name}` has no argument `{key[:40]}`"
        raise KindError(reason, tuple(known), (name, key), at_key=True)
    try:
        return known[key].accept(value)
    except KindError as error:
        reason = f"`{key}` of `{name}`: {error}"
        raise KindError(reason, error.words, (name, key)) from None
