"""Findings about what a drawing was asked for."""

from netspec.diagnostics import Finding


class UnknownPath(Finding):
    """A path or block that the network does not have."""

    code = "NS1001"
    message = "the network has no {what} `{name}`"
    label = "not found"
    help = "{advice_text}"
    what: str
    name: str
    advice_text: str | None = None


class UnknownChoice(Finding):
    """A word that is none of those an option takes."""

    code = "NS1002"
    message = "`{name}` is not a {what}"
    label = "expected one of {choices}"
    help = "{advice_text}"
    what: str
    name: str
    choices: str
    advice_text: str | None = None


class NotDrawn(Finding):
    """A picture that could not be laid out, or not in time."""

    code = "NS1003"
    message = "the drawing could not be made"
    label = "{reason}"
    help = "{advice_text}"
    reason: str
    advice_text: str | None = None


class BadTheme(Finding):
    """A theme file that cannot be used."""

    code = "NS1004"
    message = "this theme cannot be used"
    label = "{reason}"
    help = "{advice_text}"
    reason: str
    advice_text: str | None = None
