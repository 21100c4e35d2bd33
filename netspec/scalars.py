"""Plain scalars by the YAML 1.2 core schema: `on` is a string, `1e-3` a float."""

import math
import re

from netspec import limits as limits_

Plain = None | bool | int | float | str

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class LongInteger(ValueError):
    """An integer over the limit, said with what was found."""

    def __init__(self, digits: str, largest: int) -> None:
        found = digits if len(digits) <= 20 else f"a number of {len(digits):,} digits"
        most = "2**53" if largest == limits_.DEFAULT.integer else str(largest)
        super().__init__(f"integers go up to {most}, and this is {found}")


def resolve(text: str, largest: int = limits_.DEFAULT.integer) -> Plain:
    """A plain scalar's value by the YAML 1.2 core schema.

    Raises ValueError for a number that is not finite or too large.
    """
    if text in _WORDS:
        return _WORDS[text]
    if not (text[0].isdigit() or text[0] in "+-."):
        return text
    if _INTEGER.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        digits = len(text.lstrip("+-0"))
        value = int(text, base) if digits <= 60 else largest + 1
        if abs(value) > largest:
            raise LongInteger(text, largest)
        return value
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise ValueError("it is too large for a float")
        return number
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("numbers here are finite")
    return text
