"""What was likely meant where YAML cannot be read, by the lines around the place."""

import re
from typing import NamedTuple

from netspec.diagnostics import Span

Guess = tuple[Span, str, str | None]  # where, what is wrong, and what to do


WORD = 80  # the most characters of a line that are looked through for a word


class Stop(NamedTuple):
    """Where a scanner gave up, and where what it was reading began."""

    span: Span
    start: Span

    @property
    def before(self) -> str:
        """The line up to where reading stopped."""
        return self.span.source.line(self.span.line)[: self.span.column - 1]

    @property
    def after(self) -> str:
        """The line from where reading stopped."""
        return self.span.source.line(self.span.line)[self.span.column - 1 :]

    @property
    def above(self) -> tuple[int, str]:
        """The number and the text of the last line above that says something."""
        number = self.span.line - 1
        while number and not self.span.source.line(number).split("#")[0].strip():
            number -= 1
        return number, self.span.source.line(number)

    def at(self, start: int, end: int, line: int = 0) -> Span:
        """These characters of the line, or of another."""
        number = line or self.span.line
        return Span(self.span.source, number, start + 1, number, end + 1)


def in_brackets(stop: Stop) -> Guess | None:
    """Between brackets: a sign that no value goes on with, or a missing comma."""
    return _inside_value(stop) or _missing_comma(stop)


def _inside_value(stop: Stop) -> Guess | None:
    """`$widths[0]`, `${width}`, `list[int]`: other languages' spelling."""
    after = stop.after
    word = re.search(r"[$\w.]+$", stop.before[-WORD:])
    if word is None or after[:1] not in ("[", "{", "("):
        return None
    inside = re.match(r"[\[{]\s*(\$?\w+)\s*[\]}]", after)
    if inside is None:
        written = "inside `{…}` an expression with brackets or commas must be quoted"
        advice = written if "$" in word[0] else None
    elif after[0] == "{":
        advice = f"write `{word[0]}{inside[1]}`" if word[0] == "$" else None
    elif inside[1].isdigit() or "$" in word[0]:
        advice = f"an element is written `{word[0]}.{inside[1]}`"
    else:
        advice = f"write `{word[0]}` alone"
    return stop.span, f"no value goes on with `{after[0]}`", advice


def _missing_comma(stop: Stop) -> Guess | None:
    """`{a: 8 b: 3}`, and the same over several lines."""
    if stop.after.startswith(":"):
        key = re.search(r"\w+$", stop.before[-WORD:])
        start = len(stop.before) - len(key[0]) if key else 0
    else:  # after a quote or a bracket, the next word is where reading stops
        key, start = re.match(r"\w+", stop.after), len(stop.before)
    if key is None:
        return None
    is_first = not stop.before[:start].strip()
    closes = stop.after.count("}") + stop.after.count("]")
    opens = stop.after.count("{") + stop.after.count("[")
    if is_first and closes <= opens:
        return None  # a line of its own: the bracket above was left open
    problem = f"a comma is missing before `{key[0]}`"
    return stop.at(start, start + len(key[0])), problem, None


def second_colon(stop: Stop) -> Guess | None:
    """A `:` after a value: what it follows was not meant to be one."""
    number, above = stop.above
    glued = _glued(stop, stop.before, stop.span.line)
    if glued or stop.before.strip().count(" "):
        return glued
    word = re.fullmatch(r"\s*(\w+)\s*", above)
    if word:
        span = stop.at(*word.span(1), number)
        return span, f"a `:` is missing after `{word[1]}`", None
    return _glued(stop, above, number) or _deeper(stop)


def lone_word(stop: Stop) -> Guess | None:
    """A word that is no key, `conv` or `conv:ReLU`, on the line where it stands."""
    line = stop.start.source.line(stop.start.line)
    word = re.compile(r"\w+$").match(line.rstrip(), stop.start.column - 1)
    if word is None:
        return _glued(stop, line, stop.start.line)
    span = stop.at(*word.span(), stop.start.line)
    return span, f"a `:` is missing after `{word[0]}`", None


def after_value(stop: Stop) -> Guess | None:
    """Where a line should have ended, or begun elsewhere."""
    after = stop.after.strip()
    if not stop.before.strip(" -"):
        if after.startswith("- "):
            return stop.span, "an item of a list cannot stand among keys", None
        return _deeper(stop)
    advice = None
    if after.startswith("//"):
        advice = "`#` begins a comment"
    elif after[:1] in (",", "}", "]"):
        advice = f"remove the `{after[0]}`"
    return stop.span, "nothing may follow here", advice


def tight_colon(stop: Stop) -> Guess | None:
    """`{a: {b:{c: d}}}`: between brackets, a `:` that a bracket follows."""
    key = re.search(r"\w+$", stop.before[-WORD:])
    if key is None or not stop.after.startswith(":"):
        return None
    at = len(stop.before) + 1
    return stop.at(at, at + 1), f"a space is missing after `{key[0]}:`", None


def stray_sign(stop: Stop) -> Guess | None:
    """`@width` and `%width`, which other languages have."""
    name = re.match(r"[@%](\w+)", stop.after)
    if name is None:
        return None
    problem = f"no value begins with `{stop.after[0]}`"
    return stop.span, problem, f"a param is written `${name[1]}`"


def _glued(stop: Stop, line: str, number: int) -> Guess | None:
    """`conv:ReLU`: without a space after it, a `:` is part of a text."""
    key = re.match(r"[\s-]*(\w+):(?=[^\s:/])", line)
    if key is None:
        return None
    span = stop.at(key.end(), key.end() + 1, number)
    return span, f"a space is missing after `{key[1]}:`", None


def _deeper(stop: Stop) -> Guess | None:
    """A key that is indented below one that has a value already."""
    above = re.match(r"\s*(?:- +)?(\w+): +(?=[^\s#|>])", stop.above[1])
    line = stop.before + stop.after
    key = re.match(r"\s*(\w+):", line)
    if above is None or key is None or key.start(1) <= above.start(1):
        return None
    problem = f"this key is indented deeper than `{above[1]}` above"
    advice = "give both the same indentation"
    type_ = re.compile(r"[A-Z]\w*$").match(stop.above[1].rstrip(), above.end())
    if type_ and above[1] != "type":
        advice = f"give `{above[1]}` a line `type: {type_[0]}` of its own below it"
    return stop.at(*key.span(1)), problem, advice
