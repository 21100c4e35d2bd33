"""Values as specs write them, and the scope that expressions are read in."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from netspec import expressions
from netspec.diagnostics import Span, did_you_mean, suggest
from netspec.dimensions import Dimension, symbol
from netspec.expressions import Expression, ExpressionError, Name, Reference
from netspec.kinds import Kind, OneOf
from netspec.limits import Limits
from netspec.link import Block
from netspec.operators import Operator
from netspec.source import Mapping as MappingTree
from netspec.source import Scalar, Sequence, Tree
from netspec.tensors import TensorType


class Row(Mapping[str, Any]):
    """A mapping as a value: what a `row` param or an element of a list holds."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._key = tuple(self._values.items())

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self._key == other._key

    def __repr__(self) -> str:
        return f"Row({self._values})"


class TypeValue:
    """An operator or a block as a value, where a param is of type `block`."""

    def __init__(self, target: "type[Operator] | Block") -> None:
        self.target = target

    @property
    def name(self) -> str:
        return (
            self.target.name if isinstance(self.target, Block) else self.target.__name__
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeValue) and self.target is other.target

    def __hash__(self) -> int:
        return id(self.target)

    def __repr__(self) -> str:
        return self.name


class Unknown(Exception):
    """A value that depends on something already found to be wrong."""


class Env:
    """What names mean at one place: params and loop variables, inputs, symbols."""

    __slots__ = ("inputs", "later", "own", "symbols", "values")

    def __init__(
        self,
        values: Mapping[str, Any],
        inputs: Mapping[str, TensorType | None],
        symbols: frozenset[str] = frozenset(),
        own: tuple[TensorType | None, ...] | None = None,
        later: Collection[str] = (),
    ) -> None:
        self.values = values
        self.inputs = inputs
        self.symbols = symbols
        self.own = own  # the inputs of the node itself, for `$from`
        self.later = later  # params that are declared further down

    def with_values(self, values: Mapping[str, Any]) -> "Env":
        return Env({**self.values, **values}, self.inputs, self.symbols, self.own)

    def at_node(self, own: tuple[TensorType | None, ...]) -> "Env":
        return Env(self.values, self.inputs, self.symbols, own)

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
            value = _step(value, step, part, last)
        if isinstance(value, TensorType):
            raise _wrong(
                part,
                f"`${part.name}` is a tensor",
                "ask for its `.channels` or `.shape.0`",
            )
        return value

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
        raise _wrong(part, f"there is no symbol `{part.name}` here", advice)

    def _start(self, part: Reference) -> Any:
        if part.name in self.values:
            return self.values[part.name]
        if part.name == "from" and self.own:
            return self._typed(self.own[0])
        if part.name in self.inputs:
            return self._typed(self.inputs[part.name])
        if part.name in self.later:
            first = f"declare `{part.name}` before what uses it"
            raise _wrong(part, f"`{part.name}` has no value yet", first)
        known = [*self.values, *self.inputs]
        close = suggest(part.name, known)
        advice = f"did you mean `${close}`?" if close else None
        if advice is None and known:
            advice = "there are " + ", ".join(f"`${name}`" for name in known[:12])
        raise _wrong(part, f"there is no param `{part.name}` here", advice)

    @staticmethod
    def _typed(value: TensorType | None) -> TensorType:
        if value is None:
            raise Unknown
        return value


def _wrong(
    part: Reference | Name, reason: str, advice: str | None = None
) -> ExpressionError:
    return ExpressionError(reason, part.start, part.end, advice)


_VIEWS = {"channels": 0, "height": -2, "width": -1, "features": -1}


def _step(value: Any, step: Any, part: Reference, last: bool) -> Any:
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
        raise _wrong(
            part, f"index {step} is out of range: the list has {len(value)} elements"
        )
    raise _wrong(part, f"{expressions.show(value)} has no `.{step}`")


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


# Trees to values ------------------------------------------------------------------

_WHOLE = re.compile(r"\$[A-Za-z_]\w*(\.\$?\w+)*", re.ASCII)


def is_expression(scalar: Scalar, kind: Kind | None) -> bool:
    """Whether a scalar, given for a value of this kind, is read as an expression."""
    if not isinstance(scalar.value, str):
        return False
    if isinstance(kind, OneOf):
        if scalar.text in kind.words:
            return False
        return any(is_expression(scalar, part) for part in kind.kinds)
    match kind.reads if kind is not None else "reference":
        case "always":
            return True
        case "reference":
            return "$" in scalar.text
        case _:
            return _WHOLE.fullmatch(scalar.text) is not None


class Failure(Exception):
    """An expression at a place that failed: for the walker to report."""

    def __init__(self, scalar: Scalar, error: ExpressionError) -> None:
        super().__init__(error.reason)
        self.scalar = scalar
        self.error = error


class Reader:
    """Works out trees in an environment; parsed expressions are kept."""

    def __init__(self, limits: Limits, spend: Callable[[Span, int], None]) -> None:
        self.limits = limits
        self.spend = spend
        self.parsed: dict[str, Expression] = {}
        self.steps: dict[str, int] = {}  # how many parts each of these has

    def expression(self, scalar: Scalar) -> Expression:
        """The scalar's text as an expression. Raises Failure."""
        text = (
            scalar.text if isinstance(scalar.value, str) else str(plain_literal(scalar))
        )
        if text not in self.parsed:
            try:
                self.parsed[text] = expressions.parse(text, self.limits)
            except ExpressionError as error:
                raise Failure(scalar, error) from None
        return self.parsed[text]

    def evaluate(self, scalar: Scalar, env: Env) -> Any:
        """The scalar as an expression. Raises Failure, Unknown."""
        if not isinstance(scalar.value, str):
            return scalar.value
        tree = self.expression(scalar)
        if scalar.text not in self.steps:
            self.steps[scalar.text] = sum(1 for _ in expressions.walk(tree))
        self.spend(scalar.span, self.steps[scalar.text])
        try:
            return expressions.evaluate(tree, env.lookup, self.limits)
        except ExpressionError as error:
            raise Failure(scalar, error) from None

    def value(self, tree: Tree, kind: Kind | None, env: Env) -> Any:
        """A tree's value, read as its kind says; `kind` None is "any value"."""
        match tree:
            case Scalar():
                return (
                    self.evaluate(tree, env)
                    if is_expression(tree, kind)
                    else tree.value
                )
            case Sequence():
                return tuple(self.value(item, kind, env) for item in tree.items)
            case MappingTree():
                return Row(
                    {
                        name: self.value(e.value, None, env)
                        for name, e in tree.entries.items()
                    }
                )


def plain_literal(scalar: Scalar) -> str:
    """A scalar that YAML read as a number or a word, as expression text."""
    value = scalar.value
    return (
        "null"
        if value is None
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


References = dict[int, tuple[Any, frozenset[str]]]  # by id; the tree is kept alive


def references(tree: Any, cache: References) -> frozenset[str]:
    """Every `$name` that appears anywhere in a declaration."""
    if id(tree) not in cache:
        cache[id(tree)] = (tree, frozenset(_names(tree)))
    return cache[id(tree)][1]


_NAME = re.compile(r"\$([A-Za-z_]\w*)", re.ASCII)


def _names(tree: Any) -> Iterator[str]:
    match tree:
        case Scalar():
            if isinstance(tree.value, str):
                yield from _NAME.findall(tree.text)
        case str():
            yield from ()
        case Mapping():
            for value in tree.values():
                yield from _names(value)
        case tuple():
            for value in tree:
                if isinstance(value, tuple | Mapping):
                    yield from _names(value)
