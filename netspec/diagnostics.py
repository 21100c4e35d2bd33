"""Findings: where in a file, what was found there, and how it is shown."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from netspec.record import Record

ERRORS_KEPT = 100  # a stage gives up here: what follows costs time and helps no one
SILENCER = "# netspec: ignore "
_SHIPPED = os.path.join(os.path.dirname(__file__), "blocks", "")


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    return text.split("\n")


class Source(NamedTuple):
    """A file's name as the user wrote it, and its text."""

    name: str
    text: str

    @property
    def is_shipped(self) -> bool:
        """Whether it is one of the files of blocks that come with netspec."""
        return self.name.startswith(_SHIPPED)

    @property
    def shown(self) -> str:
        """The name that people read: that of an import for what is shipped."""
        if not self.is_shipped:
            return self.name
        return f"netspec:{self.name[len(_SHIPPED) :].removesuffix('.yaml')}"

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty where there is none."""
        lines = _lines(self.text)
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


class Span(NamedTuple):
    """A stretch of a source; lines and columns count from 1, the end is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.shown}:{self.line}:{self.column}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> tuple[str, int, int, int, int]:
        """The place as plain values, in file order."""
        return (self.source.name, *self[1:])

    @property
    def head(self) -> "Span":
        """The span if it lies on one line, else its first character."""
        if self.end_line == self.line:
            return self
        return self._replace(end_line=self.line, end_column=self.column + 1)

    def part(self, start: int, end: int) -> "Span":
        """The characters `start` to `end` of this span, if it lies on one line.

        The text of an alias stands at its anchor, so there the whole is meant.
        """
        is_alias = self.source.line(self.line)[self.column - 1 : self.column] == "*"
        if is_alias or self.line != self.end_line:
            return self
        return self._replace(
            column=self.column + start, end_column=self.column + max(end, start + 1)
        )


class Use(NamedTuple):
    """A step of the way to a finding: the node whose block holds it."""

    name: str
    span: Span

    def __str__(self) -> str:
        return f"{self.name} ({self.place})"

    @property
    def place(self) -> str:
        """The file and the line of the node."""
        return f"{self.span.source.shown}:{self.span.line}"


class Label(NamedTuple):
    """A second place a finding points at."""

    span: Span
    text: str


class Message:
    """What netspec says: its class attributes are templates over its `values`.

    A `help` whose values are None is left out. `details` are lines of their own.
    """

    code: ClassVar[str]
    severity: ClassVar[str] = "error"
    message: ClassVar[str]
    label: ClassVar[str] = ""
    details: ClassVar[str] = ""
    help: ClassVar[str] = ""

    span: Span | None = None
    trail: tuple[Use, ...] = ()

    @property
    def values(self) -> Mapping[str, Any]:
        """What fills the templates."""
        return self.__dict__

    def others(self) -> Iterable[Label]:
        """The further places that are in its own fields."""
        return ()

    def marks(self) -> Iterator[Label]:
        """All places that it shows beside its own."""
        yield from self.others()

    def _fill(self, template: str) -> str:
        return template.format_map(self.values) if "{" in template else template

    @property
    def title(self) -> str:
        """What was found, in one line."""
        return self._fill(self.message)

    @property
    def note(self) -> str:
        """What stands beside the caret."""
        return self._fill(self.label)

    @property
    def lines(self) -> list[str]:
        """What there is to be told in lines of its own."""
        return self._fill(self.details).split("\n") if self.details else []

    @property
    def advice(self) -> str | None:
        """What to do about it, where that is known."""
        values = self.values.items()
        missing = [k for k, v in values if v is None and "{" + k in self.help]
        return (self._fill(self.help) or None) if not missing else None


class Finding(Message, Record):
    """One thing netspec has to say about a source."""

    span: Span
    trail: tuple[Use, ...] = ()
    causes: tuple[Label, ...] = ()  # where values were set that led to it

    def marks(self) -> Iterator[Label]:
        """Also the causes, and the use of a shipped block that this is within."""
        yield from self.others()
        yield from self.causes
        call = self.call
        if call is not None:
            yield Label(call.span, f"in this use of {self.span.source.shown}")

    @property
    def call(self) -> Use | None:
        """The last step of the trail outside of what is shipped, if this is within."""
        outside = [use for use in self.trail if not use.span.source.is_shipped]
        return outside[-1] if outside and self.span.source.is_shipped else None

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}[{self.code}]: {self.title}"

    @property
    def is_silenced(self) -> bool:
        """Whether a warning's own line says `# netspec: ignore NS0603`."""
        if self.severity != "warning":
            return False
        _, sign, codes = self.span.source.line(self.span.line).partition(SILENCER)
        return bool(sign) and self.code in re.split(r"[\s,]+", codes)

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data: the form `--json` prints."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.title,
            **_place(self.span),
            "label": self.note,
            "help": self.advice,
            "others": [{**_place(o.span), "label": o.text} for o in self.marks()],
            "trail": [{"name": u.name, **_place(u.span)} for u in self.trail],
        }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


class SpecError(Exception):
    """A spec (or recipe) that cannot be used; `findings` says why, as data."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = tuple(sorted(findings, key=_file_order))
        from netspec.rendering import render

        super().__init__(render(self.findings))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.findings


def _file_order(finding: Finding) -> tuple[Any, ...]:
    return finding.span.key


class Findings(list[Finding]):
    """What a stage has found so far; it ends the stage when that is enough."""

    def add(self, kind: type[Finding], span: Span, **fields: Any) -> None:
        """Add a finding. Raises SpecError with all of them at `ERRORS_KEPT`."""
        self.append(kind(span=span, **fields))
        if len(self) >= ERRORS_KEPT:
            self.stop()

    def stop(self) -> None:
        """End the stage here if anything was found. Raises SpecError."""
        if self:
            raise SpecError(*self)


@contextmanager
def told_with(others: Sequence[Finding]) -> Iterator[None]:
    """Tell these together with what is wrong. Raises SpecError only if something is."""
    try:
        yield
    except SpecError as error:
        new = [finding for finding in others if finding not in error.findings]
        raise SpecError(*error.findings, *new) from None
