"""The pieces every part of a document is read with."""

import re
from collections.abc import Callable, Collection, Iterable
from collections.abc import Mapping as AnyMapping
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from netspec import names
from netspec.declarations import BlockDecl, InputDecl, NodeDecl, ParamDecl
from netspec.diagnostics import ERRORS_KEPT, Findings, Span
from netspec.errors import grammar as errors
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree
from netspec.spelling import closest, did_you_mean

Keys = AnyMapping[str, Entry]
P = ParamSpec("P")
T = TypeVar("T")
Decl = TypeVar("Decl", BlockDecl, InputDecl, NodeDecl, ParamDecl)


class Need(NamedTuple):
    """A key that a mapping cannot do without; where and how its absence is told."""

    key: str
    span: Span
    advice: str | None = None


def given(
    keys: Keys,
    key: str,
    read: Callable[Concatenate[Tree, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T | None:
    """What `read` makes of a key's value; None where the key is not given."""
    return read(keys[key].value, *args, **kwargs) if key in keys else None


def kind_of(tree: Tree) -> str:
    """What a tree is, in the words of messages."""
    match tree:
        case Mapping():
            return "a mapping"
        case Sequence():
            return ("an empty list", "a list of one", "a list")[min(len(tree.items), 2)]
        case Scalar(value=None):
            return "nothing" if tree.text == "" else "null"
        case Scalar(value=bool()):
            return tree.text
        case Scalar(value=str()):
            return f"the text `{tree.text[:40]}`"
        case Scalar():
            return f"the number {tree.text[:40]}"


class Reader:
    """Reads values of plain kinds; what is wrong goes to `findings`.

    Of those, `apart` are about parts that the rest can be checked without.
    """

    def __init__(self) -> None:
        self.findings = Findings()
        self.apart = Findings()
        self.extends = False

    def aside(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `read` makes; what is wrong with it is told apart."""
        before = len(self.findings)
        found = read(*args, **kwargs)
        self.set_apart(before)
        return found

    def whole(
        self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """The same, or None if anything is wrong with it."""
        before = len(self.findings)
        found = read(*args, **kwargs)
        return None if self.set_apart(before) else found

    def declared(
        self, read: Callable[[Scalar, Tree], Decl], key: Scalar, value: Tree
    ) -> Decl:
        """A declaration; the same, marked if anything is wrong with it."""
        before = len(self.findings)
        found = read(key, value)
        return found._replace(is_whole=not self.set_apart(before) and found.is_whole)

    def set_apart(self, before: int) -> bool:
        """Tell apart what was found since there were so many; whether there was any."""
        new = self.findings[before:]
        del self.findings[before:]
        self.apart += new
        if len(self.apart) >= ERRORS_KEPT:
            self.stop()
        return bool(new)

    def stop(self) -> None:
        """End here if anything was found. Raises SpecError."""
        Findings([*self.findings, *self.apart]).stop()

    def entries(
        self,
        tree: Tree,
        what: str,
        known: Iterable[str] | None = None,
        need: Need | None = None,
        advice: str | None = None,
    ) -> Keys:
        """A mapping's entries, its unknown keys reported, or that it lacks one."""
        if not isinstance(tree, Mapping):
            self.wrong(tree, what, "a mapping", advice)
            return {}
        if known is None:
            return tree.entries
        self.only(tree.entries, what, known)
        if need and need.key not in tree.entries:
            unknown = [name for name in tree.entries if name not in known]
            if not any(_may_mean(name, need.key, known) for name in unknown):
                self.missing(need.span, what, need.key, need.advice)
        return {name: entry for name, entry in tree.entries.items() if name in known}

    def only(self, keys: Keys, what: str, known: Iterable[str]) -> None:
        """Report the keys that are not known."""
        for name, entry in keys.items():
            if name not in known:
                self.unknown(entry.key, what, known)

    def items(
        self,
        tree: Tree,
        what: str,
        expected: str = "a list",
        advice: str | None = None,
    ) -> tuple[Tree, ...]:
        """The items of a list."""
        if isinstance(tree, Sequence):
            return tree.items
        self.wrong(tree, what, expected, advice)
        return ()

    def scalar(self, tree: Tree, what: str, expected: str) -> Scalar | None:
        """A leaf that is not null."""
        if isinstance(tree, Scalar) and tree.value is not None:
            return tree
        self.wrong(tree, what, expected)
        return None

    def text(self, tree: Tree, what: str) -> str:
        """A text, whatever it says."""
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            return tree.value
        self.wrong(tree, what, "a text")
        return ""

    def doc(self, tree: Tree) -> str:
        """The text of a `doc`, which nothing depends on."""
        return self.aside(self.text, tree, "`doc`")

    def word(
        self,
        tree: Tree,
        what: str,
        choices: Collection[str],
        elsewhere: AnyMapping[str, str] = {},
    ) -> str | None:
        """One of a closed set of words; `elsewhere` has other languages' words."""
        if isinstance(tree, Scalar) and tree.text in choices:
            return tree.text
        advice = None
        if isinstance(tree, Scalar):
            advice = did_you_mean(elsewhere.get(tree.text, tree.text), choices)
        one = "one of " if len(choices) > 1 else ""
        self.wrong(tree, what, f"{one}{listed(choices)}", advice)
        return None

    def name(self, tree: Tree, what: str, expected: str = "a name") -> str:
        """A value that is a name; empty if it is no text at all."""
        scalar = self.scalar(tree, what, expected)
        return self.check_name(scalar) if scalar else ""

    def check_name(self, key: Scalar, *, index: bool = False) -> str:
        """A key's text, reported if it cannot be a name."""
        reason = names.refusal(key.text, index=index)
        if reason:
            self.bad_name(key, reason)
        return key.text

    # What is wrong ------------------------------------------------------------------

    def wrong(
        self, tree: Tree, what: str, expected: str, advice: str | None = None
    ) -> None:
        """Report a value of another kind than is expected."""
        self.findings.add(
            errors.WrongValue,
            tree.span.head,
            what=what,
            expected=expected,
            found=kind_of(tree),
            advice_text=advice,
        )

    def unknown(self, key: Scalar, where: str, known: Iterable[str]) -> None:
        """Report a key that its mapping does not have."""
        advice = did_you_mean(key.text, known, f"it has {listed(known)}")
        equation = re.fullmatch(r"(\w+)=(\S.*)", key.text)
        if equation and equation[1] in known:
            advice = f"write `{equation[1]}: {equation[2]}`"
        self.findings.add(
            errors.UnknownKey, key.span, key=key.text, where=where, advice_text=advice
        )

    def missing(
        self, span: Span, where: str, key: str, advice: str | None = None
    ) -> None:
        """Report a key that its mapping needs."""
        self.findings.add(
            errors.MissingKey, span, where=where, key=key, advice_text=advice
        )

    def conflict(
        self, span: Span, what: str, reason: str, advice: str | None = None
    ) -> None:
        """Report what cannot stand beside something else."""
        self.findings.add(
            errors.Conflict, span, what=what, reason=reason, advice_text=advice
        )

    def bad_name(self, key: Scalar, reason: str) -> None:
        """Report what cannot be a name."""
        self.findings.add(errors.BadName, key.span, name=key.text[:64], reason=reason)


def _may_mean(name: str, key: str, known: Iterable[str]) -> bool:
    """Whether an unknown key may stand for this one: none other is nearer to it."""
    near = closest(name, known)
    return not near or key in near


def is_empty(tree: Tree) -> bool:
    """Whether nothing is written for a value."""
    return isinstance(tree, Scalar) and not tree.text and not tree.quoted


def written(tree: Tree) -> str | None:
    """What a short value looks like in its file."""
    span = tree.span
    text = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    return text if span.line == span.end_line and 0 < len(text) <= 60 else None


def places(tree: Tree) -> dict[str, Span]:
    """Where each key of a mapping stands."""
    entries = tree.entries.values() if isinstance(tree, Mapping) else ()
    return {key.text: key.span for key, _ in entries}


def listed(known: Iterable[str]) -> str:
    """Names as a message lists them."""
    return ", ".join(f"`{name}`" for name in known)
