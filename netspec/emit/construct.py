"""Module trees as code: what stands on the right of `self.conv1 = `."""

import re
from collections.abc import Iterable
from typing import TypeVar

from netspec.emit.layout import Code, Either, Group, Loop, Pair
from netspec.emit.names import Names
from netspec.emit.trees import (
    CannotUnify,
    Chain,
    Item,
    Layer,
    Module,
    Repeat,
    Run,
    Slot,
    Use,
    change,
    slots,
    steps,
)

T = TypeVar("T")
PRODUCT = re.compile(r"-?[\w.]+(?: \* [\w.]+)*")
SUM = re.compile(r"-?[\w.]+(?: [-+*] [\w.]+)*")


class Constructor:
    """Writes the construction of modules over the names of a class."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def code(self, tree: Module) -> Code:
        match tree:
            case Layer():
                return Group(f"{tree.function}(", tuple(self.arguments(tree)))
            case Use():
                return Group(f"{tree.emitted.name}(", tuple(self.use(tree)))
            case Chain():
                return self.chain(tree)
            case Repeat():
                return self.repeat(tree)

    def arguments(self, layer: Layer) -> list[str]:
        found = []
        for keyword, field, slot in layer.arguments:
            if field == "inplace" and layer.operator.inplace and slot.value is False:
                continue
            default = layer.operator.fields.get(field)
            known = keyword is not None and default is not None and slot.is_constant
            if known and default is not None and slot.value == default.default:
                continue
            text = self.names.text(slot, field)
            found.append(text if keyword is None else f"{keyword}={text}")
        return found

    def use(self, use: Use) -> list[str]:
        found = []
        parameters = {parameter.name: parameter for parameter in use.emitted.parameters}
        for name, slot in use.arguments:
            default = parameters[name].default
            if slot.is_constant and default is not ... and slot.value == default:
                continue
            text = self.names.text(slot, name)
            found.append(text if default is ... else f"{name}={text}")
        return found

    def chain(self, chain: Chain) -> Code:
        items = self.items(chain.items)
        if chain.numbered:
            return Group("nn.Sequential(", tuple(items))
        named = zip(chain.items, items, strict=True)
        return _ordered([Pair(f"{item.name}=", code) for item, code in named])

    def items(self, items: Iterable[Item]) -> list[Code]:
        """The children of a container; one that may be absent is starred."""
        found: list[Code] = []
        for item in items:
            code = self.code(item.module)
            if not item.present.is_constant:
                condition = self.names.text(item.present, f"has_{item.name}")
                listed = Group("[", (code,), "]")
                code = Group("*(", (Either(listed, condition, "[]"),))
            found.append(code)
        return found

    # Repeats ------------------------------------------------------------

    def repeat(self, repeat: Repeat) -> Code:
        if repeat.prefix or repeat.start:
            return self.named_repeat(repeat)
        items = [code for run in repeat.runs for code in self.run(run)]
        if repeat.form == "Sequential":
            return Group("nn.Sequential(", tuple(items))
        only = items[0] if len(items) == 1 else None
        if isinstance(only, Group) and only.head == "*(":
            return Group("nn.ModuleList(", only.items)
        return Group("nn.ModuleList(", (Group("[", tuple(items), "]"),))

    def run(self, run: Run) -> list[Code]:
        """A run as one item for each child, or as a comprehension for many."""
        fixed = len(set(run.counts)) == 1
        if fixed and run.counts[0] <= (2 if self.is_same(run) else 1):
            return [self.code(self.at(run, 0))] * run.counts[0]
        return [Group("*(", (Loop(self.code(self.looped(run)), self.clause(run)),))]

    def clause(self, run: Run, index: str = "") -> str:
        index = index or ("_" if self.is_same(run) else "i")
        return f"for {index} in range({self.names.text(Slot(run.counts), 'depth')})"

    def named_repeat(self, repeat: Repeat) -> Code:
        """Children with names of their own: a prefix and a number."""
        run = repeat.runs[0]
        if len(repeat.runs) == 1 and run.counts[0] > 1:
            number = f"i + {repeat.start}" if repeat.start else "i"
            key = f'f"{repeat.prefix}{{{number}}}": '
            pair = Pair(key, self.code(self.looped(run)))
            entries: tuple[Code, ...] = (Loop(pair, self.clause(run, "i")),)
        else:
            entries = tuple(
                Pair(
                    f'"{repeat.prefix}{repeat.start + run.first + offset}": ',
                    self.code(self.at(run, offset)),
                )
                for run in repeat.runs
                for offset in range(run.counts[0])
            )
        table = Group("{", entries, "}")
        if repeat.form == "Sequential":
            return Group("nn.Sequential(", (Group("OrderedDict(", (table,)),))
        return Group("nn.ModuleDict(", (table,))

    def is_same(self, run: Run) -> bool:
        return all(
            _per_instance(slot, run.counts) is not None for slot in slots(run.module)
        )

    def looped(self, run: Run) -> Module:
        """The run's child with its slots written over `i`."""
        return change(run.module, lambda slot: self.over_index(slot, run))

    def over_index(self, slot: Slot, run: Run) -> Slot:
        same = _per_instance(slot, run.counts)
        if same is not None:
            return same
        starts, changes = [], []
        for part in _split(slot.values, run.counts):
            found = steps(part)
            if found is None:
                raise CannotUnify
            starts.append(found[0])
            changes.append(found[1])
        base = self.names.text(Slot(tuple(starts)), "base")
        step = self.names.text(Slot(tuple(changes)), "step")
        return Slot((Raw(f"{_within(base, SUM)} + {_within(step, PRODUCT)} * i"),))

    def at(self, run: Run, offset: int) -> Module:
        def pick(slot: Slot) -> Slot:
            parts = _split(slot.values, run.counts)
            contexts = _split(slot.contexts, run.counts) if slot.contexts else ()
            return Slot(
                tuple(part[offset] for part in parts),
                slot.expression,
                tuple(part[offset] for part in contexts),
            )

        return change(run.module, pick)


class Raw:
    """Python text that stands in a slot as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _within(text: str, plain: re.Pattern[str]) -> str:
    """The text as a part of a sum: in brackets, unless it is as plain as that."""
    return text if plain.fullmatch(text) else f"({text})"


def _split(values: tuple[T, ...], counts: tuple[int, ...]) -> list[tuple[T, ...]]:
    """The values of each instance's children."""
    parts: list[tuple[T, ...]] = []
    position = 0
    for count in counts:
        parts.append(values[position : position + count])
        position += count
    return parts


def _per_instance(slot: Slot, counts: tuple[int, ...]) -> Slot | None:
    """The slot with one value an instance, if its children all have the same."""
    parts = _split(slot.values, counts)
    if any(not Slot(part).is_constant for part in parts):
        return None
    contexts = (
        tuple(part[0] for part in _split(slot.contexts, counts))
        if slot.contexts
        else ()
    )
    return Slot(tuple(part[0] for part in parts), slot.expression, contexts)


def _ordered(pairs: list[Code]) -> Code:
    """nn.Sequential whose children have names."""
    return Group("nn.Sequential(", (Group("OrderedDict(", tuple(pairs)),))
