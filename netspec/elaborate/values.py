"""Values that are no plain data: rows, and types given to params."""

from collections.abc import Iterator, Mapping
from typing import Any

from netspec.link import Block
from netspec.operators import Operator


class Row(Mapping[str, Any]):
    """A mapping as a value: what a `row` param or an element of a list holds."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._key = tuple(self._values.items())

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self._key == other._key

    def __repr__(self) -> str:
        return f"Row({self._values})"


class TypeValue:
    """An operator or a block as a value, where a param is of type `block`."""

    def __init__(self, target: "type[Operator] | Block") -> None:
        self.target = target

    @property
    def name(self) -> str:
        return (
            self.target.name if isinstance(self.target, Block) else self.target.__name__
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeValue) and self.target is other.target

    def __hash__(self) -> int:
        return id(self.target)

    def __repr__(self) -> str:
        return self.name
