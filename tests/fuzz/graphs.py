"""Random valid networks over all operators: inferred is what CPU torch computes.

A network is drawn forwards: an operator, arguments of its kinds, inputs among the
values so far; what its own rule refuses is drawn again. It is written as a spec,
compiled, and run; then its emitted file is run beside it.
"""

import copy
import json
import random
import re
import warnings
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from netspec.compiler import compile
from netspec.constraints import Assumptions
from netspec.diagnostics import SpecError
from netspec.dimensions import Dimension
from netspec.format import format_text
from netspec.kinds import (
    Boolean,
    Choice,
    Integer,
    Integers,
    Kind,
    KindError,
    ListOf,
    Null,
    Number,
    OneOf,
    Size,
)
from netspec.link import loads
from netspec.network import Network
from netspec.operators import OPERATORS, Category, Operator, OperatorError
from netspec.tensors import TensorType

NAMES = sorted(
    name for name, kind in OPERATORS.items() if kind.category is not Category.TENSOR
)
INPUTS = (
    ("image", [3, 8, 8], "float32"),
    ("signal", [4, 12], "float32"),
    ("sequence", [5, 8], "float32"),
    ("volume", [2, 4, 4, 4], "float32"),
    ("vector", [12], "float32"),
    ("tokens", [6], "int64"),
    ("columns", [8, 9], "float32"),
    ("row", [4, 1], "float32"),
)
# Arguments that no kind leads to: texts, and sizes that depend on one another.
FITTING: dict[str, tuple[dict[str, Any], ...]] = {
    "Einsum": (
        {"equation": "bij->bji"},
        {"equation": "bij,bkj->bik"},
        {"equation": "bi,bj->bij"},
        {"equation": "bchw->bhwc"},
    ),
    "Fold": ({"output_size": 4, "kernel_size": 2},),
    "FractionalMaxPool2d": ({"kernel_size": 2, "output_size": 3},),
    "FractionalMaxPool3d": ({"kernel_size": 2, "output_size": 2},),
}
INDEX = re.compile(  # what torch says of a computed index beyond a table
    "out of range|found idx to be|invalid max index|not in the valid range|index_size"
)
INDEXED = ("IndexSelect", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d")
TABLE = 3  # a list of indices that the network owns: zeros
LARGEST = 4096  # elements of a value
BATCH = 2
UNSEEN = ("Bilinear", "MatMul", "Einsum")  # no kernels that torch's counter knows
FUSED = (Category.ATTENTION, Category.RECURRENT)  # counted operator by operator instead
Types = tuple[TensorType, ...]


class Value(NamedTuple):
    """What a node may read: its reference as written, and its type."""

    ref: str
    type: TensorType


class Drawn(NamedTuple):
    """A node: its operator's name, what it reads, its arguments and outputs."""

    name: str
    kind: str
    reads: tuple[str, ...]
    arguments: dict[str, Any]
    outputs: tuple[Value, ...]


def argument(rng: random.Random, kind: Kind) -> Any:
    match kind:
        case Integer():
            low = -3 if kind.minimum is None else kind.minimum
            high = low + 6 if kind.maximum is None else min(low + 6, kind.maximum)
            return rng.randint(low, high)
        case Integers():
            one = argument(rng, kind.one)
            many = [argument(rng, kind.one) for _ in range(kind.count)]
            return rng.choice([one, many])
        case Number():
            numbers = [0.0, 0.1, 0.25, 0.5, 1.0, 2.0, -0.5]
            return rng.choice([n for n in numbers if _fits(kind, n)])
        case Boolean():
            return rng.random() < 0.5
        case Choice():
            return rng.choice(kind.words)
        case ListOf():
            return [argument(rng, kind.item) for _ in range(rng.randint(1, 4))]
        case Size():
            return rng.choice([-1, 1, 2, 3, 4, 6, 8])
        case OneOf():
            return argument(rng, rng.choice(kind.kinds))
        case Null():
            return None
    raise KindError(f"nothing is drawn for {kind}")


def _fits(kind: Kind, value: Any) -> bool:
    try:
        kind.accept(value)
    except KindError:
        return False
    return True


def use(rng: random.Random, name: str) -> tuple[Operator, dict[str, Any]]:
    """An operator with arguments. Raises KindError."""
    kind = OPERATORS[name]
    written = dict(rng.choice(FITTING[name])) if name in FITTING else {}
    for field in kind.fields.values():
        if name not in FITTING and (field.required or rng.random() < 0.35):
            written[field.name] = argument(rng, field.kind)
    settled = {
        key: kind.fields[key].kind.accept(_tuples(value))
        for key, value in written.items()
    }
    return kind(**settled), written


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def reads(rng: random.Random, kind: type[Operator], pool: list[Value]) -> list[Value]:
    least, most = kind.arity
    count = rng.randint(least, min(most or least + 2, least + 2))
    first = rng.choice(pool[-8:] if rng.random() < 0.7 else pool)
    alike = [value for value in pool if value.type == first.type]
    more = [rng.choice(alike if rng.random() < 0.8 else pool) for _ in range(count)]
    return [first, *more][:count]


def index_of(
    rng: random.Random, kind: type[Operator], pool: list[Value]
) -> list[Value]:
    """A value and integers that fit it: the places of its maxima, or a list."""
    unpools = kind.__name__.startswith("MaxUnpool")
    indices = [value for value in pool if value.type.dtype == "int64"]
    pairs = [
        [value, index]
        for index in indices
        for value in pool
        if index.type.sizes == (value.type.sizes if unpools else (TABLE,))
    ]
    return rng.choice(pairs or [pool[:1]])


def draw_node(rng: random.Random, name: str, pool: list[Value]) -> Drawn | None:
    """A valid node that reads some of the pool, or None after some attempts."""
    kind = ""
    for attempt in range(120):
        if attempt % 20 == 0:  # as often as not the pool has nothing for an operator
            kind = rng.choice(INDEXED if pool[-1].ref.endswith("indices") else NAMES)
        find = index_of if kind in INDEXED else reads
        sources = find(rng, OPERATORS[kind], pool)
        types = tuple(source.type for source in sources)
        try:
            operator, arguments = use(rng, kind)
            operator.admit(types)
            found = operator.infer(types, Assumptions())
        except (KindError, OperatorError, OverflowError):
            continue
        outputs = (found,) if isinstance(found, TensorType) else found
        if sources and _is_small(outputs) and outputs[0].is_batched:
            names = operator.output_names
            refs = [f"{name}.{part}" if part else name for part in names]
            values = tuple(map(Value, refs, outputs))
            return Drawn(name, kind, tuple(s.ref for s in sources), arguments, values)
    return None


def _is_small(types: Types) -> bool:
    return all(
        type.is_batched
        and not isinstance(type.elements, Dimension)
        and 0 < type.elements <= LARGEST
        for type in types
    )


class Net(NamedTuple):
    """A drawn network: the lines of its inputs, and its nodes."""

    inputs: list[str]
    nodes: list[Drawn]

    @property
    def values(self) -> dict[str, TensorType]:
        """Every node's every output, and its type by the operator's own rule."""
        found = {v.ref: v.type for node in self.nodes for v in node.outputs}
        return {ref: type for ref, type in found.items() if type.is_batched}

    @property
    def unread(self) -> list[str]:
        read = {ref for node in self.nodes for ref in node.reads}
        return [ref for ref in self.values if ref not in read]

    def spec(self, outputs: list[str], lines: list[str] | None = None) -> str:
        """The spec with these outputs; `lines` are those of its nodes."""
        given = lines or [f"  {node.name}: {written(node)}" for node in self.nodes]
        named = [f"  o{i}: {ref}" for i, ref in enumerate(outputs)]
        head = ["netspec: 1", "name: drawn", "inputs:", *self.inputs]
        return "\n".join([*head, "outputs:", *named, "graph:", *given]) + "\n"


def draw_network(rng: random.Random) -> Net:
    """A network of one node at least."""
    inputs = rng.sample(INPUTS, rng.randint(1, 3))
    pool = [
        Value(name, TensorType.batched(shape, dtype)) for name, shape, dtype in inputs
    ]
    own = owned() if rng.random() < 0.3 else []
    pool += [value for node in own for value in node.outputs]
    nodes: list[Drawn] = []
    for i in range(rng.randint(1, 10)):
        node = draw_node(rng, f"n{i}", pool)
        if node is not None:
            nodes.append(node)
            pool += node.outputs
    lines = [f"  {n}: {{shape: {s}, dtype: {d}}}" for n, s, d in inputs]
    return Net(lines, own + nodes) if nodes else draw_network(rng)


def kinds(first: int, count: int) -> set[str]:
    """The operators that networks of these seeds use."""
    nets = (draw_network(random.Random(seed)) for seed in range(first, first + count))
    return {node.kind for net in nets for node in net.nodes}


def owned() -> list[Drawn]:
    """Tensors of the network's own: one to add, and one of integers."""
    scale, table, index = (
        Value("scale", TensorType((8,))),
        Value("table", TensorType((TABLE, 2))),
        Value("index", TensorType((TABLE,), "int64")),
    )
    return [
        Drawn("scale", "Parameter", (), {"shape": [8], "init": "ones_"}, (scale,)),
        Drawn("table", "Buffer", (), {"shape": [TABLE, 2]}, (table,)),
        Drawn("index", "ArgMax", ("table",), {"dim": -1}, (index,)),
    ]


def written(node: Drawn) -> str:
    reads = {"from": list(node.reads)} if node.reads else {}
    return json.dumps({"type": node.kind, **reads, **node.arguments})


def networks(rng: random.Random) -> str:
    """Infer, run, and run the emitted file beside it.

    Once with every value an output, so that every node's shape is seen; once with the
    unread ones alone, as people write it, where emission may work in place.
    """
    net = draw_network(rng)
    seed = rng.randrange(2**31)
    try:
        for outputs in (list(net.values), net.unread):
            text = net.spec(outputs)
            assert format_text(format_text(text)) == format_text(text)
            network = compile(loads(text))
            inferred = [network.graph.type_of(o.ref) for o in network.graph.outputs]
            assert inferred == [net.values[ref] for ref in outputs]
            torch.manual_seed(seed)
            agree(net, network, inferred)
    except (IndexError, RuntimeError) as error:
        if not INDEX.search(str(error)):
            raise
        return "refused"  # a computed index is beyond a table: no shape says that
    return "accepted"


def agree(net: Net, network: Network, inferred: list[TensorType]) -> None:
    """Parameters, cost, keys, shapes, values and gradients, in both modes."""
    live = network.to_module()
    assert sum(p.numel() for p in live.parameters()) == network.parameters
    owned = [(k, tuple(v.shape)) for k, v in live.state_dict().items()]
    assert list(network.state.items()) == owned
    inputs = tensors(network)
    for training in (False, True):
        compare(live.train(training), standalone(network, live), inputs, inferred)
    if all(is_counted(node) for node in net.nodes):
        assert network.macs == counted(live.eval(), network)


def is_counted(node: Drawn) -> bool:
    """Whether torch's counter sees what is multiplied.

    It knows neither a matrix times a vector nor a bilinear form, and attention and
    recurrence in evaluation run in kernels of their own.
    """
    kind = OPERATORS[node.kind]
    return node.kind not in UNSEEN and kind.category not in FUSED


def counted(live: nn.Module, network: Network) -> int:
    """Multiply-adds of one sample by torch's counter."""
    live.requires_grad_(False)  # the counter cannot follow what does not run backwards
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        live(*tensors(network))
    flops, odd = divmod(int(counter.get_total_flops()), 2 * BATCH)
    assert odd == 0
    return flops


def mutants(rng: random.Random) -> str:
    """A valid network with one node made wrong: refused, at that node."""
    net = draw_network(rng)
    nodes = list(net.nodes)
    broken = rng.choice([i for i, node in enumerate(nodes) if node.reads])
    nodes[broken] = rng.choice(BREAKS)(nodes[broken])
    lines = [f"  {node.name}: {written(node)}" for node in nodes]
    text = net.spec(net.unread, lines)
    try:
        compile(loads(text))
    except SpecError as error:
        line = text.split("\n").index(lines[broken]) + 1
        first = error.findings[0]
        assert first.span.line == line, f"{first.code} at {first.span}, not {line}"
        return "refused"
    raise AssertionError(f"a wrong node was accepted:\n{text}")


def _unknown_type(node: Drawn) -> Drawn:
    return node._replace(kind=f"{node.kind}q")


def _unknown_source(node: Drawn) -> Drawn:
    return node._replace(reads=(*node.reads[1:], "nowhere"))


def _unknown_argument(node: Drawn) -> Drawn:
    return node._replace(arguments={**node.arguments, "colour": 3})


def _own_output(node: Drawn) -> Drawn:
    return node._replace(reads=(node.name, *node.reads[1:]))


def _too_many_sources(node: Drawn) -> Drawn:
    return node._replace(kind="Flatten", reads=node.reads[:1] * 2, arguments={})


def _wrong_rank(node: Drawn) -> Drawn:
    """No value has forty dimensions."""
    taken = {"dims": list(range(40))}
    return node._replace(kind="Permute", reads=node.reads[:1], arguments=taken)


def _wrong_groups(node: Drawn) -> Drawn:
    """No value that is drawn has so many channels."""
    return node._replace(
        kind="GroupNorm", reads=node.reads[:1], arguments={"num_groups": 9973}
    )


BREAKS = (
    _unknown_type,
    _unknown_source,
    _unknown_argument,
    _own_output,
    _too_many_sources,
    _wrong_rank,
    _wrong_groups,
)


def tensors(network: Network) -> list[Tensor]:
    made = []
    for port in network.graph.inputs:
        shape = (BATCH, *port.type.shape)
        is_floating = port.type.is_floating
        made.append(torch.randn(shape) if is_floating else torch.ones(shape).long())
    return made


def standalone(network: Network, live: nn.Module) -> nn.Module:
    """The emitted file run on its own, with the live module's weights."""
    space: dict[str, Any] = {"__name__": "drawn"}
    exec(compile_source(network.to_source()), space)  # our own text
    module: nn.Module = space["Drawn"]().train(live.training)
    module.load_state_dict(copy.deepcopy(live.state_dict()), strict=True)
    return module


def compare(
    live: nn.Module, other: nn.Module, inputs: list[Tensor], inferred: list[TensorType]
) -> None:
    found, again = run(live, inputs), run(other, inputs)
    assert len(found[0]) == len(inferred)
    for tensor, type in zip(found[0], inferred, strict=True):
        assert tuple(tensor.shape[1:]) == type.shape
        assert str(tensor.dtype) == f"torch.{type.dtype}"
    for first, second in zip(found, again, strict=True):
        for a, b in zip(first, second, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=0, equal_nan=True)
    assert list(live.state_dict()) == list(other.state_dict())


def run(module: nn.Module, inputs: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Outputs and the gradients of the parameters, under one seed."""
    torch.manual_seed(0)
    module.zero_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = module(*[tensor.clone() for tensor in inputs])
    outputs = [result] if isinstance(result, Tensor) else list(result)
    used = [o for o in outputs if o.requires_grad]
    if used:
        sum(output.sum() for output in used).backward()  # type: ignore[union-attr]
    gradients = [p.grad for p in module.parameters() if p.grad is not None]
    return [o.detach() for o in outputs], gradients


def compile_source(source: str) -> Any:
    import builtins

    return builtins.compile(source, "<drawn>", "exec")
