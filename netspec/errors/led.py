"""Findings that are far from the mistake that leads to them."""

from collections.abc import Iterable
from typing import Self

from netspec.diagnostics import Finding, Label, Span

PLACES = 8  # that one finding shows


class Led(Finding):
    """A finding that one mistake elsewhere may lead to more than once."""

    given: tuple[Label, ...] = ()  # where the values at fault are given

    def others(self) -> Iterable[Label]:
        return self.given

    @property
    def same(self) -> object:
        """What is equal for findings of one mistake; None for one of its own."""
        places = tuple(label.span for label in self.given)
        return (self.title, places) if places else None

    def also(self, span: Span) -> Self:
        """The same, led to at a further place."""
        known = [label.span for label in self.given]
        if len(known) >= PLACES or span in known:
            return self
        return self.changed(given=(*self.given, Label(span, "and here")))


class Unknown(Led):
    """A name that stands for nothing, which is one mistake wherever a file has it."""

    help = "{advice_text}"
    name: str
    advice_text: str | None = None

    @property
    def same(self) -> object:
        return self.name, self.advice_text, self.span.source.name
