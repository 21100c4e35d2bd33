"""Which bodies are one class, and the class each is written as."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from netspec.emit.forward import Forward
from netspec.emit.layout import INDENT, Code, Group, docstring, flat, lay
from netspec.emit.modules import (
    CannotUnify,
    Chain,
    Item,
    Layer,
    Module,
    Registry,
    Repeat,
    Run,
    Slot,
    Use,
    change,
    is_chain,
    is_class,
    members,
    steps,
    structure,
)
from netspec.emit.names import Names, Parameter, constant
from netspec.emit.results import annotation, result_class
from netspec.emit.probes import is_like, probes, root_probes
from netspec.emit.reset import own_tensors, reset_parameters
from netspec.graph import Elaborated, Graph, Node
from netspec.names import class_name
from netspec.operators.base import Form


T = TypeVar("T")


class Emitted:
    """One class of the emitted file."""

    def __init__(self, name: str, bodies: Sequence[Graph]) -> None:
        self.name = name
        self.bodies = tuple(bodies)
        self.parameters: list[Parameter] = []
        self.lines: list[str] = []

    def index(self, body: Graph) -> int:
        """The position of a body among the instances."""
        return next(i for i, other in enumerate(self.bodies) if other is body)

    def __repr__(self) -> str:
        return f"<class {self.name}>"


class Definition(NamedTuple):
    """A declaration that becomes a class: the bodies made of it, and its probes."""

    name: str
    bodies: list[Graph]
    probes: list[Graph]


def definitions(root: Graph) -> list[Definition]:
    """The declarations that become classes, those used by others first."""
    found: dict[object, Definition] = {}
    for name, body in _class_bodies(root, root.name):
        found.setdefault(body.definition, Definition(name, [], [])).bodies.append(body)
    for definition in list(found.values()):
        for probe in probes(definition.bodies):
            for _, body in _class_bodies(probe, definition.name):
                known = found.get(body.definition)
                if known is not None and not _holds(known, body):
                    known.probes.append(body)
    return _dependencies_first(list(found.values()))


def _holds(definition: Definition, body: Graph) -> bool:
    return any(body is other for other in (*definition.bodies, *definition.probes))


def _class_bodies(root: Graph, name: str) -> list[tuple[str, Graph]]:
    """The bodies under a graph that become classes, each once, with their names."""
    seen: set[int] = set()

    def visit(graph: Graph, name: str) -> Iterator[tuple[str, Graph]]:
        if id(graph) in seen:
            return
        seen.add(id(graph))
        if is_class(graph):
            yield name, graph
        for node in graph.present:
            if node.body is not None:
                yield from visit(node.body, node.body.name or node.name)

    return list(visit(root, name))


def _dependencies_first(found: list[Definition]) -> list[Definition]:
    """Order definitions so that each follows all that its bodies use."""
    owner = {id(body): i for i, d in enumerate(found) for body in d.bodies}
    ordered: dict[int, None] = {}
    waiting: set[int] = set()

    def place(i: int) -> None:
        if i in ordered or i in waiting:
            return
        waiting.add(i)
        for body in found[i].bodies:
            for used in _used(body):
                if used in owner:
                    place(owner[used])
        ordered[i] = None

    for i in range(len(found)):
        place(i)
    return [found[i] for i in ordered]


def _used(graph: Graph) -> Iterator[int]:
    for node in graph.present:
        if node.body is not None:
            yield id(node.body)
            if not is_class(node.body):
                yield from _used(node.body)


def collect(network: Elaborated, taken: set[str]) -> list[Emitted]:
    """The classes of a network, in the order in which they are written; the root is last."""
    root = network.graph
    registry: Registry = {}
    classes: list[Emitted] = []
    for definition in definitions(root):
        for group in _partition(definition.bodies, registry):
            if group[0] is root:
                continue
            like = [p for p in definition.probes if is_like(p, group)]
            group = _extend(group, like, registry)
            emitted = Emitted(_free(class_name(definition.name), taken), group)
            _Writer(emitted, registry, None, taken).write()
            registry |= {id(body): emitted for body in group}
            classes.append(emitted)
    return [*classes, _root(network, registry, taken)]


def _extend(
    group: list[Graph], probes: Iterable[Graph], registry: Registry
) -> list[Graph]:
    """A group with those probes that are the same class."""
    for probe in probes:
        if _fits([*group, probe], registry):
            group = [*group, probe]
    return group


def _root(network: Elaborated, registry: Registry, taken: set[str]) -> Emitted:
    """The network's own class, its constructor taking the params that it alone uses."""
    root, name = network.graph, class_name(network.name)
    kept: list[Graph] = [root]
    for probe in root_probes(root):
        known = all(id(body) in registry for _, body in _class_bodies(probe, "")[1:])
        if known and is_like(probe, kept) and _fits([root, probe], registry):
            trial = Emitted(name, [root, probe])
            _Writer(trial, registry, network, set(taken)).write()
            if all(parameter.name in root.arguments for parameter in trial.parameters):
                kept.append(probe)
    emitted = Emitted(name, kept)
    _Writer(emitted, registry, network, taken).write()
    return emitted


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{number}", number + 1
    taken.add(free)
    return free


def _partition(bodies: list[Graph], registry: Registry) -> list[list[Graph]]:
    """The fewest groups whose bodies differ only in numbers or in absent nodes."""
    groups: list[list[Graph]] = []
    for body in bodies:
        for group in groups:
            if _fits([*group, body], registry):
                group.append(body)
                break
        else:
            groups.append([body])
    return groups


def _fits(bodies: list[Graph], registry: Registry) -> bool:
    chains = [body.is_list and is_chain(body) for body in bodies]
    if any(chains) and not all(chains):
        return False
    if not all(chains) and structure(bodies[-1]) != structure(bodies[0]):
        return False
    try:
        members(bodies, registry)
    except CannotUnify:
        return False
    return True


class _Writer:
    """Writes one class."""

    def __init__(
        self,
        emitted: Emitted,
        registry: Registry,
        network: Elaborated | None,
        taken: set[str],
    ) -> None:
        self.emitted = emitted
        self.bodies = emitted.bodies
        self.graph = self.bodies[0]
        self.network = network  # of the root
        named = network is not None and len(self.graph.outputs) > 1
        self.result = _free(f"{emitted.name}Output", taken) if named else ""
        self.members = members(self.bodies, registry)
        self.names = Names(self.bodies, reserved={"self"})

    def write(self) -> None:
        emitted = self.emitted
        if self.graph.is_list and is_chain(self.graph) and self.network is None:
            base, inside = "nn.Sequential", self.sequential()
        else:
            base, inside = "nn.Module", self.attributes()
        emitted.parameters = self.parameters()
        signature = self.signature()
        doc = self.graph.doc or self.default_doc()
        emitted.lines = [
            *(result_class(self.result, self.graph) if self.result else ()),
            *(["", ""] if self.result else ()),
            f"class {emitted.name}({base}):",
            *docstring(doc, 1),
            "",
            *signature,
            *inside,
        ]

    def parameters(self) -> list[Parameter]:
        """The constructor's parameters; those of the network have its values."""
        found = self.names.ordered()
        if self.network is None:
            return found
        return [parameter._replace(default=parameter.values[0]) for parameter in found]

    def default_doc(self) -> str:
        kind = "network" if self.network is not None else "block"
        return f"The {kind} `{self.graph.name or self.emitted.name}`."

    def signature(self) -> list[str]:
        parameters: list[Code] = ["self"]
        for parameter in self.emitted.parameters:
            text = f"{parameter.name}: {parameter.annotation}"
            if parameter.default is not ...:
                text += f" = {constant(parameter.default)}"
            parameters.append(text)
        return lay(Group("def __init__(", tuple(parameters)), 1, after=" -> None:")

    def sequential(self) -> list[str]:
        items = self.items([Item(*member) for member in self.members])
        return lay(Group("super().__init__(", tuple(items)), 2)

    # __init__ -----------------------------------------------------------------------------

    def attributes(self) -> list[str]:
        reset = (
            reset_parameters(self.network) if self.network and self.network.init else []
        )
        tensors = [] if reset else own_tensors(self.graph)
        lines = [f"{INDENT * 2}super().__init__()"]
        if reset:
            lines.append(
                f'{INDENT * 2}with torch.device("meta"):  # allocated below, once'
            )
        written = {name: (tree, present) for name, tree, present in self.members}
        for node in self.graph.nodes:
            if node.name in written:
                lines += self.attribute(
                    node.name, *written[node.name], 3 if reset else 2
                )
            elif node.operator is not None and node.operator.form is Form.TENSOR:
                lines += self.tensor(node, 3 if reset else 2)
        if reset:
            lines.append(
                f"{INDENT * 2}self.to_empty(device=torch.get_default_device())"
            )
        elif tensors:
            head = f"{INDENT}def reset_parameters(self) -> None:"
            reset = [
                head,
                f'{INDENT * 2}"""Initialise the tensors of this block."""',
                *tensors,
            ]
        if reset:
            lines += [f"{INDENT * 2}self.reset_parameters()", "", *reset]
        return [*lines, "", *self.forward()]

    def attribute(
        self, name: str, tree: Module, present: Slot, depth: int
    ) -> list[str]:
        code = self.code(tree)
        if present.is_constant:
            return _assign(name, code, depth)
        condition = self.names.text(present, f"has_{name}")
        conditional = Group(f"{flat(code)} if {condition} else None", (), "")
        if len(flat(conditional)) + 20 <= 88:
            return _assign(name, flat(conditional), depth)
        pad = INDENT * depth
        lines = [f"{pad}self.{name}: nn.Module | None = None", f"{pad}if {condition}:"]
        return lines + _assign(name, code, depth + 1)

    def tensor(self, node: Node, depth: int) -> list[str]:
        shape = constant(node.call.arguments[0].value)
        value = Group(f"{node.call.function}(", (f"torch.empty({shape})",))
        return _assign(node.name, value, depth)

    def forward(self) -> list[str]:
        forward = Forward(self.bodies, self.result)
        body = forward.write()
        arguments = ["self", *(f"{name}: Tensor" for name in forward.inputs.values())]
        result = annotation(self.graph, self.result)
        return [
            *lay(Group("def forward(", tuple(arguments)), 1, after=f" -> {result}:"),
            *body,
        ]

    # Modules as code ------------------------------------------------------------------------

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
            if field == "inplace" and slot.value is False:
                continue
            default = layer.operator.fields.get(field)
            if keyword is not None and default is not None and slot.is_constant:
                if slot.value == default.default:
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
        items = self.items(list(chain.items))
        if chain.numbered:
            return Group("nn.Sequential(", tuple(items))
        pairs = [
            Group("", (f'"{item.name}"', code), "")
            for item, code in zip(chain.items, items, strict=True)
        ]
        entries = tuple(
            f"{flat(pair.items[0])}: {flat(pair.items[1])}" for pair in pairs
        )
        return Group(
            "nn.Sequential(", (Group("OrderedDict(", (Group("{", entries, "}"),)),)
        )

    def items(self, items: list[Item]) -> list[Code]:
        found: list[Code] = []
        for item in items:
            code = self.code(item.module)
            if not item.present.is_constant:
                condition = self.names.text(item.present, f"has_{item.name}")
                code = Group("*(", (f"[{flat(code)}] if {condition} else []",), ")")
            found.append(code)
        return found

    def repeat(self, repeat: Repeat) -> Code:
        if repeat.prefix or repeat.start:
            return self.named_repeat(repeat)
        items: list[Code] = []
        for run in repeat.runs:
            items += self.run(run)
        if repeat.form == "ModuleList":
            only = len(items) == 1 and flat(items[0]).startswith("*")
            return Group(
                "nn.ModuleList(",
                (flat(items[0])[1:] if only else Group("[", tuple(items), "]"),),
            )
        return Group("nn.Sequential(", tuple(items))

    def run(self, run: Run) -> list[Code]:
        """A run as one item for each child, or as a comprehension for many."""
        count = self.names.text(Slot(run.counts), "depth")
        fixed = len(set(run.counts)) == 1
        if fixed and (run.counts[0] == 1 or (run.counts[0] == 2 and self.is_same(run))):
            return [self.code(self.at(run, 0))] * run.counts[0]
        index = "_" if self.is_same(run) else "i"
        code = self.code(self.looped(run))
        return [Group("*(", (f"{flat(code)} for {index} in range({count})",), ")")]

    def named_repeat(self, repeat: Repeat) -> Code:
        container = (
            "nn.Sequential(OrderedDict("
            if repeat.form == "Sequential"
            else "nn.ModuleDict("
        )
        close = "))" if repeat.form == "Sequential" else ")"
        if len(repeat.runs) == 1 and repeat.runs[0].counts[0] > 1:
            run = repeat.runs[0]
            count = self.names.text(Slot(run.counts), "depth")
            number = f"i + {repeat.start}" if repeat.start else "i"
            pair = (
                f'f"{repeat.prefix}{{{number}}}": {flat(self.code(self.looped(run)))}'
            )
            return Group(
                container + "{", (f"{pair} for i in range({count})",), "}" + close
            )
        entries: list[Code] = []
        for run in repeat.runs:
            for offset in range(run.counts[0]):
                name = f"{repeat.prefix}{repeat.start + run.first + offset}"
                entries.append(f'"{name}": {flat(self.code(self.at(run, offset)))}')
        return Group(container + "{", tuple(entries), "}" + close)

    def is_same(self, run: Run) -> bool:
        from netspec.emit.modules import slots

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
        return Slot((Raw(f"{base} + {step} * i"),))

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


def _assign(name: str, code: Code, depth: int) -> list[str]:
    if name.isdigit():
        return lay(Group("self.add_module(", (f'"{name}"', code)), depth)
    return lay(code, depth, f"self.{name} = ")
