"""Findings: where in a file, what was found there, and how it is shown."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, ClassVar, NamedTuple

from netspec.record import Record

ERRORS_SHOWN = 20
ERRORS_KEPT = 100  # a stage gives up here: what follows costs time and helps no one
TRAIL_SHOWN = 8
OTHERS_SHOWN = 8
LONGEST = 400  # characters of a message that are shown
SILENCER = "# netspec: ignore "


class Source(NamedTuple):
    """A file's name as the user wrote it, and its text."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty where there is none."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


class Span(NamedTuple):
    """A stretch of a source; lines and columns count from 1, the end is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

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
        """The characters `start` to `end` of this span, if it lies on one line."""
        if self.line != self.end_line:
            return self
        return self._replace(
            column=self.column + start, end_column=self.column + max(end, start + 1)
        )


class Use(NamedTuple):
    """A step of the way to a finding: the node whose block holds it."""

    name: str
    span: Span

    def __str__(self) -> str:
        return f"{self.name} ({self.span.source.name}:{self.span.line})"


class Label(NamedTuple):
    """A second place a finding points at."""

    span: Span
    text: str


class Finding(Record):
    """One thing netspec has to say about a source.

    The class attributes are templates over the fields; a `help` whose fields are None
    is left out.
    """

    code: ClassVar[str]
    severity: ClassVar[str] = "error"
    message: ClassVar[str]
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""

    span: Span
    trail: tuple[Use, ...] = ()

    def others(self) -> Iterable[Label]:
        """The further places this finding shows."""
        return ()

    def _fill(self, template: str) -> str:
        return template.format_map(self.__dict__) if "{" in template else template

    @property
    def title(self) -> str:
        """What was found, in one line."""
        return self._fill(self.message)

    @property
    def note(self) -> str:
        """What stands beside the caret."""
        return self._fill(self.label)

    @property
    def advice(self) -> str | None:
        """What to do about it, where that is known."""
        missing = [k for k, v in self.items() if v is None and "{" + k in self.help]
        return self._fill(self.help) if self.help and not missing else None

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
            "others": [{**_place(o.span), "label": o.text} for o in self.others()],
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

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=_file_order))
        super().__init__(render(self.findings))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings,)


def _file_order(finding: Finding) -> tuple[Any, ...]:
    return finding.span.key


class Findings(list[Finding]):
    """What a stage has found so far; it ends the stage when that is enough."""

    def append(self, finding: Finding) -> None:
        """Add a finding. Raises SpecError with all of them at `ERRORS_KEPT`."""
        super().append(finding)
        if len(self) >= ERRORS_KEPT:
            raise SpecError(self)


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely was meant to be."""
    from difflib import get_close_matches

    known, name = list(islice(known, 10_000)), name[:64].lower()
    near = [k for k in known if abs(len(k) - len(name)) <= 2 + len(name) // 3]
    folded = {k.lower(): k for k in near[:1000]}
    close = get_close_matches(name, folded, n=1, cutoff=0.6)
    if close:
        return folded[close[0]]
    longer = [k for k in known if len(name) > 2 and k.lower().startswith(name)]
    return longer[0] if len(longer) == 1 else None


def render(findings: Sequence[Finding], *, color: bool = False) -> str:
    """The findings as a person reads them, at most `ERRORS_SHOWN`."""
    shown = [_Painter(color).finding(f) for f in findings[:ERRORS_SHOWN]]
    if len(findings) > ERRORS_SHOWN:
        more = len(findings) - ERRORS_SHOWN
        least = "at least " if len(findings) >= ERRORS_KEPT else ""
        shown.append(f"… and {least}{more} more\n")
    return "\n".join(shown)


def render_github(findings: Iterable[Finding]) -> str:
    """The findings as workflow commands, which GitHub shows beside the lines."""
    return "\n".join(map(_annotation, findings))


def _annotation(finding: Finding) -> str:
    span = finding.span
    place = {
        "file": span.source.name,
        "line": span.line,
        "col": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "title": f"{finding.code}: {finding.title}",
    }
    parts = [part for part in (finding.note, finding.advice) if part]
    text = _escape("; ".join(parts) or finding.title)
    fields = (f"{key}={_escape(str(value), ':,')}" for key, value in place.items())
    return f"::{finding.severity} {','.join(fields)}::{text}"


def _escape(text: str, more: str = "") -> str:
    return "".join(
        f"%{ord(c):02X}" if c in "%\r\n" + more else c
        for c in text
        if c.isprintable() or c in "\r\n"
    )


class _Mark(NamedTuple):
    """A place as it is drawn: its label, the sign under it, the sign's colour."""

    label: Label
    sign: str
    style: str

    @property
    def line(self) -> int:
        return self.label.span.line


class _Painter:
    """Lays out one finding; all colour comes from here."""

    COLORS: ClassVar = {
        "error": "1;31",
        "warning": "1;33",
        "frame": "1;34",
        "bold": "1",
    }

    def __init__(self, color: bool) -> None:
        self.color = color
        self.margin = ""

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{self.COLORS[style]}m{text}\x1b[0m" if self.color else text

    def finding(self, finding: Finding) -> str:
        said = list(finding.others())
        others = [other for other in said if other.span != finding.span][:OTHERS_SHOWN]
        notes = [finding.note, *(o.text for o in said if o.span == finding.span)]
        note = next(filter(None, notes), "")
        primary = _Mark(Label(finding.span, note), "^", finding.severity)
        marks = [primary, *(_Mark(other, "-", "frame") for other in others)]
        self.margin = " " * len(str(max(mark.line for mark in marks)))
        head = self.paint(f"{finding.severity}[{finding.code}]", finding.severity)
        title = _clean(finding.title)
        lines = [f"{head}{self.paint(f': {title}', 'bold')}"]
        for name in dict.fromkeys(mark.label.span.source.name for mark in marks):
            inside = [mark for mark in marks if mark.label.span.source.name == name]
            lines += self.file(inside, "-->" if inside[0] is primary else ":::")
        return "\n".join([*lines, *self.notes(finding)]) + "\n"

    def notes(self, finding: Finding) -> Iterator[str]:
        tail = [("help", finding.advice)] if finding.advice else []
        if finding.trail:
            tail.append(("in", " > ".join(_shortened(finding.trail))))
        if tail:
            yield self.paint(f"{self.margin} |", "frame")
        for word, text in tail:
            sign = self.paint(f"{self.margin} =", "frame")
            yield f"{sign} {self.paint(word + ':', 'bold')} {_clean(text)}"

    def file(self, marks: list[_Mark], arrow: str) -> Iterator[str]:
        """One file's lines in file order, what lies between them left out."""
        first = marks[0].label.span
        where = str(first) if first.source.text else first.source.name
        yield self.paint(f"{self.margin}{arrow} ", "frame") + _clean(where)
        if not first.source.text:
            return
        yield self.paint(f"{self.margin} |", "frame")
        previous = None
        in_order = sorted(marks, key=lambda m: (m.line, -m.label.span.column))
        for number, group in groupby(in_order, key=lambda mark: mark.line):
            if previous is not None and number > previous + 1:
                yield self.paint("...", "frame")
            yield from self.excerpt(number, list(group))
            previous = number

    def excerpt(self, number: int, marks: list[_Mark]) -> Iterator[str]:
        spans = [mark.label.span for mark in marks]
        line = spans[0].source.line(number)
        text, start = _window(line, min(span.column for span in spans))
        yield f"{self.paint(f'{number:>{len(self.margin)}} |', 'frame')} {text}"
        bar = self.paint(f"{self.margin} |", "frame")
        for mark in marks:
            span = mark.label.span
            column = max(span.column - start, 1)
            end = span.end_column if span.end_line == span.line else len(line) + 1
            width = min(end - start, len(text) + 1) - column
            sign = mark.sign * max(width, 1)
            caret = self.paint(f"{sign} {_clean(mark.label.text)}".rstrip(), mark.style)
            pad = "".join("\t" if c == "\t" else " " for c in text[: column - 1])
            yield f"{bar} {pad.ljust(column - 1)}{caret}"


def _shortened(trail: tuple[Use, ...]) -> list[str]:
    uses = [str(use) for use in trail]
    if len(uses) <= TRAIL_SHOWN:
        return uses
    return [*uses[:3], f"… {len(uses) - 5} more …", *uses[-2:]]


def _clean(text: str) -> str:
    """Printable characters alone: a spec cannot steer the reader's terminal."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(
        c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _window(text: str, column: int, width: int = 120) -> tuple[str, int]:
    """At most `width` characters of a line around the column, and how many are cut."""
    start = max(0, column - 1 - width // 2) if len(text) > width else 0
    return _clean(text[start : start + width]), start
