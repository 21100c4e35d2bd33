"""Random numbers in chains: expressions over params, counters and rows, as args of
blocks, lists, repeats and inline graphs within one another.

Whatever is drawn takes one value and gives one, so the widths may change on the way;
`structures.py` is about wires. The emitted module must be the graph run node by node.
"""

import json
import random
from collections.abc import Mapping
from typing import Any

from tests.fuzz.reference import judge

# What a number may be, by its kind, as it stands and over names of other kinds.
PLAIN: dict[str, tuple[Any, ...]] = {
    "width": (8, 4, 12, 16),
    "kernel": (1, 3),
    "dilation": (1, 2),
    "bias": (True, False),
    "count": (1, 2, 3),
}
OVER: dict[tuple[str, str], tuple[str, ...]] = {
    ("width", "index"): ("4 * (${} + 1)", "8 if ${} == 0 else 12", "4 * 2 ** ${}"),
    ("kernel", "index"): ("1 if ${} == 0 else 3", "2 * ${} + 1"),
    ("bias", "index"): ("${} == 0", "${} % 2 == 1"),
    ("count", "index"): ("${} + 1", "${}"),
    ("dilation", "index"): ("${} + 1",),
    ("width", "width"): (
        *("2 * ${}", "${} + 4", "max(${}, 8)", "${} // 4 * 4", "${} / 2"),
        *("make_divisible(1.4 * ${}, 4)", "round(1.5 * ${})"),
    ),
    ("width", "input"): ("${}.channels", "2 * ${}.channels", "${}.channels // 2 + 4"),
    ("width", "row"): ("${}.width",) * 3,
    ("count", "row"): ("${}.count",) * 3,
}
WHENS = {
    "bias": ("${}", "not ${}"),
    "index": ("${} > 0", "${} == 0", "${} != 1"),
    "count": ("${} != 1", "${} > 1"),
    "width": ("${} > 8",),
}
PARAMS = ("width", "kernel", "bias", "count", "dilation")
LAYERS = ("BatchNorm1d", "ReLU", "GELU", "Dropout", "LeakyReLU")
ROWS = [{"width": 8, "count": 1}, {"width": 12, "count": 3}]
Scope = Mapping[str, str]  # names and their kinds


class Chains:
    """Draws one spec."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.blocks: dict[
            str, dict[str, bool]
        ] = {}  # params; whether they are required

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def spec(self) -> str:
        """The text: JSON is YAML."""
        declared = {}
        for name in ("Unit", "Mid", "Stage")[: self.rng.randint(1, 3)]:
            declared[name] = self.block(name)
        spec: dict[str, Any] = {"netspec": 1, "name": "drawn", "input": [4, 40]}
        spec["params"] = {"width": 8, "count": 2, "rows": ROWS}
        scope = {"width": "width", "count": "count", "rows": "rows"}
        return json.dumps({**spec, "blocks": declared, "graph": self.graph(scope, 0)})

    def block(self, name: str) -> dict[str, Any]:
        params = {kind: self.chance(0.5) for kind in PARAMS if self.chance(0.5)}
        kinds = {kind: "bool" if kind == "bias" else "int" for kind in params}
        written = {k: kinds[k] if params[k] else PLAIN[k][0] for k in params}
        scope = {**{kind: kind for kind in params}, "input": "input"}
        found = {"params": written, "graph": self.graph(scope, 0)}
        self.blocks[name] = params
        return found

    def graph(self, scope: Scope, depth: int) -> Any:
        """A list, or nodes by their names, some of which another one reads again."""
        nodes = [self.node(scope, depth) for _ in range(self.rng.randint(2, 4))]
        if self.chance(0.5):
            return nodes
        names = ("conv", "norm", "stage", "x")
        named = {f"{self.rng.choice(names)}{i}": n for i, n in enumerate(nodes)}
        if depth == 0 and self.chance(0.3):
            read = {"mul": self.rng.choices(list(named), k=2)}
            width = self.number(scope, "width")
            gate = {"type": "Conv1d", "out_channels": width, "kernel_size": 1}
            named["gate"] = {**gate, "from": read}
        return named

    def node(self, scope: Scope, depth: int) -> dict[str, Any]:
        keys: dict[str, Any] = {}
        if self.chance(0.22):
            conditions = [
                text.format(name)
                for name, kind in scope.items()
                for text in WHENS.get(kind, ())
            ]
            keys |= {"when": self.rng.choice(conditions)} if conditions else {}
        if depth < 3 and self.chance(0.3):
            keys["repeat"], scope = self.repeat(scope)
        return {**self.what(scope, depth), **keys}

    def repeat(self, scope: Scope) -> tuple[dict[str, Any], Scope]:
        """How often, and what may be named within."""
        index = "i" if "i" not in scope else "j"
        counted = {k: kind for k, kind in scope.items() if kind != "width"}
        found: dict[str, Any] = {"over": self.number(counted, "count"), "index": index}
        inner = {**scope, index: "index"}
        if "rows" in scope and self.chance(0.3):
            found |= {"over": "$rows", "as": "row"}
            inner["row"] = "row"
        if self.chance(0.25):
            found["prefix"] = self.rng.choice(["l", "layer", "b"])
        if self.chance(0.2):
            found["start"] = 1
        return found, inner

    def what(self, scope: Scope, depth: int) -> dict[str, Any]:
        """A convolution, a line, a layer, a block or a graph within this one."""
        pick = self.rng.random()
        if pick < 0.35:
            return self.convolution(scope)
        if pick < 0.42:
            return self.line(scope)
        if 0.6 < pick < 0.8 and self.blocks:
            return self.use(scope)
        if pick > 0.8 and depth < 2:
            return {"graph": self.graph(scope, depth + 1)}
        return {"type": self.rng.choice(LAYERS)}

    def convolution(self, scope: Scope) -> dict[str, Any]:
        return {
            "type": "Conv1d",
            "out_channels": self.number(scope, "width"),
            "kernel_size": self.listed(self.number(scope, "kernel")),
            "padding": "same" if self.chance(0.5) else 1,
            "bias": self.number(scope, "bias"),
            "dilation": self.listed(self.number(scope, "dilation")),
        }

    def listed(self, number: Any) -> Any:
        return [number] if self.chance(0.2) else number

    def line(self, scope: Scope) -> dict[str, Any]:
        """What is no module: its numbers are the constructor's, or none."""
        kinds = ("dilation", "count", "width")
        if self.chance(0.3):
            number = self.number(scope, self.rng.choice(kinds))
            return {"type": "Scale", "factor": f"1.0 / (1 + {number})"}
        shifts = [self.number(scope, self.rng.choice(kinds)) for _ in range(2)]
        if self.chance(0.3):
            return {"type": "Roll", "shifts": shifts[0], "dims": 1}
        return {"type": "Roll", "shifts": shifts, "dims": [1, 2]}

    def use(self, scope: Scope) -> dict[str, Any]:
        name = self.rng.choice(list(self.blocks))
        params = self.blocks[name].items()
        given = [param for param, required in params if required or self.chance(0.6)]
        return {"type": name, **{param: self.number(scope, param) for param in given}}

    def number(self, scope: Scope, kind: str) -> Any:
        """A value of a kind: literal, named, or worked out from other names."""
        found: list[Any] = list(PLAIN[kind])
        for name, other in scope.items():
            found += [f"${name}"] * (3 if other == kind else 0)
            found += [text.format(name) for text in OVER.get((kind, other), ())]
        if kind == "width":
            found += ["$from.channels", "make_divisible($from.channels / 3, 4)"]
        return self.rng.choice(found)


def chains(rng: random.Random) -> str:
    """A spec is refused with findings, or its module is its graph."""
    return judge(Chains(rng).spec())
