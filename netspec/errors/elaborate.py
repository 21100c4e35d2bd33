"""Findings while values, types and shapes are worked out."""

from collections.abc import Iterable

from netspec.diagnostics import Finding, Label
from netspec.errors.led import Led, Unknown


class UnknownType(Unknown):
    code = "NS0501"
    message = "there is no operator or block `{name}`"
    label = "unknown type"


class UnknownArgument(Finding):
    code = "NS0502"
    message = "`{type}` has no argument `{name}`"
    label = "{what}"
    help = "{advice_text}"
    type: str
    name: str
    advice_text: str
    what: str = "unknown argument"


class MissingArgument(Finding):
    code = "NS0503"
    message = "`{type}` needs `{name}`"
    label = "`{name}` is missing"
    help = "give it {expected}, for instance `{name}: {example}`"
    type: str
    name: str
    expected: str
    example: str


class MissingParam(Finding):
    code = "NS0515"
    message = "`{spec}` needs a value for `{name}`"
    label = "this param has no default"
    help = "`--set {name}=…` gives it {expected}"
    spec: str
    name: str
    expected: str


class UnknownSymbol(Finding):
    code = "NS0516"
    message = "no input has a symbol `{name}`"
    label = "unknown symbol"
    help = "{advice_text}"
    name: str
    advice_text: str


class WrongArgument(Led):
    code = "NS0504"
    message = "`{name}` of `{type}` cannot have this value"
    label = "{reason}"
    help = "{advice_text}"
    type: str
    name: str
    reason: str
    advice_text: str | None = None


class BadExpression(Led):
    code = "NS0505"
    message = "this expression cannot be worked out"
    label = "{reason}"
    help = "{advice_text}"
    reason: str
    advice_text: str | None = None
    is_unknown: bool = False  # a name stands for nothing

    @property
    def same(self) -> object:
        if self.is_unknown:
            return self.reason, self.advice_text, self.span.source.name
        return super().same


class WrongCondition(Led):
    code = "NS0506"
    message = "{what}"
    label = "{reason}"
    help = "{advice_text}"
    what: str
    reason: str
    advice_text: str | None = None


class WrongInputs(Finding):
    code = "NS0507"
    message = "`{type}` takes {expected}"
    label = "{found} here"
    help = "{advice_text}"
    type: str
    expected: str
    found: str
    inputs: tuple[Label, ...] = ()
    advice_text: str | None = None

    def others(self) -> Iterable[Label]:
        return self.inputs


class Mismatch(Finding):
    code = "NS0508"
    message = "{reason}"
    label = "{note_text}"
    help = "{advice_text}"
    reason: str
    note_text: str
    producers: tuple[Label, ...] = ()
    advice_text: str | None = None

    def others(self) -> Iterable[Label]:
        return self.producers


class UnknownOutput(Finding):
    code = "NS0509"
    message = "`{node}` has no output `{name}`"
    label = "unknown output"
    help = "{advice_text}"
    node: str
    name: str
    advice_text: str


class UnknownParam(Finding):
    code = "NS0510"
    message = "{what} has no param `{name}`"
    label = "unknown param"
    help = "{advice_text}"
    what: str
    name: str
    advice_text: str


class WrongShape(Finding):
    code = "NS0511"
    message = "the input `{name}` cannot have this size"
    label = "{reason}"
    name: str
    reason: str


class Recursion(Finding):
    code = "NS0512"
    message = "the block `{name}` never ends"
    label = "{reason}"
    help = "a block may use itself only under a `when` that becomes false"
    name: str
    reason: str


class NameClash(Finding):
    code = "NS0513"
    message = "two nodes are called `{name}`"
    label = "this one comes in second"
    help = "a spliced repeat's children join the enclosing graph; give it a `prefix`"
    name: str


class OutputAbsent(Finding):
    code = "NS0514"
    message = "this graph gives nothing"
    label = "{reason}"
    help = "at least one output must exist whatever the params are"
    reason: str
