"""What must hold between sizes: assumed by a `where`, or needed by a network."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from netspec.dimensions import (
    Dim,
    TooComplex,
    evaluate,
    is_increasing,
    length,
    symbol,
    symbols,
)
from netspec.expressions import ExpressionError


class Constraint(NamedTuple):
    """`left relation right` over the symbols, for instance `H >= 32`."""

    left: Dim
    relation: str  # ">=", "==" or "%": left is a multiple of right
    right: Dim

    @property
    def length(self) -> int:
        """What it takes to try it at some sizes."""
        return length(self.left) + length(self.right)

    def holds(self, sizes: Mapping[str, int]) -> bool:
        left, right = evaluate(self.left, sizes), evaluate(self.right, sizes)
        match self.relation:
            case ">=":
                return left >= right
            case "==":
                return left == right
            case _:
                return left % right == 0

    def symbols(self) -> frozenset[str]:
        return symbols(self.left) | symbols(self.right)

    def __str__(self) -> str:
        if self.relation == "%":
            return f"{self.left} % {self.right} == 0"
        return f"{self.left} {self.relation} {self.right}"


Condition = Callable[[Mapping[str, int]], bool]  # whether sizes of symbols meet it
LARGEST = 2**31 - 1  # no dimension is larger
SAMPLES = 512  # sizes tried, per symbol, when a relation is weighed
WORK = 16_000 * SAMPLES  # the lengths of all relations tried at sizes, in one network
CONDITION = 100  # what it takes to try a `where`, as a length


def sample(names: Iterable[str]) -> list[dict[str, int]]:
    """Sizes to try a relation at: all small ones for one symbol, mixtures for more."""
    ordered = sorted(names)
    if len(ordered) == 1:
        return [{ordered[0]: n} for n in range(1, SAMPLES + 1)]
    diagonal = [dict.fromkeys(ordered, n) for n in range(1, SAMPLES // 2 + 1)]
    skewed = [
        {name: 1 + (n * (7 + 6 * k)) % 257 for k, name in enumerate(ordered)}
        for n in range(SAMPLES // 2)
    ]
    return diagonal + skewed


class _Least(dict[str, int]):
    """The least size of every symbol, as far as it is known yet."""

    def __missing__(self, name: str) -> int:
        return 1


class Assumptions:
    """What is known of the symbols, and what a network turned out to need of them."""

    def __init__(self) -> None:
        self.where: list[tuple[frozenset[str], Condition]] = []
        self.multiples: dict[str, int] = {}
        self.needed: dict[Constraint, None] = {}
        self.allowed_samples: dict[frozenset[str], list[dict[str, int]]] = {}
        self.joint: dict[frozenset[str], list[dict[str, int]]] = {}
        self.beyond: set[frozenset[str]] = set()  # names that need larger sizes
        self.least = _Least()
        self.weighed: dict[Constraint, bool] = {}
        self.work = 0

    def spend(self, work: int) -> None:
        """Count what is tried at sizes. Raises TooComplex where it is too much."""
        self.work += work
        if self.work > WORK:
            raise TooComplex("more relations between sizes than can be weighed")

    def assume(self, names: Iterable[str], holds: Condition) -> None:
        """Take a `where` condition about some symbols as given."""
        about = frozenset(names)
        self.where.append((about, holds))
        for key, samples in self.allowed_samples.items():
            if key & about:
                kept = [sizes for sizes in samples if _allows(holds, sizes)]
                self.allowed_samples[key] = kept

    def samples(self, names: Iterable[str]) -> list[dict[str, int]]:
        """Sizes to try a relation at: those that every `where` allows."""
        key = frozenset(names)
        if key not in self.allowed_samples:
            tried = sample(key)
            for holds in [holds for about, holds in self.where if about & key]:
                self.spend(CONDITION * len(tried))
                tried = [sizes for sizes in tried if _allows(holds, sizes)]
            self.allowed_samples[key] = tried
        return self.allowed_samples[key]

    def allowed(self, sizes: Mapping[str, int]) -> bool:
        """Whether the sizes meet every `where`."""
        return all(_allows(holds, sizes) for _, holds in self.where)

    def at_least(self, value: Dim, bound: int) -> bool:
        """Need `value >= bound`; False if no sizes can meet it."""
        self.spend(length(value))
        if is_increasing(value) and evaluate(value, self.least) >= bound:
            return True
        return self._need(Constraint(value, ">=", bound))

    def equal(self, first: Dim, second: Dim) -> bool:
        """Need two dimensions to be equal; False if they never are."""
        return first == second or self._need(Constraint(first, "==", second))

    def divides(self, value: Dim, divisor: int) -> bool:
        """Need `value` to be a multiple of `divisor`; False if it never is."""
        return self._need(Constraint(value, "%", divisor))

    def _need(self, constraint: Constraint) -> bool:
        names = constraint.symbols()
        if not names:
            return constraint.holds({})
        if constraint not in self.weighed:
            self.weighed[constraint] = self._weigh(constraint)
        return self.weighed[constraint]

    def _weigh(self, constraint: Constraint) -> bool:
        """Try a relation at many sizes; what not all of them meet is needed."""
        names = constraint.symbols()
        samples = self.samples(names)
        self.spend(constraint.length * len(samples))
        met = [sizes for sizes in samples if constraint.holds(sizes)]
        if not met:
            return self._needs_more(constraint)
        if len(met) < len(samples):
            self._keep(_simplest(constraint, samples, met))
        return self._together(constraint, met)

    def _keep(self, needed: Constraint) -> None:
        """Take in what is needed; a plain lower bound settles later questions."""
        self.needed[needed] = None
        names = needed.symbols()
        plain = needed.relation == ">=" and isinstance(needed.right, int)
        for name in names if plain and len(names) == 1 else ():
            if needed.left == symbol(name) and isinstance(needed.right, int):
                self.least[name] = max(self.least[name], needed.right)

    def _together(self, constraint: Constraint, met: list[dict[str, int]]) -> bool:
        """Whether some sizes meet this and all that was needed of them before."""
        names = constraint.symbols()
        before = self.joint.get(names)
        self.joint[names] = (
            met if before is None else [s for s in before if constraint.holds(s)]
        )
        return bool(self.joint[names]) or names in self.beyond

    def _needs_more(self, constraint: Constraint) -> bool:
        """Whether a lower bound is met by sizes beyond those that were tried."""
        if constraint.relation != ">=" or not is_increasing(constraint.left):
            return False
        names = constraint.symbols()
        low, high = 0, 1
        while not constraint.holds(dict.fromkeys(names, high)):
            low, high = high, high * 2
            if high > LARGEST:
                return False
        while len(names) == 1 and high - low > 1:
            middle = (low + high) // 2
            met = constraint.holds(dict.fromkeys(names, middle))
            low, high = (low, middle) if met else (middle, high)
        if len(names) == 1:
            constraint = Constraint(symbol(*names), ">=", high)
        self.needed[constraint] = None
        self.beyond.add(names)
        return True

    def report(self) -> list[Constraint]:
        """What must hold, the weaker of two lower bounds left out."""
        bounds: dict[Dim, int] = {}
        for constraint in self.needed:
            if constraint.relation == ">=" and isinstance(constraint.right, int):
                left = constraint.left
                bounds[left] = max(bounds.get(left, 0), constraint.right)
        kept = [
            c
            for c in self.needed
            if bounds.get(c.left, c.right) == c.right or c.relation != ">="
        ]
        return sorted(kept, key=str)


def _allows(holds: Condition, sizes: Mapping[str, int]) -> bool:
    """Whether sizes meet a `where`, as far as it is about them."""
    try:
        return holds(sizes)
    except KeyError:  # about a symbol that does not matter here
        return True
    except ExpressionError:  # without a value at these sizes
        return False


def _simplest(
    constraint: Constraint, samples: list[dict[str, int]], met: list[dict[str, int]]
) -> Constraint:
    """The constraint on one symbol said plainly: `H >= 32` or `H % 8 == 0`."""
    names = constraint.symbols()
    if len(names) != 1:
        return constraint
    (name,) = names
    tried, values = [s[name] for s in samples], {s[name] for s in met}
    lowest = min(values)
    if values == {n for n in tried if n >= lowest}:
        return Constraint(symbol(name), ">=", lowest)
    if values == {lowest}:
        return Constraint(symbol(name), "==", lowest)
    if values == {n for n in tried if n % lowest == 0}:
        return Constraint(symbol(name), "%", lowest)
    return constraint
