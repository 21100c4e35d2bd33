"""How findings look: carets under the source for people, annotations for GitHub."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import ClassVar, NamedTuple
from unicodedata import combining, east_asian_width

from netspec.diagnostics import ERRORS_KEPT, Finding, Label, Message, Use

ERRORS_SHOWN = 20
TRAIL_SHOWN = 8
OTHERS_SHOWN = 8
LONGEST = 400  # characters of a message that are shown


def render(
    findings: Sequence[Message], *, color: bool = False, option: str | None = None
) -> str:
    """The findings as a person reads them, at most `ERRORS_SHOWN`.

    `option` is the command's that shows all there are.
    """
    shown = [_Painter(color).finding(f) for f in findings[:ERRORS_SHOWN]]
    if len(findings) > ERRORS_SHOWN:
        more = len(findings) - ERRORS_SHOWN
        cut = len(findings) >= ERRORS_KEPT
        least = "at least " if cut else ""
        known = f"the first {ERRORS_KEPT}" if cut else "all"
        where = f"; {option} lists {known}" if option else ""
        shown.append(f"… and {least}{more} more{where}\n")
    return "\n".join(shown)


def render_github(findings: Iterable[Finding]) -> str:
    """The findings as workflow commands, which GitHub shows beside the lines."""
    return "\n".join(map(_annotation, findings))


def _annotation(finding: Finding) -> str:
    span = finding.call.span if finding.call else finding.span
    place = {
        "file": span.source.name,
        "line": span.line,
        "col": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "title": f"{finding.code}: {finding.title}",
    }
    text = _escape("\n".join(map(_clean, _told(finding))) or finding.title)
    fields = (f"{key}={_escape(str(value), ':,')}" for key, value in place.items())
    return f"::{finding.severity} {','.join(fields)}::{text}"


def _told(finding: Finding) -> Iterator[str]:
    """What is said of a finding beside its title, a line each."""
    if finding.note:
        yield finding.note
    if finding.call:
        yield f"at {finding.span}"
    for other in [*finding.others(), *finding.causes][:OTHERS_SHOWN]:
        yield f"{other.span}: {other.text}"
    if finding.advice:
        yield f"help: {finding.advice}"
    if finding.trail:
        yield f"in: {' > '.join(_shortened(finding.trail))}"


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

    def finding(self, finding: Message) -> str:
        head = self.paint(f"{finding.severity}[{finding.code}]", finding.severity)
        lines = [head + self.paint(f": {_clean(finding.title)}", "bold")]
        marks = list(_marks(finding))
        self.margin = " " * len(str(max((mark.line for mark in marks), default=1)))
        for name in dict.fromkeys(mark.label.span.source.name for mark in marks):
            inside = [mark for mark in marks if mark.label.span.source.name == name]
            lines += self.file(inside, "-->" if inside[0] is marks[0] else ":::")
        return "\n".join([*lines, *self.notes(finding, framed=bool(marks))]) + "\n"

    def notes(self, finding: Message, *, framed: bool) -> Iterator[str]:
        details = finding.lines
        tail = [("help", finding.advice)] if finding.advice else []
        if finding.trail:
            tail.append(("in", " > ".join(_shortened(finding.trail))))
        if framed and (details or tail):
            yield self.paint(f"{self.margin} |", "frame")
        for line in details:
            yield f"{self.margin} {_clean(line)}"
        for word, text in tail:
            sign = self.paint(f"{self.margin} =", "frame")
            yield f"{sign} {self.paint(word + ':', 'bold')} {_clean(text)}"

    def file(self, marks: list[_Mark], arrow: str) -> Iterator[str]:
        """One file's lines in file order, what lies between them left out."""
        first = marks[0].label.span
        words = [first.source.shown, *filter(None, [marks[0].label.text])]
        where = str(first) if first.source.text else ": ".join(words)
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
            first = max(span.column - start, 1) - 1
            end = span.end_column if span.end_line == span.line else len(line) + 1
            sign = mark.sign * max(_cells(text[first : max(end - start - 1, 0)]), 1)
            caret = self.paint(f"{sign} {_clean(mark.label.text)}".rstrip(), mark.style)
            pad = "".join("\t" if c == "\t" else " " * _cells(c) for c in text[:first])
            yield f"{bar} {pad}{' ' * (first - len(text))}{caret}"


def _marks(finding: Message) -> Iterator[_Mark]:
    """The places of a finding, its own one first."""
    said = list(finding.marks())
    if finding.span is not None:
        notes = [finding.note, *(o.text for o in said if o.span == finding.span)]
        note = next(filter(None, notes), "")
        yield _Mark(Label(finding.span, note), "^", finding.severity)
    others = [other for other in said if other.span != finding.span][:OTHERS_SHOWN]
    yield from (_Mark(other, "-", "frame") for other in others)


def _shortened(trail: tuple[Use, ...]) -> list[str]:
    before = [None, *(use.place for use in trail)]
    pairs = zip(trail, before, strict=False)
    uses = [use.name if use.place == place else str(use) for use, place in pairs]
    if len(uses) <= TRAIL_SHOWN:
        return uses
    return [*uses[:3], f"… {len(uses) - 5} more …", *uses[-2:]]


def _clean(text: str) -> str:
    """Printable characters alone: a spec cannot steer the reader's terminal."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(
        c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(map(bool, map(combining, text)))


def _window(text: str, column: int, width: int = 120) -> tuple[str, int]:
    """At most `width` characters of a line around the column, and how many are cut."""
    start = max(0, column - 1 - width // 2) if len(text) > width else 0
    return _clean(text[start : start + width]), start
