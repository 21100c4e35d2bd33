"""Variables of a constructor: sizes that one works out once, and not twice."""

import itertools
from collections.abc import Collection, Mapping, Sequence

LONG = 20  # characters


class Variables:
    """The texts that a class is to have as variables, known once it was written."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given  # names by text, from when it was written before
        self.safe: set[str] = set()  # texts that no instance fails to work out
        self.wanted: dict[str, list[str]] = {}  # by text, a name from every use

    def of(self, text: str) -> str:
        """The variable of a text, or the text."""
        return self.given.get(text, text)

    def want(self, text: str, name: str) -> None:
        """Count a use of a text, which a variable of this name could stand for."""
        if len(text) >= LONG and text in self.safe:
            self.wanted.setdefault(text, []).append(name)

    def repeated(self, taken: Collection[str]) -> dict[str, str]:
        """The names by text of what is used twice, no name of them taken."""
        found: dict[str, str] = {}
        for text, names in self.wanted.items():
            if len(names) > 1:
                found[text] = free_name(names[:1], [*taken, *found.values()])
        return found


def free_name(names: Sequence[str], taken: Collection[str]) -> str:
    """The first of the names that is not taken, or the last of them with a number."""
    used = set(taken)
    numbered = (f"{names[-1]}{number}" for number in itertools.count(2))
    return next(n for n in itertools.chain(names, numbered) if n not in used)
