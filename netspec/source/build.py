"""Text to a tree: events folded as they come.

Aliases, nesting and size are counted before anything is built, and scalars follow the
YAML 1.2 core schema: `on` is a string and `1e-3` a float.
"""

import re
from collections.abc import Iterable
from typing import Any

import yaml

from netspec import limits as limits_
from netspec.diagnostics import Findings, Source, Span, SpecError
from netspec.errors import source as errors
from netspec.limits import Limits, raised_by
from netspec.scalars import LongInteger, Plain, resolve
from netspec.source.events import Events, scan
from netspec.source.problems import character
from netspec.source.tree import Entry, Mapping, Scalar, Sequence, Tree


def parse(source: Source, limits: Limits = limits_.DEFAULT) -> Tree:
    """YAML text to a tree. Raises SpecError."""
    return _Builder(source, limits).document()


class _Builder:
    """Folds events into a tree, counting as it goes."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.anchors: dict[str, Tree] = {}
        self.count = 0
        self.findings = Findings()

    def document(self) -> Tree:
        """The one document of the text."""
        events = scan(self.source, self.limits, self.findings)
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            problem = (
                "the file is empty; a spec starts with `netspec`, a recipe with `data`"
            )
            span = character(self.source)
            raise SpecError(errors.YamlSyntax(span=span, problem=problem))
        tree = self.node(event, events, 1)
        event = next(events)
        if not isinstance(event, yaml.StreamEndEvent):
            self.refuse(
                self.span(event, event),
                "a second document",
                "one file is one spec",
                "move it to a file of its own, or remove the `---`",
            )
        self.findings.stop()
        return tree

    # Nodes --------------------------------------------------------------------------

    def node(self, event: Any, events: Events, depth: int) -> Tree:
        """The tree that begins with an event."""
        span = self.span(event, event)
        if depth > self.limits.yaml_depth:
            what = "the levels of nesting"
            raise SpecError(errors.TooLarge.of(span, what, self.limits, "yaml_depth"))
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), span)
        if event.tag not in (None, "!"):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")[:64]
            self.refuse(
                span, f"the tag `{tag}`", "a spec is plain data", "remove the tag"
            )
        self.add(span, 1)
        match event:
            case yaml.MappingStartEvent():
                tree: Tree = self.mapping(event, events, depth)
            case yaml.SequenceStartEvent():
                tree = self.sequence(event, events, depth)
            case _:
                tree = self.scalar(event, _past_anchor(span) if event.anchor else span)
        if event.anchor:
            self.anchors[event.anchor] = tree
        return tree

    def alias(self, name: str, span: Span) -> Tree:
        """What an anchor names, at the place of the alias."""
        tree = self.anchors.get(name)
        if tree is None:
            self.findings.add(errors.BadAlias, span, name=name)
            return Scalar(None, "", span)
        self.add(span, tree.size)
        return tree._replace(span=span)

    def mapping(self, start: Any, events: Events, depth: int) -> Mapping:
        """The entries up to the end of the mapping."""
        before = self.count - 1
        entries: dict[str, Entry] = {}
        cut: dict[Span, Scalar] = {}
        bare: list[Tree | None] = []
        last: Tree | None = None
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                self.cut(cut.values())
                self.bare(bare)
                return Mapping(entries, self.span(start, event), self.count - before)
            key = self.key(event, events, depth)
            value = self.node(next(events), events, depth + 1)
            joined = _rejoined(last, key, value) if start.flow_style else None
            if joined:
                cut[joined.span] = joined
            elif start.flow_style and _is_bare(last, key, value):
                bare += [key] if bare else [last, key]
                entries[key.text] = Entry(key, value)
                continue
            else:
                self.enter(entries, key, value)
            last = joined or value
        raise AssertionError("a mapping's events always end")

    def key(self, event: Any, events: Events, depth: int) -> Scalar:
        """A key: a scalar, or else a stand-in for what is refused."""
        before = len(self.findings)
        key = self.node(event, events, depth + 1)
        if isinstance(key, Scalar):
            return key
        del self.findings[before:]  # all of it is refused
        what, instead = "a list or mapping as a key", "use a name"
        names = list(key.entries) if isinstance(key, Mapping) else []
        if len(names) == 1 and names[0].isidentifier():
            instead = f"a param is written `${names[0]}`"
        self.refuse(key.span, what, "a key is a name", instead)
        return Scalar(None, f"?{self.count}", key.span)

    def enter(self, entries: dict[str, Entry], key: Scalar, value: Tree) -> None:
        """Add an entry, unless its key is given already."""
        if key.text == "<<" and not key.quoted:
            self.refuse(
                key.span,
                "a merge key `<<`",
                "it copies keys in silence",
                "share with `extends`, `imports` or a block",
            )
        elif glued := _glued(key, value):
            problem = f"a space is missing after `{glued[0]}`"
            place = key.span.part(glued.end(), glued.end() + 1)
            self.findings.add(errors.YamlSyntax, place, problem=problem)
        elif key.text in entries:
            name, first = key.text, entries[key.text].key.span
            self.findings.add(errors.DuplicateKey, key.span, key=name, first=first)
        else:
            entries[key.text] = Entry(key, value)

    def cut(self, expressions: Iterable[Scalar]) -> None:
        """Report expressions that a comma cut in pieces."""
        for joined in expressions:
            items = re.fullmatch(r"\(([^()]*)\)", joined.text)
            instead = f"quote it: '{joined.text}'"
            if items:
                instead = f"a list is written `[{items[1]}]`"
            self.findings.add(errors.CutExpression, joined.span, instead=instead)

    def bare(self, pieces: list[Tree | None]) -> None:
        """Report keys without a `:` and a value, after the value before them."""
        if not pieces:
            return
        first, texts = pieces[1], [p.text for p in pieces if isinstance(p, Scalar)]
        assert isinstance(first, Scalar)
        word = re.match(r"\w+(?= \S)", first.text)
        if word:
            problem, place = f"a `:` is missing after `{word[0]}`", word.end()
            span = first.span.part(0, place)
            self.findings.add(errors.YamlSyntax, span, problem=problem)
            return
        instead = "write it as `NAME: VALUE`"
        if len(texts) == len(pieces):
            instead = f"a list is written `[{', '.join(texts)}]`"
        self.refuse(first.span, "a key alone", "it has no value", instead)

    def sequence(self, start: Any, events: Events, depth: int) -> Sequence:
        """The items up to the end of the list."""
        before = self.count - 1
        items: list[Tree] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                span = self.span(start, event)
                return Sequence(tuple(items), span, self.count - before)
            items.append(self.node(event, events, depth + 1))
        raise AssertionError("a sequence's events always end")

    def scalar(self, event: Any, span: Span) -> Scalar:
        """A leaf, plain or quoted."""
        text = event.value
        if not event.style:  # the C loader gives "" for plain
            return Scalar(self.resolve(text, span), text, span)
        if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
            problem = "a NUL or a lone surrogate is no character of a text"
            self.findings.add(errors.YamlSyntax, span, problem=problem)
        return Scalar(text, text, span, quoted=True)

    def resolve(self, text: str, span: Span) -> Plain:
        """A plain scalar's value; None for a number that cannot be used."""
        try:
            return resolve(text, self.limits.integer)
        except ValueError as error:
            advice = raised_by("integer") if isinstance(error, LongInteger) else None
            reason = str(error)
            self.findings.add(errors.BadNumber, span, reason=reason, advice_text=advice)
            return None

    # Places, limits and refusals ----------------------------------------------------

    def span(self, start: Any, end: Any) -> Span:
        """From the start of one event to the end of another."""
        first, last = start.start_mark, end.end_mark
        return Span(
            self.source,
            first.line + 1,
            first.column + 1,
            last.line + 1,
            last.column + 1,
        )

    def add(self, span: Span, size: int) -> None:
        """Count values. Raises SpecError if they are too many."""
        self.count += size
        if self.count > self.limits.yaml_nodes:
            what = "YAML nodes, aliases followed,"
            raise SpecError(errors.TooLarge.of(span, what, self.limits, "yaml_nodes"))

    def refuse(self, span: Span, what: str, reason: str, instead: str) -> None:
        """Report a part of YAML that specs do without."""
        self.findings.add(
            errors.Unsupported, span, what=what, reason=reason, instead=instead
        )


def _past_anchor(span: Span) -> Span:
    """The place of a value without the `&name` before it on its line."""
    line = span.source.line(span.line)
    anchor = re.compile(r"&\S+\s+(?=[^\s#])").match(line, span.column - 1)
    end = span.end_column if span.line == span.end_line else len(line) + 1
    if anchor is None or anchor.end() + 1 >= end:
        return span
    return span._replace(column=anchor.end() + 1)


def _glued(key: Scalar, value: Tree) -> re.Match[str] | None:
    """The key that was meant by `{width:3}` or `conv:{type: ReLU}`."""
    found = None if key.quoted else re.match(r"\w+:(?=\S)", key.text)
    is_alone = isinstance(value, Scalar) and not value.text and not value.quoted
    is_open = found is not None and key.text[found.end()] in "{["
    return found if is_alone or is_open else None


def _is_bare(last: Tree | None, key: Scalar, value: Tree) -> bool:
    """Whether a key between brackets has neither a `:` nor a value.

    A number alone is one only after another.
    """
    if not isinstance(value, Scalar) or value.text or value.quoted:
        return False
    is_word = not key.quoted and re.fullmatch(r"[\w.$ ]+", key.text) is not None
    is_piece = isinstance(key.value, str) or (
        isinstance(last, Scalar) and not isinstance(last.value, str)
    )
    after = key.span.source.line(key.span.end_line)[key.span.end_column - 1 :]
    return is_word and is_piece and not after.lstrip().startswith(":")


def _rejoined(last: Tree | None, key: Scalar, value: Tree) -> Scalar | None:
    """The value before a key with the piece that a comma cut off it, if the key is one.

    In `{a: min(b, c), d: e}` YAML finds the keys `a`, `c)` and `d`.
    """
    if not isinstance(last, Scalar) or last.quoted:
        return None
    is_open = last.text.count("(") > last.text.count(")")
    is_alone = isinstance(value, Scalar) and not value.text and not value.quoted
    if not (is_open and is_alone):
        return None
    return last._replace(text=f"{last.text}, {key.text}")
