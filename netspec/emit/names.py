"""How a class writes its numbers: constants, constructor parameters, or arithmetic."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from netspec.dimensions import Dimension
from netspec.elaborate.scope import Env, Unknown
from netspec.emit.layout import literal
from netspec.emit.trees import ANY, Context, Slot
from netspec.expressions import (
    Binary,
    Call,
    Conditional,
    Expression,
    ExpressionError,
    Literal,
    Reference,
    Unary,
)
from netspec.graph import Graph
from netspec.tensors import TensorType

SCALARS = (bool, int, float, str, tuple, type(None))
# What an inferred argument is to a class that takes it: the channels coming in.
_ROLES = {"num_features": "in_channels"}
_FIRST = ("in_channels", "in_features", "num_features", "embed_dim", "input_size")


class Parameter(NamedTuple):
    """A constructor parameter: its value in each instance, and its default."""

    name: str
    values: tuple[Any, ...]
    default: Any = ...

    def refined(self, values: Sequence[Any]) -> "Parameter":
        """With the values of instances that had not read it so far."""
        pairs = zip(self.values, values, strict=True)
        return self._replace(values=tuple(b if a is ANY else a for a, b in pairs))

    def settled(self) -> "Parameter":
        """With some value for the instances that never read it."""
        known = next(value for value in self.values if value is not ANY)
        return self.refined((known,) * len(self.values))

    @property
    def annotation(self) -> str:
        kinds = {type(value) for value in self.values}
        if kinds <= {int, bool, float} and len(kinds) == 2 and bool not in kinds:
            return "float"
        if len(kinds) == 1:
            kind = kinds.pop()
            if kind is tuple:
                return "tuple[int, ...]"
            return kind.__name__ if kind is not type(None) else "None"
        named = sorted(
            "tuple[int, ...]" if k is tuple else k.__name__
            for k in kinds
            if k is not type(None)
        )
        return " | ".join([*named, "None"] if type(None) in kinds else named)


def _same(first: Sequence[Any], second: Sequence[Any]) -> bool:
    return all(
        a is ANY or b is ANY or (type(a) is type(b) and a == b)
        for a, b in zip(first, second, strict=True)
    )


def _covers(known: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether what has the known values has these, wherever they are read."""
    pairs = list(zip(known, values, strict=True))
    return _same(known, values) and all(a is not ANY or b is ANY for a, b in pairs)


class Names:
    """The names of one class, settled as its slots are written."""

    def __init__(self, bodies: Sequence[Graph], reserved: set[str]) -> None:
        self.count = len(bodies)
        self.reserved = reserved
        self.parameters: dict[str, Parameter] = {}
        self.written: list[tuple[tuple[Any, ...], str]] = []
        self.declared = self._declared(bodies)
        self.defaults = bodies[0].defaults

    def _declared(self, bodies: Sequence[Graph]) -> dict[str, tuple[Any, ...]]:
        """The block's own params, by name, as they differ between instances."""
        found = {}
        for name in bodies[0].arguments:
            values = tuple(body.arguments.get(name) for body in bodies)
            if all(isinstance(value, SCALARS) for value in values):
                found[name] = values
        return found

    def text(self, slot: Slot, hint: str) -> str:
        """The slot as Python; a parameter called like `hint` is made if need be."""
        if slot.is_constant:
            return self._unread(slot) or constant(slot.value)
        return (
            self._named(slot)
            or self._expression(slot)
            or self._known(slot.values)
            or self._multiple(slot.values)
            or self._new(slot.values, hint)
        )

    def _unread(self, slot: Slot) -> str | None:
        """The param it is written as, if only absent modules take another value."""
        written = slot.expression
        if ANY not in slot.values or not isinstance(written, Reference):
            return None
        values = self.declared.get(written.name, ())
        if written.steps or Slot(values or (None,)).is_constant:
            return None
        return self._adopt(written.name) if _same(values, slot.values) else None

    def _named(self, slot: Slot) -> str | None:
        """A parameter with just these values, the one the spec names first."""
        written = (
            slot.expression.name if isinstance(slot.expression, Reference) else None
        )
        for name in (written, *self.parameters, *self.declared):
            known = self.parameters.get(name) if name is not None else None
            if known is not None and _same(known.values, slot.values):
                self.parameters[known.name] = known.refined(slot.values)
                return name
            if name in self.declared and _same(self.declared[name], slot.values):
                return self._adopt(name)
        return None

    def _adopt(self, name: str) -> str:
        if name not in self.parameters:
            default = self.defaults.get(name, ...)
            free = self._free(name)
            self.parameters[free] = Parameter(free, self.declared[name], default)
            return free
        return name

    def _free(self, name: str) -> str:
        return f"{name}_" if name in self.reserved else name

    def _known(self, values: tuple[Any, ...]) -> str | None:
        """An expression that was written for the same values before."""
        return next(
            (text for known, text in self.written if _covers(known, values)), None
        )

    def _multiple(self, values: tuple[Any, ...]) -> str | None:
        """`4 * width`: an integer multiple of a parameter."""
        if not all(
            value is ANY or (type(value) is int and value > 0) for value in values
        ):
            return None
        candidates = {n: p.values for n, p in self.parameters.items()} | self.declared
        for name, base in candidates.items():
            if (
                not all(type(value) is int and value > 0 for value in base)
                or len(set(base)) == 1
            ):
                continue
            pairs = [(v, b) for v, b in zip(values, base, strict=True) if v is not ANY]
            factors = {v // b if v % b == 0 else 0 for v, b in pairs}
            if len(factors) == 1 and 0 not in factors:
                adopted = self._adopt(name) if name in self.declared else name
                return self._write(values, f"{factors.pop()} * {adopted}")
        return None

    def _write(self, values: tuple[Any, ...], text: str) -> str:
        self.written.append((values, text))
        return text

    def _new(self, values: tuple[Any, ...], hint: str) -> str:
        hint = _ROLES.get(hint, hint)
        name, number = self._free(hint), 2
        while name in self.parameters or name in self.declared:
            name, number = f"{hint}{number}", number + 1
        self.parameters[name] = Parameter(name, values)
        return name

    # Expressions of the spec ----------------------------------------------------------

    def _expression(self, slot: Slot) -> str | None:
        """The spec's own expression, if it reads well over this class's parameters."""
        if slot.expression is None or len(slot.contexts) != self.count:
            return None
        kept = dict(self.parameters)
        text = _Writer(self, slot).text(slot.expression)
        if text is None:
            self.parameters = kept
            return None
        return self._write(slot.values, text)

    def ordered(self) -> list[Parameter]:
        """The parameters as a signature lists them: sizes in, then the spec's order."""
        order = [*_FIRST, *self.declared]

        def rank(parameter: Parameter) -> tuple[bool, int]:
            name = parameter.name.removesuffix("_")
            known = order.index(name) if name in order else len(order)
            return parameter.default is not ..., known

        settled = [parameter.settled() for parameter in self.parameters.values()]
        return sorted(settled, key=rank)


def constant(value: Any) -> str:
    """A value that is the same in all instances."""
    return str(value) if isinstance(value, Dimension) else literal(value)


_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8}


class _Writer:
    """Writes an expression in Python; None if it would not read well.

    A part that is the same number in all instances would be noise (`width * 64 // 64`),
    so an expression with a constant reference in it is given up.
    """

    def __init__(self, names: Names, slot: Slot) -> None:
        self.names = names
        self.wanted = slot.values
        self.contexts = slot.contexts

    def text(self, tree: Expression) -> str | None:
        written = self.write(tree)
        return written[0] if written else None

    def write(self, tree: Expression) -> tuple[str, int] | None:
        """The text and how tightly it binds."""
        match tree:
            case Literal():
                return literal(tree.value), 9
            case Reference():
                return self.reference(tree)
            case Unary():
                return self.unary(tree)
            case Binary():
                return self.binary(tree)
            case Conditional():
                return self.conditional(tree)
            case Call(function="min" | "max" | "abs"):
                inside = [self.text(argument) for argument in tree.arguments]
                joined = ", ".join(text for text in inside if text is not None)
                return (f"{tree.function}({joined})", 9) if None not in inside else None
            case _:
                return None

    def reference(self, tree: Reference) -> tuple[str, int] | None:
        values = tuple(
            known if known is ANY else self.value(tree, scope)
            for known, scope in zip(self.wanted, self.contexts, strict=True)
        )
        if not all(value is ANY or isinstance(value, SCALARS) for value in values):
            return None
        slot = Slot(values, tree)
        if slot.is_constant:
            unread = self.names._unread(slot)
            return (unread, 9) if unread is not None else None
        named = self.names._named(slot) or self.names._known(values)
        if named is None and tree.steps and isinstance(tree.steps[-1], str):
            hint = f"in_{tree.steps[-1]}"
            named = self.names._new(values, hint)
        return (named, 9) if named is not None and named.isidentifier() else None

    def value(self, tree: Reference, scope: Context) -> Any:
        inputs: dict[str, TensorType | None] = dict(scope.inputs)
        try:
            return Env(scope.values, inputs, own=scope.own or None).lookup(tree)
        except (Unknown, ExpressionError):
            return ...

    def unary(self, tree: Unary) -> tuple[str, int] | None:
        operand = self.write(tree.operand)
        if operand is None:
            return None
        sign = "not " if tree.operator == "not" else tree.operator
        level = 3 if tree.operator == "not" else 7
        return sign + _bracket(operand, level), level

    def binary(self, tree: Binary) -> tuple[str, int] | None:
        left, right = self.write(tree.left), self.write(tree.right)
        if left is None or right is None:
            return None
        level = _BINDING.get(tree.operator, 4)
        text = f"{_bracket(left, level)} {tree.operator} {_bracket(right, level + 1)}"
        return text, level

    def conditional(self, tree: Conditional) -> tuple[str, int] | None:
        parts = [
            self.write(part) for part in (tree.then, tree.condition, tree.otherwise)
        ]
        if None in parts:
            return None
        then, condition, otherwise = (_bracket(part, 1) for part in parts if part)
        return f"{then} if {condition} else {otherwise}", 0


def _bracket(written: tuple[str, int], level: int) -> str:
    text, binding = written
    return f"({text})" if binding < level else text
