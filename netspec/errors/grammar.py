"""Findings about what a document says: keys, their values, names."""

from netspec.diagnostics import Finding


class UnknownKey(Finding):
    code = "NS0201"
    message = "{where} has no key `{key}`"
    label = "unknown key"
    help = "{advice_text}"
    key: str
    where: str
    advice_text: str | None = None


class MissingKey(Finding):
    code = "NS0202"
    message = "{where} needs `{key}`"
    label = "`{key}` is missing here"
    help = "{advice_text}"
    key: str
    where: str
    advice_text: str | None = None


class WrongValue(Finding):
    code = "NS0203"
    message = "{what} must be {expected}"
    label = "found {found}"
    help = "{advice_text}"
    what: str
    expected: str
    found: str
    advice_text: str | None = None


class BadName(Finding):
    code = "NS0204"
    message = "`{name}` cannot be a name"
    label = "{reason}"
    name: str
    reason: str


class Conflict(Finding):
    code = "NS0205"
    message = "{what}"
    label = "{reason}"
    help = "{advice_text}"
    what: str
    reason: str
    advice_text: str | None = None


class WrongVersion(Finding):
    code = "NS0206"
    message = "this netspec reads language version 1"
    label = "found {found}"
    help = "write `netspec: 1`, or update netspec if the spec is newer"
    found: str
