"""Two numbers that random ones are drawn between."""

from typing import Annotated, Any

from netspec.kinds import ListOf, Number


class Ordered(ListOf):
    """Two numbers of which the first is not the larger."""

    def __init__(self, item: Number) -> None:
        super().__init__(item, exactly=2)
        self.description += ", the smaller first"

    def accept(self, value: Any) -> tuple[Any, ...]:
        low, high = super().accept(value)
        if low > high:
            raise self.refuse(value)
        return low, high


Range = Annotated[tuple[float, ...], Ordered(Number(above=0))]
Areas = Annotated[tuple[float, ...], Ordered(Number(0))]
