"""Errors that are one message each: of the world, or of a field of a recipe."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from netspec.diagnostics import Label, Message
from netspec.rendering import render


class CodedError(Message, Exception):
    """An error with a code; its text is what a person reads.

    `field` is the recipe's field that is to blame, as `--set` names it, by its value or
    its name; who knows the recipe sets the `span` by it. Among `fields` may be a `span`
    in another file, a `note` to stand beside it, and `places`, further ones to show.
    """

    field: str = ""
    blames_name: ClassVar[bool] = False

    def __init__(self, **fields: Any) -> None:
        super().__init__()
        self.fields = fields
        self.field = fields.get("field", self.field)
        self.span = fields.get("span")

    @property
    def title(self) -> str:
        return " ".join(super().title.splitlines())

    @property
    def values(self) -> Mapping[str, Any]:
        return self.fields

    @property
    def note(self) -> str:
        return str(self.fields.get("note", ""))

    def others(self) -> Iterable[Label]:
        places: tuple[Label, ...] = self.fields.get("places", ())
        return places

    def __str__(self) -> str:
        return render([self])

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.fields), {"span": self.span}


def _again(kind: type[CodedError], fields: Mapping[str, Any]) -> CodedError:
    return kind(**fields)
