"""What names mean at one place: the scope that expressions are read in."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from netspec import expressions
from netspec.diagnostics import Label
from netspec.dimensions import Dimension, symbol
from netspec.elaborate.values import Row
from netspec.expressions import ExpressionError, Name, Reference, UnknownName
from netspec.record import MISSING
from netspec.source import Tree
from netspec.spelling import did_you_mean, suggest
from netspec.tensors import TensorType


class Unknown(Exception):
    """A value that depends on something already found to be wrong."""


class Given(NamedTuple):
    """What was written for a value, and for the names that this mentions in turn."""

    tree: Tree | None  # None for what is counted
    names: "Names"
    causes: tuple[Label, ...] = ()  # where it was set from outside, if it was


Names = Mapping[str, Given]


class Env:
    """What names mean at one place: params and loop variables, inputs, symbols."""

    __slots__ = (
        "hidden",
        "inputs",
        "later",
        "outer",
        "own",
        "symbols",
        "values",
        "written",
    )

    def __init__(
        self,
        values: Mapping[str, Any],
        inputs: Mapping[str, TensorType | None],
        symbols: frozenset[str] = frozenset(),
        own: tuple[TensorType | None, ...] | None = None,
        later: Collection[str] = (),
        outer: Collection[str] = (),
        hidden: Collection[str] = (),
        written: Mapping[str, Given] = {},
    ) -> None:
        self.values = values
        self.inputs = inputs
        self.symbols = symbols
        self.own = own  # the inputs of the node itself, for `$from`
        self.later = later  # params that are declared further down
        self.outer = outer  # params of the spec, which a block does not see
        self.hidden = hidden  # names that mean another thing here than further out
        self.written = written  # what values were given as

    def in_turn(
        self,
        loop: Mapping[str, Any],
        own: tuple[TensorType | None, ...],
        written: Names,
    ) -> "Env":
        """For one child of a repeat: its index and element, what it reads itself."""
        values = {**self.values, **loop}
        hidden = {*self.hidden, *(self.values.keys() & loop.keys())}
        kept = {k: given for k, given in self.written.items() if k not in loop}
        return self._with(values, own, hidden, {**kept, **written})

    def at_node(self, own: tuple[TensorType | None, ...]) -> "Env":
        """For a node: what it reads itself."""
        return self._with(self.values, own, self.hidden, self.written)

    def within(self, inputs: Mapping[str, TensorType | None]) -> "Env":
        """For a graph that sees these names, and has inputs of its own."""
        args = (self.values, inputs, self.symbols)
        return Env(*args, outer=self.outer, hidden=self.hidden, written=self.written)

    def _with(
        self,
        values: Mapping[str, Any],
        own: tuple[TensorType | None, ...],
        hidden: Collection[str],
        written: Names,
    ) -> "Env":
        """The same place with other values, and what a node there reads."""
        args = (values, self.inputs, self.symbols, own)
        return Env(*args, outer=self.outer, hidden=hidden, written=written)

    def lookup(self, part: Reference | Name) -> Any:
        """The value of a reference or a symbol. Raises ExpressionError, Unknown."""
        if isinstance(part, Name) or (
            part.name in self.symbols and part.name not in self.values
        ):
            return self._symbol(part)
        value = self._start(part)
        for position, step in enumerate(part.steps):
            if isinstance(step, Reference):
                step = self.lookup(step)
            last = position == len(part.steps) - 1
            value = self._step(value, step, part, last)
        if isinstance(value, TensorType):
            raise _wrong(
                part,
                f"`${part.name}` is a tensor",
                "ask for its `.channels` or `.shape.0`",
            )
        return value

    def _step(self, value: Any, step: Any, part: Reference, last: bool) -> Any:
        if isinstance(value, TensorType):
            return _of_tensor(value, step, part, last)
        if isinstance(value, Row) and isinstance(step, str):
            if step in value:
                return value[step]
            listed = f"it has {', '.join(value) or 'nothing'}"
            advice = did_you_mean(step, value, listed)
            raise _wrong(part, f"this row has no `{step}`", advice)
        if isinstance(value, tuple) and type(step) is int:
            if 0 <= step < len(value):
                return value[step]
            reason = f"index {step} is out of range: the list has {len(value)} elements"
            raise _wrong(part, reason)
        advice = None
        if part.name in self.hidden:
            advice = f"`${part.name}` is the inner repeat's: rename the outer by `as:`"
        raise _wrong(part, f"{expressions.show(value)} has no `.{step}`", advice)

    def _symbol(self, part: Reference | Name) -> Dimension:
        if part.name in self.symbols:
            if isinstance(part, Reference) and part.steps:
                raise _wrong(
                    part, f"the symbol `{part.name}` is a size, and has no parts"
                )
            return symbol(part.name)
        advice = (
            f"a param is written `${part.name}`" if part.name in self.values else None
        )
        if advice is None:
            close = suggest(part.name, [*self.symbols, *self.values])
            advice = (
                f"did you mean `{'' if close in self.symbols else '$'}{close}`?"
                if close
                else None
            )
        raise _unknown(part, f"there is no symbol `{part.name}` here", advice)

    def _start(self, part: Reference) -> Any:
        if part.name in self.values:
            if self.values[part.name] is MISSING:
                raise Unknown
            return self.values[part.name]
        if part.name == "from" and self.own:
            return self._typed(self.own[0])
        if part.name in self.inputs:
            return self._typed(self.inputs[part.name])
        if part.name in self.later:
            first = f"declare `{part.name}` before what uses it"
            raise _wrong(part, f"`{part.name}` has no value yet", first)
        if part.name in self.outer:
            declared = f"the spec has it: declare `{part.name}` in the block's `params`"
            handed = f"{declared}, and give it `{part.name}: ${part.name}` where used"
            raise _unknown(part, f"there is no param `{part.name}` here", handed)
        known = [*self.values, *self.inputs]
        close = suggest(part.name, known)
        advice = f"did you mean `${close}`?" if close else None
        if advice is None and known:
            advice = "there are " + ", ".join(f"`${name}`" for name in known[:12])
        raise _unknown(part, f"there is no param `{part.name}` here", advice)

    @staticmethod
    def _typed(value: TensorType | None) -> TensorType:
        if value is None:
            raise Unknown
        return value


def _wrong(
    part: Reference | Name, reason: str, advice: str | None = None
) -> ExpressionError:
    return ExpressionError(reason, part.start, part.end, advice)


def _unknown(part: Reference | Name, reason: str, advice: str | None) -> UnknownName:
    return UnknownName(reason, part.start, part.end, advice)


_VIEWS = {"channels": 0, "height": -2, "width": -1, "features": -1}


def _of_tensor(value: TensorType, step: Any, part: Reference, last: bool) -> Any:
    if step == "rank":
        return len(value.shape)
    if step == "shape" and not last:
        return value.shape
    if step in _VIEWS:
        index = _VIEWS[step]
        if (step in ("height", "width") and len(value.shape) < 2) or not value.shape:
            raise _wrong(part, f"{value} has no {step}")
        return value.shape[index]
    raise _wrong(
        part,
        f"a tensor has no `.{step}`",
        "it has .channels .height .width .features .rank .shape.0",
    )
