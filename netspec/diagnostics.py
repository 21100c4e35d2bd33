"""Findings: where in a file, what was found there, and how it is shown."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

from netspec.record import Record

ERRORS_SHOWN = 20


class Source(NamedTuple):
    """A file's name as the user wrote it, and its text."""

    name: str
    text: str

    def line(self, number: int) -> str:
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
        return (self.source.name, *self[1:])

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
        return self._fill(self.message)

    @property
    def note(self) -> str:
        return self._fill(self.label)

    @property
    def advice(self) -> str | None:
        missing = [k for k, v in self.items() if v is None and "{" + k in self.help]
        return self._fill(self.help) if self.help and not missing else None

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}[{self.code}]: {self.title}"

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


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely was meant to be."""
    from difflib import get_close_matches

    known = list(known)
    folded = {k.lower(): k for k in known}
    close = get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def render(findings: Sequence[Finding], *, color: bool = False) -> str:
    """The findings as a person reads them, at most `ERRORS_SHOWN`."""
    shown = [_Painter(color).finding(f) for f in findings[:ERRORS_SHOWN]]
    if len(findings) > ERRORS_SHOWN:
        shown.append(f"… and {len(findings) - ERRORS_SHOWN} more\n")
    return "\n".join(shown)


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

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{self.COLORS[style]}m{text}\x1b[0m" if self.color else text

    def finding(self, finding: Finding) -> str:
        others = [o for o in finding.others() if o.span != finding.span]
        places = [Label(finding.span, finding.note), *others]
        margin = " " * len(str(max(label.span.line for label in places)))
        bar = self.paint(f"{margin} |", "frame")
        head = self.paint(f"{finding.severity}[{finding.code}]", finding.severity)
        lines = [f"{head}{self.paint(': ' + finding.title, 'bold')}"]
        previous = None
        for label in places:
            arrow = "-->" if previous is None else ":::"
            if previous is None or label.span.source.name != previous.source.name:
                lines.append(self.paint(f"{margin}{arrow} ", "frame") + str(label.span))
                lines.append(bar)
            mark = "^" if previous is None else "-"
            style = finding.severity if previous is None else "frame"
            lines += self.excerpt(label, margin, mark, style)
            previous = label.span
        tail = [("help", finding.advice)] if finding.advice else []
        if finding.trail:
            tail.append(("in", " > ".join(str(use) for use in finding.trail)))
        if tail:
            lines.append(bar)
        for word, text in tail:
            equals = self.paint(f"{margin} =", "frame")
            lines.append(f"{equals} {self.paint(word + ':', 'bold')} {text}")
        return "\n".join(lines) + "\n"

    def excerpt(self, label: Label, margin: str, mark: str, style: str) -> list[str]:
        span = label.span
        text, column = _window(span.source.line(span.line), span.column)
        width = len(text) + 1 - column
        if span.end_line == span.line:
            width = min(width, span.end_column - span.column)
        caret = self.paint(f"{mark * max(width, 1)} {label.text}".rstrip(), style)
        number = self.paint(f"{span.line:>{len(margin)}} |", "frame")
        pad = "".join("\t" if c == "\t" else " " for c in text[: column - 1])
        pad = pad.ljust(column - 1)
        return [
            f"{number} {text}",
            f"{self.paint(f'{margin} |', 'frame')} {pad}{caret}",
        ]


def _window(text: str, column: int, width: int = 120) -> tuple[str, int]:
    """At most `width` printable characters of a line, around the column."""
    clean = "".join(
        c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
    start = max(0, column - 1 - width // 2) if len(clean) > width else 0
    return clean[start : start + width], column - start
