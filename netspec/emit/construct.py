"""Module trees as code: what stands on the right of `self.conv1 = `."""

import re
from collections.abc import Iterable

from netspec.emit.instances import change, select, select_repeat
from netspec.emit.layout import Code, Either, Group, Loop, Pair, Raw
from netspec.emit.names import Names
from netspec.emit.parameters import constant
from netspec.emit.roles import roles_of
from netspec.emit.runs import counts, is_fixed, is_same, line, split
from netspec.emit.trees import (
    Chain,
    Item,
    Layer,
    Module,
    Repeat,
    Run,
    Slot,
    Use,
)

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
            text = self.names.text(slot, field)
            if keyword is None:
                found.append(text)
            elif default is None or text != constant(default.default):
                found.append(f"{keyword}={text}")
        return found

    def use(self, use: Use) -> list[str]:
        found = []
        parameters = {parameter.name: parameter for parameter in use.emitted.parameters}
        for name, slot in use.arguments:
            default = parameters[name].default
            text = self.names.text(slot, name, parameters[name].roles)
            if default is not ... and text == constant(default):
                continue
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
            self.names.enter(item.name)
            code = self.code(item.module)
            if not item.present.is_constant:
                condition = self.names.text(item.present, f"has_{item.name}")
                listed = Group("[", (code,), "]")
                code = Group("*(", (Either(listed, condition, "[]"),))
            found.append(code)
        return found

    # Repeats ------------------------------------------------------------

    def repeat(self, repeat: Repeat) -> Code:
        if repeat.is_named:
            return self.named_repeat(repeat)
        items = [code for run in repeat.runs for code in self.run(run, repeat)]
        if repeat.form == "Sequential":
            return Group("nn.Sequential(", tuple(items))
        only = items[0] if len(items) == 1 else None
        if isinstance(only, Group) and only.head == "*(":
            return Group("nn.ModuleList(", only.items)
        return Group("nn.ModuleList(", (Group("[", tuple(items), "]"),))

    def run(self, run: Run, repeat: Repeat) -> list[Code]:
        """A run as one item for each child, or as a comprehension for many."""
        count = max(run.counts)
        if is_fixed(run) and count <= (2 if is_same(run) else 1):
            return [self.code(select(run.module, run.starts))] * count
        clause = self.clause(run, repeat)
        return [Group("*(", (Loop(self.code(self.looped(run)), clause),))]

    def clause(self, run: Run, repeat: Repeat, index: str = "") -> str:
        index = index or ("_" if is_same(run) else "i")
        return f"for {index} in range({self.names.text(counts(run, repeat), 'depth')})"

    def named_repeat(self, repeat: Repeat) -> Code:
        """Children with names of their own: a prefix and a number."""
        run = repeat.runs[0]
        if len(repeat.runs) == 1 and max(run.counts) > 1:
            number = f"i + {repeat.start}" if repeat.start else "i"
            key = f'f"{repeat.prefix}{{{number}}}": '
            pair = Pair(key, self.code(self.looped(run)))
            entries: tuple[Code, ...] = (Loop(pair, self.clause(run, repeat, "i")),)
        else:
            entries = tuple(
                Pair(
                    f'"{repeat.prefix}{repeat.start + run.first + offset}": ',
                    self.code(select(run.module, run.places(offset))),
                )
                for run in repeat.runs
                for offset in range(max(run.counts))
            )
        table = Group("{", entries, "}")
        if repeat.form == "Sequential":
            return Group("nn.Sequential(", (Group("OrderedDict(", (table,)),))
        return Group("nn.ModuleDict(", (table,))

    def looped(self, run: Run) -> Module:
        """The run's child with its slots written over `i`."""
        if is_same(run):
            return select(run.module, run.starts)
        return change(
            run.module,
            lambda name, slot: self.over_index(name, slot, run),
            lambda found: select_repeat(found, run.starts),  # one for all, see `_runs`
        )

    def over_index(self, name: str, slot: Slot, run: Run) -> Slot:
        """What a slot is in child `i`; an instance without children has any value."""
        parts = split(slot.values, run.counts)
        if all(Slot(part).is_constant for part in parts):
            return slot.at(run.starts)
        lines = [line(part) for part in parts]
        roles = roles_of(name)
        base = self.names.text(Slot(tuple(first for first, _ in lines)), name, roles)
        step = self.names.text(Slot(tuple(step for _, step in lines)), "step", roles)
        turn = "i" if step == "1" else f"{_within(step, PRODUCT)} * i"
        return Slot((Raw(turn if base == "0" else f"{_within(base, SUM)} + {turn}"),))


def _within(text: str, plain: re.Pattern[str]) -> str:
    """The text as a part of a sum: in brackets, unless it is as plain as that."""
    return text if plain.fullmatch(text) else f"({text})"


def _ordered(pairs: list[Code]) -> Code:
    """nn.Sequential whose children have names."""
    return Group("nn.Sequential(", (Group("OrderedDict(", tuple(pairs)),))
