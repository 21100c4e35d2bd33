"""The kinds of value a declared field takes: what is accepted, and how it is described.

One declaration gives the check, the JSON Schema and the documentation. A field is
annotated with one of the aliases at the end: `kernel_size: Pair = 3`.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from netspec.dimensions import Dimension
from netspec.expressions import show


class KindError(Exception):
    """Why a value is not of a kind: `expected a positive integer, found 'x'`.

    `words` are those it may have been meant to be; `path` leads to what is wrong within
    a mapping, to the last key itself if `at_key`.
    """

    def __init__(
        self,
        reason: str,
        words: tuple[str, ...] = (),
        path: tuple[str, ...] = (),
        *,
        at_key: bool = False,
    ) -> None:
        super().__init__(reason)
        self.words = words
        self.path = path
        self.at_key = at_key


class Kind:
    """A kind of value. `reads` says when a string given for it is an expression."""

    reads: ClassVar[str] = "always"  # or "reference" (holds a `$name`), or "never"
    description: str
    words: tuple[str, ...] = ()  # those that are read as they are

    def accept(self, value: Any) -> Any:
        """The value in its settled form. Raises KindError."""
        raise NotImplementedError(f"{type(self).__name__} accepts nothing")

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what may be written."""
        raise NotImplementedError(f"{type(self).__name__} has no schema")

    def refuse(self, value: Any) -> KindError:
        """The error that says what was expected, and what was found."""
        reason = f"expected {self.description}, found {show(value)}"
        return KindError(reason, self.words)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), self.description))

    def __repr__(self) -> str:
        return f"<{self.description}>"


EXPRESSION = {
    "type": "string",
    "description": "an expression, for instance `4 * $width`",
}


class Integer(Kind):
    """An integer, between bounds if there are any."""

    def __init__(self, minimum: int | None = None, maximum: int | None = None) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.description = self._describe()

    def _describe(self) -> str:
        if self.maximum is not None:
            return f"an integer from {self.minimum} to {self.maximum}"
        named = {
            0: "an integer of at least 0",
            1: "a positive integer",
            None: "an integer",
        }
        return named.get(self.minimum, f"an integer of at least {self.minimum}")

    def accept(self, value: Any) -> int:
        if type(value) is float and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        if type(value) is not int:
            raise self.refuse(value)
        if self.minimum is not None and value < self.minimum:
            raise self.refuse(value)
        if self.maximum is not None and value > self.maximum:
            raise self.refuse(value)
        return value

    def schema(self) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "integer"}
        if self.minimum is not None:
            number["minimum"] = self.minimum
        if self.maximum is not None:
            number["maximum"] = self.maximum
        return {"anyOf": [number, EXPRESSION]}


class Number(Kind):
    """A finite number, between bounds if there are any."""

    def __init__(
        self,
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        above: float | None = None,
        below: float | None = None,
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.above = above
        self.below = below
        self.description = self._describe()

    def _describe(self) -> str:
        if self.minimum is not None and self.maximum is not None:
            return f"a number from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None and self.below is not None:
            return f"a number from {self.minimum:g} to below {self.below:g}"
        if self.above is not None:
            return f"a number above {self.above:g}"
        if self.minimum is not None:
            return f"a number of at least {self.minimum:g}"
        return "a number"

    def accept(self, value: Any) -> float:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise self.refuse(value)
        low = self.minimum is not None and value < self.minimum
        high = self.maximum is not None and value > self.maximum
        at_low = self.above is not None and value <= self.above
        at_high = self.below is not None and value >= self.below
        if low or high or at_low or at_high:
            raise self.refuse(value)
        return float(value)

    def schema(self) -> dict[str, Any]:
        bounds = {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "exclusiveMinimum": self.above,
            "exclusiveMaximum": self.below,
        }
        given = {key: bound for key, bound in bounds.items() if bound is not None}
        return {"anyOf": [{"type": "number", **given}, EXPRESSION]}


class Boolean(Kind):
    """True or false."""

    reads = "reference"
    description = "true or false"

    def accept(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": r"\$"}]}


class Text(Kind):
    """A text, read as it is."""

    reads = "never"
    description = "a text"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class Choice(Kind):
    """One word of a closed set."""

    reads = "reference"

    def __init__(self, *choices: str) -> None:
        self.words = choices
        self.description = "one of " + ", ".join(f"`{choice}`" for choice in choices)

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise self.refuse(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {
            "anyOf": [
                {"enum": list(self.words)},
                {"type": "string", "pattern": r"\$"},
            ]
        }


class Integers(Kind):
    """One integer for all of `count` dimensions, or one for each."""

    def __init__(self, count: int, minimum: int | None = None) -> None:
        self.count = count
        self.one = Integer(minimum)
        self.description = f"{self.one.description}, or a list of {count}"

    def accept(self, value: Any) -> int | tuple[int, ...]:
        if not isinstance(value, tuple):
            try:
                return self.one.accept(value)
            except KindError:
                raise self.refuse(value) from None
        if len(value) != self.count:
            raise self.refuse(value)
        values = tuple(self.one.accept(item) for item in value)
        return values[0] if len(set(values)) == 1 else values

    def schema(self) -> dict[str, Any]:
        item = self.one.schema()
        several = {
            "type": "array",
            "items": item,
            "minItems": self.count,
            "maxItems": self.count,
        }
        return {"anyOf": [*item["anyOf"], several]}


class ListOf(Kind):
    """A list whose items are of one kind: at least so many, or so many exactly."""

    def __init__(
        self, item: Kind, least: int = 0, *, exactly: int | None = None
    ) -> None:
        self.item = item
        self.words = item.words
        self.least = least if exactly is None else exactly
        self.most = exactly
        listed = "a list" if exactly is None else f"a list of {exactly}"
        self.description = f"{listed}, each {item.description}"

    def accept(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, tuple) or len(value) < self.least:
            raise self.refuse(value)
        if self.most is not None and len(value) > self.most:
            raise self.refuse(value)
        return tuple(self.item.accept(item) for item in value)

    def schema(self) -> dict[str, Any]:
        several = {"type": "array", "items": self.item.schema(), "minItems": self.least}
        if self.most is not None:
            several["maxItems"] = self.most
        return {"anyOf": [several, {"type": "string", "pattern": r"\$"}]}


class Size(Kind):
    """A dimension: an integer, or an expression over symbols."""

    description = "a dimension"

    def accept(self, value: Any) -> Any:
        if isinstance(value, Dimension):
            return value
        return Integer().accept(value)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer"}, EXPRESSION]}


class OneOf(Kind):
    """The first of several kinds that accepts the value."""

    def __init__(self, *kinds: Kind, description: str = "") -> None:
        self.kinds = kinds
        described = ", or ".join(kind.description for kind in kinds)
        self.description = description or described
        self.words = tuple(word for kind in kinds for word in kind.words)

    def accept(self, value: Any) -> Any:
        for kind in self.kinds:
            try:
                return kind.accept(value)
            except KindError:
                continue
        raise self.refuse(value)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [kind.schema() for kind in self.kinds]}


class Whole(Kind):
    """A list or a mapping, whatever is in it."""

    reads = "reference"

    def __init__(self, python: type, json: str, description: str) -> None:
        self.python = python
        self.json = json
        self.description = description

    def accept(self, value: Any) -> Any:
        if not isinstance(value, self.python):
            raise self.refuse(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": self.json}, {"type": "string", "pattern": r"\$"}]}


class Null(Kind):
    """Nothing at all."""

    reads = "reference"
    description = "null"

    def accept(self, value: Any) -> None:
        if value is not None:
            raise self.refuse(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "null"}


def optional(kind: Kind) -> OneOf:
    """A kind, or null."""
    return OneOf(kind, Null())


PositiveInt = Annotated[int, Integer(1)]
Few = Annotated[int, Integer(1, 1024)]  # what each use makes one of
NonNegativeInt = Annotated[int, Integer(0)]
AnyInt = Annotated[int, Integer()]
Float = Annotated[float, Number()]
NonNegativeFloat = Annotated[float, Number(0)]
PositiveFloat = Annotated[float, Number(above=0)]
Probability = Annotated[float, Number(0, 1)]
Bool = Annotated[bool, Boolean()]
Str = Annotated[str, Text()]
Pair = Annotated[int | tuple[int, ...], Integers(2, 1)]

# What a param may be declared as; the types of nodes, `block`, are no values.
PARAM_KINDS: dict[str, Kind] = {
    "int": Integer(),
    "float": Number(),
    "bool": Boolean(),
    "str": Text(),
    "pair": Integers(2),
    "list": Whole(tuple, "array", "a list"),
    "row": Whole(Mapping, "object", "a row (a mapping)"),
}
