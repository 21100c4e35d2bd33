"""Module trees: what a node is as a module, each value a `Slot` over the instances.

A place of a tree holds one value for every instance of the class it is written in.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netspec.elaborate.scope import Env
from netspec.expressions import Expression, Name, Reference, Written
from netspec.graph import Graph, Node
from netspec.operators.base import Operator
from netspec.tensors import TensorType

if TYPE_CHECKING:
    from netspec.emit.classes import Emitted


class CannotUnify(Exception):
    """Bodies that are not one class: they differ in more than numbers."""


class Context(NamedTuple):
    """What the names of an expression mean for one instance."""

    values: dict[str, Any]
    inputs: dict[str, TensorType]
    own: tuple[TensorType, ...] = ()

    def lookup(self, part: Name | Reference) -> Any:
        """What a name stands for. Raises Unknown or ExpressionError."""
        inputs: dict[str, TensorType | None] = dict(self.inputs)
        return Env(self.values, inputs, own=self.own or None).lookup(part)


class _Any:
    """The value of a place in an instance that never reads it: any will do."""

    def __repr__(self) -> str:
        return "ANY"


ANY = _Any()


class Slot(NamedTuple):
    """One place of a class: its value in each instance, and how the spec writes it.

    `written` is how it does so literally, where `expression` says what `$from` is.
    """

    values: tuple[Any, ...]
    expression: Written | None = None
    contexts: tuple[Context, ...] = ()
    written: Written | None = None

    @property
    def known(self) -> list[Any]:
        """The values that are read."""
        return [value for value in self.values if value is not ANY]

    @property
    def is_constant(self) -> bool:
        return len({(type(value), value) for value in self.known}) <= 1

    @property
    def value(self) -> Any:
        """The value of a constant slot."""
        return self.known[0]

    @property
    def items(self) -> list["Slot"]:
        """The items of a list as slots of their own, if the spec writes it so."""
        written = self.expression
        if written is None or isinstance(written, Expression):
            return []
        rows = [_spread(value, len(written)) for value in self.values]
        if any(row is not ANY and len(row) != len(written) for row in rows):
            return []
        return [
            Slot(tuple(r if r is ANY else r[i] for r in rows), tree, self.contexts)
            for i, tree in enumerate(written)
        ]

    def at(self, places: Sequence[int | None]) -> "Slot":
        """The slot at some of its places; None for one that never reads it."""
        found = tuple(ANY if place is None else self.values[place] for place in places)
        scopes = tuple(self.contexts[p or 0] for p in places) if self.contexts else ()
        return Slot(found, self.expression, scopes)


def agreed(
    trees: Sequence[Written | None], otherwise: Written | None = None
) -> Written | None:
    """What the spec writes in several places, if that is one expression."""
    first, *others = trees or (None,)
    same = all(tree is first or repr(tree) == repr(first) for tree in others)
    return first if same else otherwise


def _spread(value: Any, count: int) -> Any:
    """A value for each item of a list, of which one may stand for all."""
    return value if value is ANY or isinstance(value, tuple) else (value,) * count


BLANK = Slot((None,))


class Layer(NamedTuple):
    """A call of a torch.nn class: `nn.Conv2d(…)`."""

    operator: Operator
    function: str
    arguments: tuple[tuple[str | None, str, Slot], ...]  # keyword, field, value
    passing: tuple[Any, ...] = ()  # how `forward` calls it, see `forms.passing`
    blank: Slot = BLANK  # as long as every argument that is left out would be
    written: Mapping[str, Written] = {}  # also those that are left out


class Use(NamedTuple):
    """An instance of an emitted class, with the values of its parameters."""

    emitted: "Emitted"
    arguments: tuple[tuple[str, Slot], ...]


class Item(NamedTuple):
    """A child of a container, and in which instances it is present."""

    name: str
    module: "Module"
    present: Slot


class Chain(NamedTuple):
    """nn.Sequential of children that may differ."""

    items: tuple[Item, ...]
    numbered: bool


class Run(NamedTuple):
    """Equal or evenly changing children: `count` of them from number `first` on."""

    module: "Module"  # its slots: all children of the first instance, of the second, …
    counts: tuple[int, ...]  # in each instance; 0 where the repeat is absent
    first: int

    @property
    def starts(self) -> tuple[int | None, ...]:
        """The places of the first children; None in an instance that has none."""
        return self.places(0)

    def places(self, offset: int) -> tuple[int | None, ...]:
        """The place of one child of each instance; None where there are not so many."""
        starts = itertools.accumulate(self.counts, initial=0)
        pairs = zip(self.counts, starts, strict=False)
        return tuple(start + offset if offset < n else None for n, start in pairs)


class Repeat(NamedTuple):
    """A repeat: runs of children; `form` is the container's class."""

    runs: tuple[Run, ...]
    over: Slot  # how many children there are
    prefix: str
    start: int
    form: str  # "Sequential", "ModuleList" or "ModuleDict"

    @property
    def is_named(self) -> bool:
        """Whether its children have other names than a list's."""
        return bool(self.prefix) or self.start != 0


Module = Layer | Use | Chain | Repeat


class Registry(dict[int, "Emitted"]):
    """The class of each body, by the body's id, and the layers that were made."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: dict[int, tuple[Node, Layer]] = {}  # by the id of a node, kept
        self.sites: dict[int, tuple[Node, Graph]] = {}  # of bodies that are no classes
