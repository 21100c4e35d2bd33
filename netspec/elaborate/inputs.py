"""A network's inputs: their types, their symbols and the symbols' example sizes."""

from collections.abc import Iterable, Mapping
from typing import Any

from netspec import expressions
from netspec.declarations import InputDecl
from netspec.diagnostics import Source, Span
from netspec.dimensions import Dim, Dimension
from netspec.elaborate.scope import Env
from netspec.elaborate.walk import Elaborator
from netspec.elaborate.where import promise
from netspec.errors import elaborate as errors
from netspec.errors.verify import ExampleRefused
from netspec.expressions import Name
from netspec.record import MISSING
from netspec.source import Scalar
from netspec.spelling import did_you_mean
from netspec.tensors import TensorType

Ports = dict[str, TensorType | None]


class Inputs:
    """Reads the inputs; `symbols` are those met so far, by where they are met first."""

    def __init__(self, decls: tuple[InputDecl, ...], elaborator: Elaborator) -> None:
        self.decls = decls
        self.elaborator = elaborator
        self.reader = elaborator.reader
        self.budget = elaborator.budget
        self.reports = elaborator.reports
        self.symbols: dict[str, Span] = {}
        self.given: dict[str, Span] = {}  # the sizes from outside

    def ports(self, values: Mapping[str, Any]) -> Ports:
        """The inputs' types by name; None, and reported, for one that is wrong."""
        return {decl.name: self.port(decl, values) for decl in self.decls}

    def port(self, decl: InputDecl, values: Mapping[str, Any]) -> TensorType | None:
        """One input's type."""
        if not decl.is_whole:
            return None
        shape = [self.size(decl, scalar, values) for scalar in decl.shape]
        what = "dimensions of a tensor"
        few = self.budget.within(decl.span, what, len(shape), "rank")
        known = [size for size in shape if size is not None]
        return TensorType.batched(known, decl.dtype) if few and known == shape else None

    def size(
        self, decl: InputDecl, scalar: Scalar, values: Mapping[str, Any]
    ) -> Dim | None:
        """One size of an input: a positive integer, or an expression over symbols."""
        found = self.reader.attempt(self.evaluate, scalar, values)
        if isinstance(found, Dimension):
            return found
        if type(found) is int and found >= 1:
            span, within = scalar.span, self.budget.within
            return found if within(span, "one dimension", found, "dimension") else None
        if found is not MISSING:
            shown = expressions.show(found)
            reason = f"a size is a positive integer, and this is {shown}"
            self.reports.add(
                errors.WrongShape, scalar.span, name=decl.name, reason=reason
            )
        return None

    def evaluate(self, scalar: Scalar, values: Mapping[str, Any]) -> Any:
        """A size as it is written; its bare names become symbols. Raises Failure."""
        tree = self.reader.expression(scalar)
        parts = expressions.walk(tree)
        names = {part.name for part in parts if isinstance(part, Name)}
        for name in names:
            self.symbols.setdefault(name, scalar.span)
        return self.reader.evaluate(scalar, Env(values, {}, frozenset(names)))

    def promises(self, values: Mapping[str, Any]) -> None:
        """Assume what the inputs' `where`s say of the symbols."""
        for decl in self.decls:
            if decl.where is not None:
                promise(decl.where, values, self.symbols, self.elaborator)

    # Example sizes ------------------------------------------------------------------

    def example(self, given: Mapping[str, int]) -> dict[str, int]:
        """The example sizes, those given over the spec's own.

        They must be of symbols that exist, and meet what must hold of them.
        """
        sizes: dict[str, int] = {}
        for decl in self.decls:
            sizes |= decl.example
        sizes |= given
        self.given = {name: _given(name, size) for name, size in given.items()}
        for name in sizes.keys() - self.symbols.keys():
            self.unknown_symbol(name)
        self.judge(sizes)
        return sizes

    def judge(self, sizes: Mapping[str, int]) -> None:
        """Report what must hold of the symbols and does not at these sizes."""
        assume = self.elaborator.assume
        shown = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        for constraint in assume.report():
            names = constraint.symbols()
            if names <= sizes.keys() and not constraint.holds(sizes):
                self.refused(str(constraint), self.blamed(names), shown)
        known = sizes.keys() >= self.symbols.keys()
        allowed = not known or assume.allowed(sizes)
        for decl in () if allowed else self.decls:
            if decl.where:
                self.refused(decl.where.text, self.blamed(self.symbols), shown)

    def blamed(self, names: Iterable[str]) -> str:
        """The symbol whose size is at fault: one that is given from outside, if any."""
        return min(names, key=lambda name: (name not in self.given, name))

    def unknown_symbol(self, name: str) -> None:
        """Say that no input has the symbol, and which there are."""
        listed = ", ".join(f"`{symbol}`" for symbol in self.symbols)
        symbols = f"the symbols are {listed}" if listed else "every size is fixed"
        advice = did_you_mean(name, self.symbols, symbols)
        place = self.place(name)
        self.reports.add(errors.UnknownSymbol, place, name=name, advice_text=advice)

    def refused(self, condition: str, name: str, sizes: str) -> None:
        """Say that the sizes do not meet a condition, where one of them is given."""
        span = self.place(name)
        what = "a size" if name in self.given else "an `example`"
        fields = {"condition": condition, "sizes": sizes, "what": what}
        self.reports.add(ExampleRefused, span, **fields)

    def place(self, name: str) -> Span:
        """Where a symbol is given its size, else the first input."""
        if name in self.given:
            return self.given[name]
        places = (decl.places[name] for decl in self.decls if name in decl.places)
        return next(places, self.decls[0].span)


def _given(name: str, size: int) -> Span:
    """The size in a text of its own, as `--size` gives it."""
    shown = f"{name}={size}"
    return Span(Source("<sizes>", shown), 1, 1, 1, len(shown) + 1)
