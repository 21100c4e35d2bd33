"""The pieces every part of a document is read with."""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as AnyMapping
from typing import Concatenate, ParamSpec, TypeVar

from netspec import names
from netspec.diagnostics import Findings, Span, did_you_mean
from netspec.errors import grammar as errors
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree

Keys = AnyMapping[str, Entry]
P = ParamSpec("P")
T = TypeVar("T")


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
            return "a list"
        case Scalar(value=None):
            return "nothing" if tree.text == "" else "null"
        case Scalar(value=bool()):
            return tree.text
        case Scalar(value=str()):
            return f"the text `{tree.text[:40]}`"
        case Scalar():
            return f"the number {tree.text[:40]}"


class Reader:
    """Reads values of plain kinds; what is wrong goes to `findings`."""

    def __init__(self) -> None:
        self.findings = Findings()
        self.extends = False

    def entries(
        self, tree: Tree, what: str, known: Iterable[str] | None = None
    ) -> Keys:
        """A mapping's entries, its unknown keys reported."""
        if not isinstance(tree, Mapping):
            self.wrong(tree, what, "a mapping")
            return {}
        if known is None:
            return tree.entries
        self.only(tree.entries, what, known)
        return {name: entry for name, entry in tree.entries.items() if name in known}

    def only(self, keys: Keys, what: str, known: Iterable[str]) -> None:
        """Report the keys that are not known."""
        for name, entry in keys.items():
            if name not in known:
                self.unknown(entry.key, what, known)

    def items(
        self, tree: Tree, what: str, expected: str = "a list"
    ) -> tuple[Tree, ...]:
        """The items of a list."""
        if isinstance(tree, Sequence):
            return tree.items
        self.wrong(tree, what, expected)
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
        """The text of a `doc`."""
        return self.text(tree, "`doc`")

    def word(self, tree: Tree, what: str, choices: Iterable[str]) -> str | None:
        """One of a closed set of words."""
        if isinstance(tree, Scalar) and tree.text in choices:
            return tree.text
        advice = did_you_mean(tree.text, choices) if isinstance(tree, Scalar) else None
        self.wrong(tree, what, f"one of {listed(choices)}", advice)
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


def places(tree: Tree) -> dict[str, Span]:
    """Where each key of a mapping stands."""
    entries = tree.entries.values() if isinstance(tree, Mapping) else ()
    return {key.text: key.span for key, _ in entries}


def listed(known: Iterable[str]) -> str:
    """Names as a message lists them."""
    return ", ".join(f"`{name}`" for name in known)
