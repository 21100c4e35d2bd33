"""YAML text -> a tree of plain data in which every key and value knows its place.

YAML is read as events: aliases, nesting and size are counted before anything is built,
and scalars follow the YAML 1.2 core schema: `on` is a string and `1e-3` a float.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml

from netspec import limits as limits_
from netspec.diagnostics import Finding, Findings, Source, Span, SpecError, suggest
from netspec.errors import source as errors
from netspec.limits import Limits, raised_by
from netspec.scalars import LongInteger, Plain, resolve


class Scalar(NamedTuple):
    """A leaf: its value, the text it was read from, and its place."""

    value: Plain
    text: str
    span: Span
    quoted: bool = False
    size: int = 1


class Sequence(NamedTuple):
    """A list, in block or flow style."""

    items: tuple["Tree", ...]
    span: Span
    size: int


class Entry(NamedTuple):
    """A key of a mapping with its value."""

    key: Scalar
    value: "Tree"


class Mapping(NamedTuple):
    """An ordered mapping; its keys are the texts as written."""

    entries: dict[str, Entry]
    span: Span
    size: int


Tree = Scalar | Sequence | Mapping


def plain(tree: Tree) -> Any:
    """The tree as Python's own dicts, lists and scalars."""
    match tree:
        case Scalar():
            return tree.value
        case Sequence():
            return [plain(item) for item in tree.items]
        case Mapping():
            return {name: plain(entry.value) for name, entry in tree.entries.items()}


def read(path: str | Path, limits: Limits = limits_.DEFAULT) -> Tree:
    """Read a YAML file; `-` is standard input.

    Raises SpecError if it cannot be read, is not YAML, or is over a limit.
    """
    return parse(load(path, limits), limits)


def load(
    path: str | Path, limits: Limits = limits_.DEFAULT, at: Span | None = None
) -> Source:
    """The text of a regular file, decoded; `at` is where the spec names it."""
    name = str(path)
    try:
        data = _bytes(name, limits.file_bytes)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        shown = name.encode("utf-8", "backslashreplace").decode()
        close = suggest(Path(name).name, _siblings(name))
        near = (
            str(Path(name).with_name(close))
            if close and close != Path(name).name
            else None
        )
        _fail(
            errors.UnreadableFile(
                span=at or _start(Source(shown, "")),
                path=shown,
                reason=reason[0].lower() + reason[1:],
                suggestion=near,
            )
        )
    if len(data) > limits.file_bytes:
        span = at or _start(Source(name, ""))
        _fail(errors.TooLarge.of(span, "the bytes of a file", limits, "file_bytes"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        source = Source(name, data.decode("utf-8", "replace"))
        problem = f"byte 0x{data[error.start]:02x} is not UTF-8"
        _fail(
            errors.YamlSyntax(
                span=Span(source, line, column, line, column + 1), problem=problem
            )
        )
    return Source("<stdin>" if name == "-" else name, text)


def _siblings(name: str) -> list[str]:
    try:
        with os.scandir(Path(name).parent) as found:
            return [entry.name for entry, _ in zip(found, range(1000), strict=False)]
    except (OSError, ValueError):
        return []


def _bytes(name: str, limit: int) -> bytes:
    if name == "-":
        import sys

        return sys.stdin.buffer.read(limit + 1)
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is not a regular file")
        return file.read(limit + 1)


def parse(source: Source, limits: Limits = limits_.DEFAULT) -> Tree:
    """YAML text to a tree. Raises SpecError."""
    return _Builder(source, limits).document()


UNCLOSED = "is not closed"
COLON = "a second `:` on one line"
NESTED = "maximum nesting depth"  # libyaml has a limit of its own since 0.2.6
# What the scanners of libyaml and of PyYAML say, in words of our own.
_PROBLEMS = (
    (r"(did not find )?expected ',' or '[}\]]'", f"this bracket {UNCLOSED}"),
    ("mapping values are not allowed", COLON),
    ("cannot start any token", "no value begins with this character"),
    ("expected <block end>|expected key", "this indentation fits no line above"),
    ("could not find expected ':'", "a `key:` is expected here"),
    ("expected alphabetic or numeric", "an anchor needs a name"),
    ("unexpected end of stream", f"this quote {UNCLOSED}"),
    ("undefined tag handle", "an unknown tag; a spec is plain data"),
    ("escape", "this escape is not allowed; use single quotes for plain text"),
)


def _plain_words(problem: str) -> str:
    found = (words for pattern, words in _PROBLEMS if re.search(pattern, problem))
    return next(found, "YAML cannot be read on from here")


def _start(source: Source) -> Span:
    return Span(source, 1, 1, 1, 2)


def _fail(finding: Finding) -> NoReturn:
    raise SpecError(finding)


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Builder:
    """Folds one loader's events into a tree, counting as it goes."""

    loader = LOADER

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.anchors: dict[str, Tree] = {}
        self.count = 0
        self.findings = Findings()

    def document(self) -> Tree:
        events = self._events()
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            problem = "the file is empty; a spec starts with `netspec: 1`"
            _fail(errors.YamlSyntax(span=_start(self.source), problem=problem))
        tree = self._node(event, events, 1)
        event = next(events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._refuse(
                self._span(event),
                "a second document",
                "one file is one spec",
                "move it to a file of its own, or remove the `---`",
            )
        self.findings.stop()
        return tree

    def _events(self) -> Iterator[yaml.Event]:
        """The events of interest; a syntax error becomes a finding."""
        boring = (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
        try:
            for event in yaml.parse(self.source.text, Loader=self.loader):
                if not isinstance(event, boring):
                    yield event
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except yaml.reader.ReaderError as error:
            before = self.source.text[: error.position]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            span = Span(self.source, line, column, line, column + 1)
            _fail(
                errors.YamlSyntax(
                    span=span, problem="this character is not allowed in YAML"
                )
            )

    def _syntax(self, error: yaml.MarkedYAMLError) -> NoReturn:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = str(error.problem or error.context or "")
        span, ended = self._character(line, column), None
        if NESTED in said:
            self._too_deep(span)
        problem = _plain_words(said)
        start = error.context_mark
        if UNCLOSED in problem and start is not None and start.line + 1 < line:
            span, ended = self._character(start.line + 1, start.column + 1), span
        advice = self._advice(line, column, problem)
        finding = errors.YamlSyntax(
            span=span, problem=problem, advice_text=advice, ended=ended
        )
        raise SpecError(*self.findings, finding)

    def _too_deep(self, span: Span) -> NoReturn:
        what = "the levels of nesting"
        _fail(errors.TooLarge.of(span, what, self.limits, "yaml_depth"))

    def _character(self, line: int, column: int) -> Span:
        return Span(self.source, line, column, line, column + 1)

    def _advice(self, line: int, column: int, problem: str) -> str | None:
        text = self.source.line(line)
        before, after = text[: column - 1], text[column - 1 :]
        value = before.rpartition(":")[2].strip(" {[,")
        if value.startswith("$") and (index := re.match(r"\[(\$?\w+)\]", after)):
            return f"an element is written `{value}.{index[1]}`"
        if "$" in value and after[:1] in ("[", "("):
            return "inside `{…}` an expression with brackets or commas must be quoted"
        if "\t" in text[:column]:
            return "indent with spaces: YAML does not allow tabs"
        return "quote the text if the `:` is part of it" if problem == COLON else None

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(
            self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1
        )

    def _refuse(self, span: Span, what: str, reason: str, instead: str) -> None:
        self.findings.add(
            errors.Unsupported, span, what=what, reason=reason, instead=instead
        )

    def _node(self, event: Any, events: Iterator[yaml.Event], depth: int) -> Tree:
        span = self._span(event)
        if depth > self.limits.yaml_depth:
            self._too_deep(span)
        if isinstance(event, yaml.AliasEvent):
            tree = self._alias(str(event.anchor), span)
        else:
            self._tag(event, span)
            match event:
                case yaml.MappingStartEvent():
                    tree = self._mapping(event, events, depth)
                case yaml.SequenceStartEvent():
                    tree = self._sequence(event, events, depth)
                case _:
                    tree = self._scalar(event, span)
            if event.anchor:
                self.anchors[event.anchor] = tree
        return tree

    def _add(self, span: Span, size: int) -> None:
        self.count += size
        if self.count > self.limits.yaml_nodes:
            what = "YAML nodes, aliases followed,"
            _fail(errors.TooLarge.of(span, what, self.limits, "yaml_nodes"))

    def _alias(self, name: str, span: Span) -> Tree:
        tree = self.anchors.get(name)
        if tree is None:
            self.findings.add(errors.BadAlias, span, name=name)
            return Scalar(None, "", span)
        self._add(span, tree.size)
        return tree._replace(span=span)

    def _tag(self, event: Any, span: Span) -> None:
        if event.tag not in (None, "!"):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")[:64]
            self._refuse(
                span, f"the tag `{tag}`", "a spec is plain data", "remove the tag"
            )

    def _mapping(self, start: Any, events: Iterator[yaml.Event], depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        before = self.count
        self._add(self._span(start), 1)
        cut: Scalar | None = None
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                span = self._between(start, event)
                return Mapping(entries, span, self.count - before)
            key = self._key(event, events, depth)
            value = self._node(next(events), events, depth + 1)
            if cut is not None and start.flow_style:
                text = f"{cut.text}, {key.text}"
                if cut.text.count("(") > cut.text.count(")"):
                    quoted = f"'{text}'"
                    self.findings.add(errors.CutExpression, cut.span, quoted=quoted)
                    cut = cut._replace(text=text) if text.count("(") else None
                    cut = None if text.count(")") >= text.count("(") else cut
                    continue
            cut = value if isinstance(value, Scalar) and not value.quoted else None
            self._enter(entries, key, value)
        raise AssertionError("a mapping's events always end")

    def _enter(self, entries: dict[str, Entry], key: Scalar, value: Tree) -> None:
        if key.text == "<<" and not key.quoted:
            self._refuse(
                key.span,
                "a merge key `<<`",
                "it copies keys in silence",
                "share with `extends`, `imports` or a block",
            )
        elif key.text in entries:
            first = entries[key.text].key.span
            self.findings.append(
                errors.DuplicateKey(span=key.span, key=key.text, first=first)
            )
        else:
            entries[key.text] = Entry(key, value)

    def _key(
        self, event: yaml.Event, events: Iterator[yaml.Event], depth: int
    ) -> Scalar:
        key = self._node(event, events, depth + 1)
        if isinstance(key, Scalar):
            return key
        self._refuse(
            key.span, "a list or mapping as a key", "a key is a name", "use a name"
        )
        return Scalar(None, f"?{self.count}", key.span)

    def _sequence(
        self, start: Any, events: Iterator[yaml.Event], depth: int
    ) -> Sequence:
        items: list[Tree] = []
        before = self.count
        self._add(self._span(start), 1)
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return Sequence(
                    tuple(items), self._between(start, event), self.count - before
                )
            items.append(self._node(event, events, depth + 1))
        raise AssertionError("a sequence's events always end")

    def _between(self, start: Any, end: Any) -> Span:
        return Span(
            self.source,
            start.start_mark.line + 1,
            start.start_mark.column + 1,
            end.end_mark.line + 1,
            end.end_mark.column + 1,
        )

    def _scalar(self, event: Any, span: Span) -> Scalar:
        self._add(span, 1)
        quoted = bool(event.style)  # the C loader gives "" for plain
        if not quoted:
            return Scalar(self._resolve(event.value, span), event.value, span)
        if any("\ud800" <= c <= "\udfff" for c in event.value):
            problem = "a lone surrogate is not a character"
            self.findings.add(errors.YamlSyntax, span, problem=problem)
        return Scalar(event.value, event.value, span, quoted=True)

    def _resolve(self, text: str, span: Span) -> Plain:
        try:
            return resolve(text, self.limits.integer)
        except ValueError as error:
            advice = raised_by("integer") if isinstance(error, LongInteger) else None
            reason = str(error)
            self.findings.add(errors.BadNumber, span, reason=reason, advice_text=advice)
            return None
