"""Symbolic dimensions: integers, or sums of products, floors and minima of symbols.

A dimension is kept in one normal form, so two that are equal by algebra are equal as
values: `(H - 1) // 2 + 1` of a convolution meets itself again at a join. Every symbol
stands for a size, an integer of at least 1.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache

BATCH = "batch size"  # not an identifier: no spec can name it


TERMS = 64
PRODUCTS = 8 * TERMS  # of terms, in one multiplication
LENGTH = 1000  # about the characters it is written in
LARGEST_FACTOR = 2**63


class TooComplex(OverflowError):
    """A dimension, or what is asked of one, that is beyond what can be worked with."""


def _too_long() -> TooComplex:
    return TooComplex("a size that is too long to be written down")


class Atom:
    """`H`, `floor(a / b)` or `min(a, b)`: what a polynomial is made over.

    A part may stand in it many times over and is one object, so what was once worked
    out of it is kept: walked as a tree, it could take for ever.
    """

    __slots__ = ("_hash", "_text", "arguments", "kind", "length", "name", "symbols")

    def __init__(
        self, kind: str, name: str = "", arguments: tuple["Dim", ...] = ()
    ) -> None:
        self.kind = kind  # "symbol", "floor" or "min"
        self.name = name
        self.arguments = arguments
        self.length = len(name) + sum(2 + length(argument) for argument in arguments)
        self.symbols = frozenset([name] if name else ()).union(*map(symbols, arguments))
        self._hash = hash((kind, name, arguments))
        self._text = ""

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Atom) or self._hash != other._hash:
            return False
        mine, theirs = (self.kind, self.name), (other.kind, other.name)
        return mine == theirs and self.arguments == other.arguments

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return Atom, (self.kind, self.name, self.arguments)

    def at(self, sizes: Mapping[str, int]) -> int:
        if self.kind == "symbol":
            return sizes[self.name]
        first, second = (evaluate(argument, sizes) for argument in self.arguments)
        if self.kind == "min":
            return min(first, second)
        return first // second if second else 0  # no size: what needs one refuses it

    def __str__(self) -> str:
        if not self._text:
            self._text = self._written()
        return self._text

    def _written(self) -> str:
        match self.kind:
            case "symbol":
                return self.name
            case "floor":
                return f"{_wrap(self.arguments[0])}//{_wrap(self.arguments[1])}"
            case _:
                return f"min({', '.join(map(str, self.arguments))})"


Monomial = tuple[Atom, ...]
Rational = int | Fraction  # a Fraction only where it is no integer


class Dimension:
    """A polynomial that is no plain integer; made by arithmetic on `symbol(...)`."""

    __slots__ = ("_hash", "_text", "length", "terms")

    def __init__(self, terms: tuple[tuple[Monomial, Rational], ...]) -> None:
        self.terms = terms
        self.length = sum(2 + sum(1 + atom.length for atom in m) for m, _ in terms)
        if self.length > LENGTH:
            raise _too_long()
        self._hash = hash(terms)
        self._text = ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dimension) or self._hash != other._hash:
            return False
        return self is other or self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return Dimension, (self.terms,)

    def __add__(self, other: "Dim") -> "Dim":
        if not isinstance(other, int | Dimension):
            return NotImplemented
        return _normal((*self.terms, *_terms(other)))

    def __mul__(self, other: "Dim") -> "Dim":
        if not isinstance(other, int | Dimension):
            return NotImplemented
        terms = _terms(other)
        if len(self.terms) * len(terms) > PRODUCTS:
            raise _too_long()
        return _normal(
            (tuple(sorted((*m, *n), key=_order)), a * b)
            for m, a in self.terms
            for n, b in terms
        )

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> "Dim":
        return self * -1

    def __sub__(self, other: "Dim") -> "Dim":
        return self + -other

    def __rsub__(self, other: "Dim") -> "Dim":
        return -self + other

    def __floordiv__(self, divisor: "Dim") -> "Dim":
        if not isinstance(divisor, int | Dimension):
            return NotImplemented
        return floor_div(self, divisor)

    def __str__(self) -> str:
        if not self._text:
            terms = sorted(self.terms, key=lambda t: (not t[0], -len(t[0])))
            parts = [_term(monomial, coefficient) for monomial, coefficient in terms]
            self._text = " + ".join(parts).replace("+ -", "- ")
        return self._text

    __repr__ = __str__


Dim = int | Dimension


def symbol(name: str) -> Dimension:
    """A symbol as a dimension."""
    return Dimension(((((Atom("symbol", name),)), 1),))


def length(value: Dim) -> int:
    """How long a dimension is: about the characters it is written in."""
    return value.length if isinstance(value, Dimension) else 1


def _order(atom: Atom) -> tuple[str, str]:
    return atom.kind, str(atom)


def _terms(value: Dim) -> tuple[tuple[Monomial, Rational], ...]:
    return value.terms if isinstance(value, Dimension) else (((), value),)


def _normal(terms: Iterable[tuple[Monomial, Rational]]) -> Dim:
    total: dict[Monomial, Rational] = {}
    for monomial, coefficient in terms:
        total[monomial] = total.get(monomial, 0) + coefficient
        if len(total) > TERMS or not -LARGEST_FACTOR <= coefficient <= LARGEST_FACTOR:
            raise _too_long()
    kept = [(m, int(c) if c.denominator == 1 else c) for m, c in total.items() if c]
    if not kept:
        return 0
    if len(kept) == 1 and not kept[0][0] and isinstance(kept[0][1], int):
        return kept[0][1]
    if len(kept) > 1:
        kept.sort(key=lambda term: [*map(_order, term[0])])
    return Dimension(tuple(kept))


def _term(monomial: Monomial, coefficient: Rational) -> str:
    if not monomial:
        return str(coefficient)
    atoms = "*".join(
        f"({a})" if a.kind == "floor" and len(monomial) > 1 else str(a)
        for a in monomial
    )
    number, below = abs(coefficient.numerator), coefficient.denominator
    if number != 1:
        inner = (
            f"({atoms})"
            if monomial[0].kind == "floor" and len(monomial) == 1
            else atoms
        )
        atoms = f"{number}*{inner}"
    return (
        ("-" if coefficient < 0 else "") + atoms + (f"/{below}" if below != 1 else "")
    )


def _wrap(value: Dim) -> str:
    text = str(value)
    return text if text.isalnum() else f"({text})"


def floor_div(
    value: Dim, divisor: Dim, multiples: Mapping[str, int] | None = None
) -> Dim:
    """floor(value / divisor), with what divides evenly taken out.

    `multiples` says what symbols are known to be multiples of: {"H": 32}.
    """
    if isinstance(value, int) and isinstance(divisor, int):
        return value // divisor
    if not isinstance(divisor, int):
        return _atom("floor", value, divisor)
    if abs(divisor) > LARGEST_FACTOR:
        raise _too_long()
    whole: Dim = 0
    rest: Dim = 0
    for monomial, coefficient in _terms(value):
        term = _normal([(monomial, Fraction(coefficient, divisor))])
        if _is_whole(monomial, Fraction(coefficient, divisor), multiples or {}):
            whole = whole + term
        else:
            rest = rest + _normal([(monomial, coefficient)])
    carry, rest = _carry(rest, divisor)
    whole = whole + carry
    nested = _single_floor(rest)
    if nested is not None and divisor > 0:  # so the floor is the same taken at once
        inner, by, shift = nested
        return whole + floor_div(inner + shift * by, by * divisor, multiples)
    if isinstance(rest, int):
        return whole + rest // divisor
    return whole + _atom("floor", rest, divisor)


def _carry(rest: Dim, divisor: int) -> tuple[Dim, Dim]:
    """Take what divides out of the constant: (x + 5)//2 = (x + 1)//2 + 2."""
    constant: Rational = next((c for m, c in _terms(rest) if not m), 0)
    if constant.denominator != 1 or 0 <= constant < divisor:
        return 0, rest
    quotient = int(constant) // divisor
    return quotient, rest + -quotient * divisor


def _single_floor(value: Dim) -> tuple[Dim, int, int] | None:
    """(a, b, c) if value is a//b + c: then floors of floors are one floor."""
    constant, found = 0, None
    for monomial, coefficient in _terms(value):
        if not monomial and coefficient.denominator == 1:
            constant = int(coefficient)
        elif found is None and len(monomial) == 1 and coefficient == 1:
            found = monomial[0]
        else:
            return None
    if (
        found is None
        or found.kind != "floor"
        or not isinstance(found.arguments[1], int)
    ):
        return None
    return found.arguments[0], found.arguments[1], constant


def _is_whole(
    monomial: Monomial, coefficient: Fraction, multiples: Mapping[str, int]
) -> bool:
    factor = coefficient
    for atom in monomial:
        factor *= multiples.get(atom.name, 1) if atom.kind == "symbol" else 1
    return factor.denominator == 1


def _atom(kind: str, *arguments: Dim) -> Dimension:
    return Dimension(((((Atom(kind, "", arguments),)), 1),))


def minimum(first: Dim, second: Dim) -> Dim:
    """min(first, second), decided where it can be."""
    gap = second - first
    if isinstance(gap, int):
        return first if gap >= 0 else second
    return _atom("min", *sorted((first, second), key=str))


def ceil_div(
    value: Dim, divisor: int, multiples: Mapping[str, int] | None = None
) -> Dim:
    """ceil(value / divisor), see `floor_div`."""
    return floor_div(value + (divisor - 1), divisor, multiples)


def is_increasing(value: Dim) -> bool:
    """Whether the dimension never shrinks as a symbol grows; True is certain."""
    if isinstance(value, int):
        return True
    return all(
        not monomial or (coefficient > 0 and all(map(_atom_increases, monomial)))
        for monomial, coefficient in value.terms
    )


def _atom_increases(atom: Atom) -> bool:
    if atom.kind == "floor":
        divisor = atom.arguments[1]
        if not isinstance(divisor, int) or divisor < 1:
            return False
    return all(map(is_increasing, atom.arguments))


def product(dims: Iterable[Dim]) -> Dim:
    """The product of dimensions."""
    total: Dim = 1
    for dim in dims:
        total = total * dim
    return total


def symbols(value: Dim) -> frozenset[str]:
    """The names of the symbols in a dimension."""
    if isinstance(value, int):
        return frozenset()
    atoms = [atom for monomial, _ in value.terms for atom in monomial]
    return frozenset().union(*(atom.symbols for atom in atoms))


def evaluate(value: Dim, sizes: Mapping[str, int]) -> int:
    """The dimension at given sizes. Raises KeyError for a symbol without one."""
    if isinstance(value, int):
        return value
    total: Rational = 0
    for monomial, coefficient in value.terms:
        for atom in monomial:
            coefficient *= atom.at(sizes)
        total += coefficient
    return int(total // 1)


def substitute(value: Dim, sizes: Mapping[str, int]) -> Dim:
    """The dimension with those symbols that have a size replaced by it."""
    if isinstance(value, int) or not symbols(value) & sizes.keys():
        return value
    total: Dim = 0
    for monomial, coefficient in value.terms:
        term: Dim = _normal([((), coefficient)])
        for atom in monomial:
            term = term * _substitute_atom(atom, sizes)
        total = total + term
    return total


def _substitute_atom(atom: Atom, sizes: Mapping[str, int]) -> Dim:
    if atom.kind == "symbol":
        return sizes.get(atom.name, symbol(atom.name))
    first, second = (substitute(argument, sizes) for argument in atom.arguments)
    if atom.kind == "min":
        return minimum(first, second)
    return floor_div(first, second) if second != 0 else 0


@cache
def batch() -> Dimension:
    """The leading dimension of every batched tensor."""
    return symbol(BATCH)
