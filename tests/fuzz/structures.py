"""Random structures: blocks used several times, repeats, shares, several outputs.

Every value is a sequence of one shape, so whatever is drawn can read whatever came
before it; `chains.py` is about the numbers. The emitted module must be the graph run
node by node, see `reference.py`.
"""

import json
import random
from typing import Any, NamedTuple

from tests.fuzz.reference import judge

SHAPE = [6, 8]
PLAIN: tuple[dict[str, Any], ...] = (
    *({"type": name} for name in ("ReLU", "SiLU", "GELU", "Hardswish", "LeakyReLU")),
    *({"type": name} for name in ("Tanh", "Identity", "LayerNorm", "BatchNorm1d")),
    {"type": "Linear", "out_features": 8},
    {"type": "Linear", "out_features": 8, "bias": False},
    {"type": "Conv1d", "out_channels": 6, "kernel_size": 1},
    {"type": "Dropout", "p": 0.0},
    {"type": "Scale", "factor": 2},
    {"type": "Shift", "offset": 1},
    {"type": "Softmax", "dim": -1},
    {"type": "CumSum", "dim": 1},
    {"type": "Clamp", "min": -2, "max": 2},
)
ACTIVATIONS = ("ReLU", "SiLU", "GELU", "Tanh", "LayerNorm")
TENSORS = ({"type": "Parameter"}, {"type": "Buffer"})
JOINS = ("Add", "Add", "Mul", "Sub", "Maximum")
NAMES = ("fc", "act", "norm", "conv", "unit", "in_fc", "in_act", "self_fc", "self_act")
ODD = ("x", "out", "layer", "i", "self_", "torch_", "data")  # what emission may write


class Block(NamedTuple):
    """A block: its ports, its outputs, and its params by kind."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    params: "Params"


class Params(NamedTuple):
    """The params in scope: conditions, counts, and blocks that are handed in."""

    flags: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    index: str | None = None  # the counter, within a repeat


class Drawn(NamedTuple):
    """A node before it is wired: how many values it reads, what it gives."""

    keys: dict[str, Any]
    reads: int = 1
    outputs: tuple[str, ...] = ()
    counted: bool = False  # it names the counter of its repeat


class Structure:
    """Draws one spec."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.blocks: list[Block] = []

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def spec(self) -> str:
        """The text: JSON is YAML."""
        rng, declared = self.rng, {}
        for name in ("Unit", "Mixer", "Stage")[: rng.randint(1, 3)]:
            declared[name] = self.block(name)
        ports = ("data",) if self.chance(0.6) else ("left", "right")
        body = Body(self, Params(("big",), ("reps",)), ports)
        body.fill(rng.randint(4, 9))
        spec: dict[str, Any] = {"netspec": 1, "name": "drawn"}
        spec["params"] = {"big": True, "reps": 2}
        spec["inputs"] = dict.fromkeys(ports, SHAPE)
        spec |= {"blocks": declared, "graph": body.nodes}
        if self.chance(0.5):
            picked = rng.sample(
                list(body.nodes), rng.randint(1, min(3, len(body.nodes)))
            )
            spec["outputs"] = {
                f"o{i}": self.output(name, i) for i, name in enumerate(picked)
            }
        return json.dumps(spec, indent=1)

    def output(self, name: str, position: int) -> Any:
        """An output; those after the first may be of training alone."""
        if position and self.chance(0.5):
            return {"from": name, "mode": "train"}
        return name

    def block(self, name: str) -> dict[str, Any]:
        rng = self.rng
        params = Params(
            tuple(rng.sample(["res", "pre"], rng.randint(0, 2))),
            tuple(rng.sample(["depth", "n"], rng.randint(0, 1))),
            ("inner",) if self.chance(0.3) else (),
        )
        ports = ("input",) if self.chance(0.6) else ("q", "m")
        body = Body(self, params, ports)
        body.fill(rng.randint(2, 6))
        found: dict[str, Any] = {"params": self.declared(params)}
        if ports != ("input",):
            found["inputs"] = list(ports)
        outputs = body.outputs() if self.chance(0.4) else {}
        if outputs:
            found["outputs"] = outputs
        self.blocks.append(Block(name, ports, tuple(outputs), params))
        return {**found, "graph": body.nodes}

    def declared(self, params: Params) -> dict[str, Any]:
        rng = self.rng
        found: dict[str, Any] = {f: rng.choice(["bool", True]) for f in params.flags}
        found |= {name: rng.choice([0, 1, 2]) for name in params.counts}
        kind = {"type": "block", "default": rng.choice(["ReLU", "GELU"])}
        return found | dict.fromkeys(params.types, kind)


class Body:
    """Draws the nodes of one graph."""

    def __init__(
        self,
        structure: Structure,
        params: Params,
        ports: tuple[str, ...],
        depth: int = 0,
    ) -> None:
        self.structure = structure
        self.rng = structure.rng
        self.chance = structure.chance
        self.params = params
        self.ports = ports
        self.depth = depth
        self.nodes: dict[str, Any] = {}
        self.values: dict[str, tuple[str, ...]] = dict.fromkeys(ports, ())  # outputs
        self.shareable: dict[str, Drawn] = {}

    def fill(self, count: int) -> None:
        for i in range(count):
            name, odd = f"{self.rng.choice(NAMES)}{i}", self.rng.choice(ODD)
            taken = odd in self.values or self.chance(0.9)
            self.node(name if taken else odd)
        if self.chance(0.15):
            self.table()

    def table(self) -> None:
        """A tensor of the graph's own, and a node that adds it to a value."""
        self.nodes["table"] = {**self.rng.choice(TENSORS), "shape": SHAPE, "init": 0.5}
        read = self.rng.sample([self.source(), "table"], 2)
        self.nodes["tabled"] = {"type": "Add", "from": read}
        self.values["tabled"] = ()

    def outputs(self) -> dict[str, str]:
        """Two or three of the nodes, as outputs."""
        if len(self.nodes) < 2:
            return {}
        count = self.rng.randint(2, min(3, len(self.nodes)))
        picked = self.rng.sample(list(self.nodes), count)
        return dict(zip(("first", "second", "third"), picked, strict=False))

    # Nodes ----------------------------------------------------------------------------

    def node(self, name: str) -> None:
        """Draw a node, wire it, and let it repeat or be absent."""
        drawn = self.draw()
        joins = drawn.keys.get("type") in JOINS
        spliced, missing = False, False
        single = joins or "share" in drawn.keys
        if drawn.counted or (not single and self.chance(0.22)):
            repeat = self.repeat(drawn, name)
            drawn.keys["repeat"], spliced = repeat, repeat.get("splice", False)
        if self.chance(0.22) and (self.params.flags or self.params.counts):
            missing = True
            drawn.keys["when"] = self.condition()
            if drawn.reads > 1 or drawn.outputs or self.chance(0.2):
                drawn.keys["else"] = self.rng.choice(list(self.values))
        reads = [self.source() for _ in range(drawn.reads)]
        if drawn.reads > 1 or self.chance(0.3):
            drawn.keys["from"] = self.connection(reads)
        if not (missing or spliced or single):
            self.shareable[name] = drawn
        self.nodes[name] = drawn.keys
        self.values[name] = () if missing else drawn.outputs

    def connection(self, reads: list[str]) -> Any:
        if len(reads) == 1 and self.chance(0.2):
            return {self.rng.choice(["add", "mul"]): [*reads, self.source()]}
        return reads

    def source(self) -> str:
        """A recent value or an input; one of its outputs, if it has several."""
        name = self.rng.choice([*list(self.values)[-4:], *self.ports])
        outputs = self.values[name]
        return (
            f"{name}.{self.rng.choice(outputs)}"
            if self.chance(0.6) and outputs
            else name
        )

    def draw(self) -> Drawn:
        pick = self.rng.random()
        if pick < 0.4:
            return self.plain()
        if pick < 0.56:
            kind = self.rng.choice(JOINS)
            count = 3 if kind in ("Add", "Mul") and self.chance(0.4) else 2
            return Drawn({"type": kind}, count)
        if pick < 0.61:
            return Drawn({"type": self.rng.choice(["LSTM", "GRU"]), "hidden_size": 8})
        if pick < 0.65:
            attention = {"type": "MultiheadAttention", "num_heads": 2}
            attention |= {"causal": self.flag()} if self.chance(0.3) else {}
            return Drawn(attention, self.rng.choice([1, 3]))
        if pick < 0.7 and self.depth < 2:
            return self.inline()
        if pick < 0.92 and self.structure.blocks:
            return self.use(self.rng.choice(self.structure.blocks))
        if self.shareable:
            name, drawn = self.rng.choice(list(self.shareable.items()))
            return Drawn({"share": name}, drawn.reads, drawn.outputs)
        return Drawn({"type": "ReLU"})

    def plain(self) -> Drawn:
        if self.params.types and self.chance(0.2):
            return Drawn({"type": f"${self.params.types[0]}"})
        if self.chance(0.15):
            shifts = [self.count(), f"2 * {self.count()}"]
            return Drawn({"type": "Roll", "dims": [1, 2], "shifts": shifts})
        return Drawn(dict(self.rng.choice(PLAIN)))

    def inline(self) -> Drawn:
        """A graph within this one; it may name the counter of its repeat."""
        ports = ("input",) if self.chance(0.7) else ("p", "q")
        counted = self.chance(0.3)
        params = self.params._replace(index="i") if counted else self.params
        body = Body(self.structure, params, ports, self.depth + 1)
        body.fill(self.rng.randint(2, 4))
        keys: dict[str, Any] = {} if len(ports) == 1 else {"inputs": list(ports)}
        outputs = body.outputs() if self.chance(0.3) else {}
        if outputs:
            keys["outputs"] = outputs
        return Drawn({**keys, "graph": body.nodes}, len(ports), tuple(outputs), counted)

    def use(self, block: Block) -> Drawn:
        rng, keys = self.rng, {"type": block.name}
        keys |= {name: self.flag() for name in block.params.flags}
        for name in block.params.counts:
            if self.chance(0.8):
                keys[name] = self.count()
        for name in block.params.types:
            if self.chance(0.5):
                keys[name] = rng.choice(ACTIVATIONS)
        return Drawn(keys, len(block.inputs), block.outputs)

    # Numbers --------------------------------------------------------------------------

    def flag(self) -> Any:
        first = [f"${self.params.index} == 0"] if self.params.index else []
        named = [f"${name}" for name in self.params.flags]
        return self.rng.choice([True, False, *named, *first])

    def count(self) -> Any:
        index = [f"${self.params.index}"] if self.params.index else []
        named = [f"${name}" for name in self.params.counts]
        return self.rng.choice([0, 1, 2, *named, *index])

    def condition(self) -> str:
        flags = [f"${name}" for name in self.params.flags]
        found = [*flags, *(f"not {flag}" for flag in flags)]
        for name in self.params.counts:
            found += [f"${name} > 0", f"${name} != 1"]
        return self.rng.choice(found)

    def repeat(self, drawn: Drawn, name: str) -> dict[str, Any]:
        """How often; a node that nothing could stand for is there at least once."""
        counts = [f"${count}" for count in self.params.counts]
        if drawn.reads > 1 or drawn.outputs:
            counts = [f"1 + {count}" for count in counts]
        found: dict[str, Any] = {"over": self.rng.choice([1, 2, 3, *counts, *counts])}
        if self.chance(0.2):
            found["prefix"] = self.rng.choice(["l", "layer", "blk_"])
        if self.chance(0.2):
            found["start"] = 1
        elif self.chance(0.15) and type(found["over"]) is int:
            found |= {"splice": True, "prefix": f"{name}_"}
        return found


def structures(rng: random.Random) -> str:
    """A spec is refused with findings, or its module is its graph."""
    return judge(Structure(rng).spec())
