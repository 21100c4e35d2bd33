"""How a class writes its numbers: constants, constructor parameters, or arithmetic."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from netspec.emit.arithmetic import Arithmetic, everywhere, worked_out
from netspec.emit.incoming import READ, comes_in, context
from netspec.emit.parameters import (
    Parameter,
    constant,
    covers,
    declared,
    place,
    same,
    stands_for,
)
from netspec.emit.roles import (
    INCOMING,
    SIZE,
    Roles,
    called,
    dotted,
    hangs,
    is_size,
    roles_of,
)
from netspec.emit.trees import ANY, Slot
from netspec.emit.variables import Variables, free_name
from netspec.expressions import Expression, Reference, references
from netspec.graph import Graph

# What a constructor uses beside classes: no parameter may hide it.
USED = ("range", "min", "max", "abs", "int", "round", "len", "sum", "i")
_FIRST = ("in_channels", "in_features", "dim", "embed_dim", "d_model", "input_size")
Values = tuple[Any, ...]


class _Written(NamedTuple):
    """Arithmetic that was written for some values, in some roles."""

    values: Values
    text: str
    roles: Roles


class Names:
    """The names of one class, settled as its slots are written."""

    def __init__(
        self,
        bodies: Sequence[Graph],
        classes: Collection[str],
        uses: Mapping[str, Roles],
        variables: Mapping[str, str],
    ) -> None:
        self.bodies = bodies
        self.reserved = {*USED, *classes}
        self.parameters: dict[str, Parameter] = {}
        self.adopted: dict[str, str] = {}  # params of the block that are parameters
        self.written: list[_Written] = []
        self.declared = declared(bodies)
        self.uses = uses  # the roles of the params, by name
        # Those of the network that nothing else reads may be a size of its inputs.
        self.unused = SIZE if bodies[0].kind == "network" else Roles()
        self.ports = [port.name for port in bodies[0].inputs]
        self.scopes = tuple(map(context, bodies))
        self.defaults = bodies[0].defaults
        self.owner = ""  # the node whose module is being written, or what holds it
        self.numbered = False  # whether it only has a number there
        self.variables = Variables(variables)

    def enter(self, node: str) -> None:
        """Go on with the numbers of a node; a number is named by what holds it."""
        self.numbered = node.isdigit()
        self.owner = self.owner if self.numbered else node

    def text(self, slot: Slot, hint: str, roles: Roles | None = None) -> str:
        """The slot as Python; a parameter called like `hint` is made if need be."""
        roles = roles or roles_of(hint)
        if self.is_plain(slot):
            return constant(slot.value)
        found, tree = self._listed(slot, hint), self._true(slot)
        sized = tree is not None and is_size(tree, slot)
        roles = SIZE if sized else roles
        if found is None and tree is not None:
            found = self._told(slot, tree, roles)
        elif found is None and not slot.is_constant:
            found = self._alike(slot.values, roles)
        if found is None and slot.is_constant and not sized:
            return constant(slot.value)
        if found is None:
            found = self._new(slot.values, self._called(slot, hint), roles, tree)
        if roles & SIZE:
            name = called(hint, "hidden" if self.numbered else self.owner)[-1]
            self.variables.want(found, name)
        return self.variables.of(found)

    @property
    def taken(self) -> list[str]:
        """The names that no new one may be."""
        variables = self.variables.given.values()
        return [*self.reserved, *self.parameters, *self.declared, *variables]

    def _listed(self, slot: Slot, hint: str) -> str | None:
        """A list written item by item; one value, where one stands for all items."""
        texts = [self.text(item, hint) for item in slot.items]
        if not texts:
            return None
        if len(set(texts)) == 1 and not any(isinstance(v, tuple) for v in slot.known):
            return texts[0]
        inside = f"{texts[0]}," if len(texts) == 1 else ", ".join(texts)
        return f"({inside})"

    def is_plain(self, slot: Slot) -> bool:
        """Whether a slot has one value, and no number of the class could change it."""
        return slot.is_constant and not hangs(slot, self.declared, self.scopes)

    # What the spec writes -------------------------------------------------------------

    def _true(self, slot: Slot) -> Expression | None:
        """The slot's expression, if it gives the slot's values."""
        tree = slot.expression
        if not isinstance(tree, Expression) or len(slot.contexts) < len(self.bodies):
            return None
        found = worked_out(tree, slot) or (None,)
        return tree if all(map(stands_for, found, slot.known)) else None

    def _told(self, slot: Slot, tree: Expression, roles: Roles) -> str | None:
        """The spec's own expression, or what it comes to over what it refers to."""
        if isinstance(tree, Reference) and is_size(tree, slot):
            return self._sized_alike(slot.values, tree)
        near = self._referred(tree)
        text = (
            self._expression(slot, tree)
            or self._named(slot.values, near)
            or self._multiple(slot.values, near)
            or self._expression(slot, tree, folds=True)
        )
        if text is not None and not text.isidentifier():
            values = everywhere(tree, slot, self.scopes)
            self.written.append(_Written(values, text, roles))
            if ANY not in values:
                self.variables.safe.add(text)
        return text

    def _expression(
        self, slot: Slot, tree: Expression, *, folds: bool = False
    ) -> str | None:
        """An expression as Python, if it reads well over this class's parameters."""
        kept = dict(self.parameters), dict(self.adopted)
        text = Arithmetic(slot, self._refer, folds=folds).text(tree)
        if text is None:
            self.parameters, self.adopted = kept
            return None
        pairs = zip(worked_out(tree, slot) or (), slot.known, strict=True)
        whole = any(type(a) is float and type(b) is int for a, b in pairs)
        return f"int({text})" if whole else text  # `/` and floats give no integer

    def _refer(self, part: Slot, written: Reference) -> str | None:
        """What a part of an expression is called."""
        if self.is_plain(part):
            return None
        if not written.steps:
            return self._named(part.values, [written.name])
        if is_size(written, part):
            found = self._sized_alike(part.values, written)
            names = self._sized("", written)
            return found or self._new(part.values, names, SIZE, written)
        if not isinstance(written.steps[-1], str):
            return self._item(part, written)
        roles = self.uses.get(dotted(written), Roles())
        return self._new(part.values, [written.steps[-1]], roles, written)

    def _item(self, part: Slot, written: Reference) -> str | None:
        """An item of a list that is a param; a child of a repeat has one of its own."""
        index = place(self.declared.get(written.name, ()), written.steps, part)
        return None if index is None else f"{self._adopt(written.name)}[{index}]"

    def _called(self, slot: Slot, hint: str) -> list[str]:
        """Names for a new parameter that an argument makes."""
        written = slot.expression
        if isinstance(written, Reference) and is_size(written, slot):
            return self._sized(hint, written)
        names = called(hint, self.owner)
        inner = hint in READ and not comes_in(slot.values, self.scopes)
        return names[-1:] if inner else names

    def _sized(self, hint: str, written: Reference) -> list[str]:
        """Names for the size of a tensor; the first input's are what comes in."""
        name, _, step = dotted(written).replace("$", "").partition(".")
        step = step.replace(".", "_")
        if name not in ("input", self.ports[0]):
            return [step if name == "from" else f"{name}_{step}"]
        first = INCOMING.get(hint, f"in_{step}") if step == "features" else f"in_{step}"
        return [first, f"{self.owner}_{first}"] if self.owner else [first]

    def _referred(self, tree: Expression) -> list[str]:
        """The params that an expression refers to, and sizes if it asks for one."""
        found = [part.name for part in references(tree) if not part.steps]
        if any(part.steps for part in references(tree)):
            found += [p.name for p in self.parameters.values() if p.roles & SIZE]
        return found

    # What has the same values ---------------------------------------------------------

    def _alike(self, values: Values, roles: Roles) -> str | None:
        """What plays one of these roles and has these values."""
        names = [n for n, known in self.parameters.items() if known.roles & roles]
        names += [n for n in self.declared if self.uses.get(n, self.unused) & roles]
        found = self._named(values, names)
        for known in self.written if found is None else ():
            if known.roles & roles and covers(known.values, values):
                return known.text
        return found or self._multiple(values, names)

    def _sized_alike(self, values: Values, size: Reference) -> str | None:
        """The parameter that was made for a size, or one that has the same values."""
        known = self.parameters.items()
        made = [name for name, p in known if p.source == dotted(size)]
        return self._named(values, made) or self._alike(values, SIZE)

    def _named(self, values: Values, names: Iterable[str]) -> str | None:
        """The first of these that has just these values."""
        for name in names:
            known = self.parameters.get(name)
            if known is not None and same(known.values, values):
                self.parameters[name] = known.refined(values)
                return name
            if name in self.declared and same(self.declared[name], values):
                return self._adopt(name)
        return None

    def _multiple(self, values: Values, names: Iterable[str]) -> str | None:
        """`4 * width`: an integer multiple of one of these."""
        if not all(v is ANY or (type(v) is int and v > 0) for v in values):
            return None
        known = {n: p.values for n, p in self.parameters.items()} | self.declared
        for name in names:
            base = known.get(name, (None,))
            if Slot(base).is_constant or not all(
                type(b) is int and b > 0 for b in base
            ):
                continue
            pairs = [(v, b) for v, b in zip(values, base, strict=True) if v is not ANY]
            factors = {v // b if v % b == 0 else 0 for v, b in pairs}
            if len(factors) == 1 and 0 not in factors:
                adopted = self._adopt(name) if name in self.declared else name
                return f"{factors.pop()} * {adopted}"
        return None

    # Parameters -----------------------------------------------------------------------

    def _adopt(self, name: str) -> str:
        """The parameter for a param of the block, called like it if that is free."""
        if name not in self.adopted:
            free = name
            if name in self.reserved:
                free = free_name(["index" if name == "i" else f"{name}_"], self.taken)
            self.adopted[name] = free
            default = self.defaults.get(name, ...)
            roles = self.uses.get(name, self.unused)
            values = self.declared[name]
            self.parameters[free] = Parameter(free, values, default, roles)
        return self.adopted[name]

    def _new(
        self,
        values: Values,
        names: Sequence[str],
        roles: Roles,
        written: Expression | None = None,
    ) -> str:
        """A parameter of the class's own, by the first of the names that is free.

        One that was made for the same thing that the spec writes is taken again.
        """
        source = dotted(written) if isinstance(written, Reference) else repr(written)
        for known in self.parameters.values():
            if written and known.source == source and same(known.values, values):
                self.parameters[known.name] = known.refined(values)
                return known.name
        name = free_name(names, self.taken)
        self.parameters[name] = Parameter(name, values, ..., roles, source)
        return name

    def ordered(self) -> list[Parameter]:
        """The parameters as a signature lists them: sizes in, then the spec's order."""
        order = [*_FIRST, *(self.adopted.get(name) for name in self.declared)]

        def rank(parameter: Parameter) -> tuple[bool, int]:
            name = parameter.name
            known = order.index(name) if name in order else len(order)
            return parameter.default is not ..., known

        settled = [parameter.settled() for parameter in self.parameters.values()]
        return sorted(settled, key=rank)
