"""How a class writes its numbers: constants, constructor parameters, or arithmetic."""

from collections.abc import Collection, Sequence
from typing import Any

from netspec.emit.arithmetic import Arithmetic, worked_out
from netspec.emit.parameters import SCALARS, Parameter, constant, covers, same
from netspec.emit.trees import ANY, Slot
from netspec.expressions import Expression, Reference
from netspec.graph import Graph

# What a constructor uses beside classes: no parameter may hide it.
USED = ("range", "min", "max", "abs", "int", "i")
# What an inferred argument is to a class that takes it: the channels coming in.
_ROLES = {"num_features": "in_channels"}
_FIRST = ("in_channels", "in_features", "num_features", "embed_dim", "input_size")


class Names:
    """The names of one class, settled as its slots are written."""

    def __init__(self, bodies: Sequence[Graph], classes: Collection[str]) -> None:
        self.count = len(bodies)
        self.reserved = {*USED, *classes}
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
            self._listed(slot, hint)
            or self._named(slot)
            or self._expression(slot)
            or self._known(slot.values)
            or self._multiple(slot.values)
            or self._expression(slot, folds=True)
            or self._new(slot.values, hint)
        )

    def _listed(self, slot: Slot, hint: str) -> str | None:
        """A list written item by item; one value, where one stands for all items."""
        texts = [self.text(item, hint) for item in slot.items]
        if not texts:
            return None
        if len(set(texts)) == 1 and not any(isinstance(v, tuple) for v in slot.known):
            return texts[0]
        inside = f"{texts[0]}," if len(texts) == 1 else ", ".join(texts)
        return f"({inside})"

    def _unread(self, slot: Slot) -> str | None:
        """The param it is written as, if only absent modules take another value."""
        written = slot.expression
        if ANY not in slot.values or not isinstance(written, Reference):
            return None
        values = self.declared.get(written.name, ())
        if written.steps or Slot(values or (None,)).is_constant:
            return None
        return self._adopt(written.name) if same(values, slot.values) else None

    def _named(self, slot: Slot) -> str | None:
        """A parameter with just these values, the one the spec names first."""
        written = (
            slot.expression.name if isinstance(slot.expression, Reference) else None
        )
        for name in (written, *self.parameters, *self.declared):
            known = self.parameters.get(name) if name is not None else None
            if known is not None and same(known.values, slot.values):
                self.parameters[known.name] = known.refined(slot.values)
                return name
            if name in self.declared and same(self.declared[name], slot.values):
                return self._adopt(name)
        return None

    def _adopt(self, name: str) -> str:
        """The parameter for a param of the block, called like it if that is free."""
        free = self._free(name)
        if free not in self.parameters:
            default = self.defaults.get(name, ...)
            self.parameters[free] = Parameter(free, self.declared[name], default)
        return free

    def _free(self, name: str) -> str:
        free = name
        while free in self.reserved or (free != name and free in self.declared):
            free += "_"
        return free

    def _known(self, values: tuple[Any, ...]) -> str | None:
        """An expression that was written for the same values before."""
        return next(
            (text for known, text in self.written if covers(known, values)), None
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
        name, number = hint, 2
        taken = {*self.reserved, *self.parameters, *self.declared}
        while name in taken:
            name, number = f"{hint}{number}", number + 1
        self.parameters[name] = Parameter(name, values)
        return name

    def _expression(self, slot: Slot, *, folds: bool = False) -> str | None:
        """The spec's own expression, if it reads well over this class's parameters."""
        tree = slot.expression
        if not isinstance(tree, Expression) or len(slot.contexts) != self.count:
            return None
        found = worked_out(slot, tree)
        if found != slot.known:
            return None
        kept = dict(self.parameters)
        text = Arithmetic(slot, self._refer, folds=folds).text(tree)
        if text is None:
            self.parameters = kept
            return None
        pairs = zip(found, slot.known, strict=True)
        if any(type(a) is float and type(b) is int for a, b in pairs):
            text = f"int({text})"  # a whole number, which `/` and floats give
        return self._write(slot.values, text)

    def _refer(self, slot: Slot, written: Reference) -> str | None:
        """What a part of an expression is called; sizes of inputs get a parameter."""
        if slot.is_constant:
            return self._unread(slot)
        found = self._named(slot) or self._known(slot.values)
        if found is None and written.steps and isinstance(written.steps[-1], str):
            found = self._new(slot.values, f"in_{written.steps[-1]}")
        return found

    def ordered(self) -> list[Parameter]:
        """The parameters as a signature lists them: sizes in, then the spec's order."""
        order = [*_FIRST, *map(self._free, self.declared)]

        def rank(parameter: Parameter) -> tuple[bool, int]:
            name = parameter.name
            known = order.index(name) if name in order else len(order)
            return parameter.default is not ..., known

        settled = [parameter.settled() for parameter in self.parameters.values()]
        return sorted(settled, key=rank)
