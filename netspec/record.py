"""Frozen keyword-only records: what `dataclass(frozen=True)` gives, without its cost.

netspec declares a few hundred of them (operators, findings), and `dataclass` compiles
source for each at import; that alone would double the time of `netspec check`.
"""

from collections.abc import Iterator
from typing import (
    Annotated,
    Any,
    ClassVar,
    Self,
    dataclass_transform,
    get_args,
    get_origin,
)

MISSING: Any = object()


class Field:
    """One declared field: its name, the kind of value it takes, its default."""

    __slots__ = ("default", "kind", "name")

    def __init__(self, name: str, kind: Any, default: Any) -> None:
        self.name = name
        self.kind = kind
        self.default = default

    @property
    def required(self) -> bool:
        return self.default is MISSING


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record:
    """A value: its annotations are its fields, equality is by content."""

    fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        fields = dict(cls.fields)
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():
            if get_origin(annotation) is ClassVar:
                continue
            annotated = get_origin(annotation) is Annotated
            kind = get_args(annotation)[1] if annotated else annotation
            fields.pop(name, None)  # one declared again takes its new place
            fields[name] = Field(name, kind, cls.__dict__.get(name, MISSING))
        cls.fields = fields

    def __init__(self, **values: Any) -> None:
        state = self.__dict__
        for field in self.fields.values():
            value = values.pop(field.name, field.default)
            if value is MISSING:
                raise TypeError(f"{type(self).__name__} needs {field.name}")
            state[field.name] = value
        if values:
            raise TypeError(f"{type(self).__name__} has no {', '.join(values)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def items(self) -> Iterator[tuple[str, Any]]:
        """The fields' names and values, in the order they were declared."""
        return ((name, self.__dict__[name]) for name in self.fields)

    def changed(self, **values: Any) -> Self:
        """The same with other values for these fields."""
        return type(self)(**{**dict(self.items()), **values})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(self) is not type(other):
            return False
        return tuple(self.items()) == tuple(other.items())

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.items())))

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.items())
        return f"{type(self).__name__}({inside})"
