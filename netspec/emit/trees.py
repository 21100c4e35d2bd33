"""Module trees: what a node is as a module, each value a `Slot` over the instances.

A place of a tree holds one value for every instance of the class it is written in.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netspec.expressions import Expression
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


class _Any:
    """The value of a place in an instance that never reads it: any will do."""

    def __repr__(self) -> str:
        return "ANY"


ANY = _Any()


class Slot(NamedTuple):
    """One place of a class: its value in each instance, and how the spec writes it."""

    values: tuple[Any, ...]
    expression: Expression | None = None
    contexts: tuple[Context, ...] = ()

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


class Layer(NamedTuple):
    """A call of a torch.nn class: `nn.Conv2d(…)`."""

    operator: Operator
    function: str
    arguments: tuple[tuple[str | None, str, Slot], ...]  # keyword, field, value


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
    counts: tuple[int, ...]  # in each instance
    first: int
    indices: tuple[int, ...]  # the children's, as the slots list them


class Repeat(NamedTuple):
    """A repeat: runs of children; `form` is the container's class."""

    runs: tuple[Run, ...]
    prefix: str
    start: int
    form: str  # "Sequential", "ModuleList" or "ModuleDict"


Module = Layer | Use | Chain | Repeat
Registry = dict[int, "Emitted"]  # the class of each body, by the body's id


def slots(tree: Module) -> list[Slot]:
    """Every slot of a tree."""
    match tree:
        case Layer():
            return [slot for _, _, slot in tree.arguments]
        case Use():
            return [slot for _, slot in tree.arguments]
        case Chain():
            return [
                s for item in tree.items for s in (item.present, *slots(item.module))
            ]
        case Repeat():
            return [slot for run in tree.runs for slot in slots(run.module)]


def change(tree: Module, each: Callable[[Slot], Slot]) -> Module:
    """The tree with every slot changed."""
    match tree:
        case Layer():
            layer = tuple((k, field, each(slot)) for k, field, slot in tree.arguments)
            return tree._replace(arguments=layer)
        case Use():
            return tree._replace(
                arguments=tuple((n, each(s)) for n, s in tree.arguments)
            )
        case Chain():
            items = tuple(
                Item(item.name, change(item.module, each), each(item.present))
                for item in tree.items
            )
            return tree._replace(items=items)
        case Repeat():
            runs = tuple(
                run._replace(module=change(run.module, each)) for run in tree.runs
            )
            return tree._replace(runs=runs)


def steps(values: Sequence[Any]) -> tuple[int, int] | None:
    """(first, step) if the values are integers that change evenly."""
    if not all(type(value) is int for value in values):
        return None
    step = values[1] - values[0] if len(values) > 1 else 0
    if any(b - a != step for a, b in itertools.pairwise(values)):
        return None
    return values[0], step
