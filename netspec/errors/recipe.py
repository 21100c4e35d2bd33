"""Findings about a training recipe: its keys, their values, what it extends."""

from netspec.diagnostics import Finding


class UnknownField(Finding):
    code = "NS0801"
    message = "{where} has no field `{field}`"
    label = "unknown field"
    help = "{advice_text}"
    field: str
    where: str
    advice_text: str | None = None


class MissingField(Finding):
    code = "NS0802"
    message = "{where} needs `{field}`"
    label = "`{field}` is missing here"
    help = "add `{field}`, {expected}"
    field: str
    where: str
    expected: str


class WrongField(Finding):
    code = "NS0803"
    message = "{what} must be {expected}"
    label = "found {found}"
    help = "{advice_text}"
    what: str
    expected: str
    found: str
    advice_text: str | None = None


class UnknownKind(Finding):
    code = "NS0804"
    message = "there is no {what} called `{found}`"
    label = "expected one of {expected}"
    help = "{advice_text}"
    what: str
    found: str
    expected: str
    advice_text: str | None = None


class ExtendsCycle(Finding):
    code = "NS0805"
    message = "this recipe extends itself: {path}"
    label = "back to the start here"
    path: str


class RecipeConflict(Finding):
    code = "NS0806"
    message = "{what}"
    label = "{reason}"
    help = "{instead}"
    what: str
    reason: str
    instead: str | None = None
