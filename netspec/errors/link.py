"""Findings while files are put together: `extends`, `imports`, clashing blocks."""

from collections.abc import Iterable

from netspec.diagnostics import Finding, Label, Span


class OutsideRoot(Finding):
    code = "NS0301"
    message = "`{path}` lies outside the root folder"
    label = "it leads to {target}"
    help = "files are taken from {root} only; `--root` names another folder"
    path: str
    target: str
    root: str


class ImportCycle(Finding):
    code = "NS0302"
    message = "these files need each other"
    label = "{cycle}"
    cycle: str


class UnknownLibrary(Finding):
    code = "NS0303"
    message = "there is no library `{name}`"
    label = "netspec ships {known}"
    help = "did you mean `netspec:{suggestion}`?"
    name: str
    known: str
    suggestion: str | None = None


class BlockClash(Finding):
    code = "NS0304"
    message = "two blocks are called `{name}`"
    label = "{reason}"
    help = "rename one of them"
    name: str
    reason: str
    first: Span

    def others(self) -> Iterable[Label]:
        return [Label(self.first, "first defined here")]


class OperatorName(Finding):
    code = "NS0305"
    message = "`{name}` is an operator, and a block may not take its name"
    label = "rename this block"
    name: str


class UnknownInherited(Finding):
    code = "NS0306"
    message = "the spec this one extends has no param `{name}`"
    label = "a bare value replaces a param's default"
    help = "{advice_text}"
    name: str
    advice_text: str | None = None


class NoGraph(Finding):
    code = "NS0307"
    message = "this file has no {missing}"
    label = "a network needs one"
    help = "{instead}"
    missing: str
    instead: str
