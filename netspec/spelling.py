"""What a name that is not known was most likely meant to be."""

from collections.abc import Iterable
from itertools import islice

COMPARED = 50_000  # pairs of characters that one suggestion may compare


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` most likely was meant to be."""
    return next(iter(closest(name, known)), None)


def closest(name: str, known: Iterable[str]) -> list[str]:
    """The known names nearest to `name`; several where none is nearer."""
    from difflib import SequenceMatcher, get_close_matches

    known, name = list(islice(known, 10_000)), name[:64].lower()
    near = [k for k in known if abs(len(k) - len(name)) <= 2 + len(name) // 3][:1000]
    most = COMPARED // (len(name) + 1) ** 2
    if len(near) > most:
        near = sorted(near, key=lambda k: _shared(k.lower(), name), reverse=True)[:most]
    folded = {k.lower(): k for k in near}
    close = get_close_matches(name, folded, n=4, cutoff=0.6)
    if close:
        match = {k: SequenceMatcher(None, k, name).ratio() for k in close}
        return [folded[k] for k in sorted(close) if match[k] == match[close[0]]]
    longer = [k for k in known if len(name) > 2 and k.lower().startswith(name)]
    return longer if len(longer) == 1 else []


def did_you_mean(
    name: str, known: Iterable[str], otherwise: str | None = None
) -> str | None:
    """Advice on a name that is not known: the one that was meant, or `otherwise`."""
    *first, last = [f"`{k}`" for k in closest(name, known)] or [""]
    if not last:
        return otherwise
    names = f"{', '.join(first)} or {last}" if first else last
    return f"did you mean {names}?"


def _shared(one: str, other: str) -> int:
    """How many characters two names share at their ends."""
    return _prefix(one, other) + _prefix(one[::-1], other[::-1])


def _prefix(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
