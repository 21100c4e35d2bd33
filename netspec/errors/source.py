"""Findings while YAML text is read."""

from collections.abc import Iterable

from netspec.diagnostics import Finding, Label, Span
from netspec.limits import Limits


class UnreadableFile(Finding):
    code = "NS0101"
    message = "cannot read {path}: {reason}"
    help = "did you mean `{suggestion}`?"
    path: str
    reason: str
    suggestion: str | None = None


class YamlSyntax(Finding):
    code = "NS0102"
    message = "this is not valid YAML"
    label = "{problem}"
    help = "{advice_text}"
    problem: str
    advice_text: str | None = None
    ended: Span | None = None

    def others(self) -> Iterable[Label]:
        return [Label(self.ended, "YAML gives up here")] if self.ended else ()


class DuplicateKey(Finding):
    code = "NS0103"
    message = "the key `{key}` is given twice"
    label = "given again here"
    help = "remove one of them, or give one another name"
    key: str
    first: Span

    def others(self) -> Iterable[Label]:
        return [Label(self.first, "first given here")]


class Unsupported(Finding):
    code = "NS0104"
    message = "{what} cannot be used in a spec"
    label = "{reason}"
    help = "{instead}"
    what: str
    reason: str
    instead: str


class BadAlias(Finding):
    code = "NS0105"
    message = "the alias `*{name}` has no anchor before it"
    label = "nothing is called `&{name}` up to here"
    name: str


class BadNumber(Finding):
    code = "NS0106"
    message = "this number cannot be used"
    label = "{reason}"
    help = "{advice_text}"
    reason: str
    advice_text: str | None = None


class TooLarge(Finding):
    code = "NS0107"
    message = "the limit on {what} is {limit}"
    label = "{found} here"
    help = "`--limit {name}=N` raises it"
    what: str
    limit: str
    found: str
    name: str

    @classmethod
    def of(
        cls, span: Span, what: str, limits: Limits, name: str, found: int | None = None
    ) -> "TooLarge":
        """Over the limit of that name; `found` is None where counting stopped."""
        limit = f"{getattr(limits, name):,}"
        shown = f"over {limit}" if found is None else f"{found:,}"
        return cls(span=span, what=what, limit=limit, found=shown, name=name)


class CutExpression(Finding):
    code = "NS0108"
    message = "YAML cuts this expression in two"
    label = "inside `{{…}}` a comma ends the value"
    help = "{instead}"
    instead: str
