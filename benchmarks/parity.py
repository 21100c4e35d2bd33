"""Compares every published network with torchvision: `python benchmarks/parity.py`.

Writes docs/parity.md. Outputs are compared on two small images, whole networks all.
"""

import sys
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.networks.reference import PUBLISHED, compiled, pair  # noqa: E402
from tests.networks.test_torchvision import image  # noqa: E402

HEAD = """# Parity with torchvision

Made by `python benchmarks/parity.py`. Keys: the two `state_dict`s are the same set and
load strictly both ways. Eval, train: outputs on two small images, with random weights
and the same random stream. Multiply-adds are of inference, at the size that torchvision
publishes them for.

| network | keys | eval | train | parameters | GMACs | published | lines |
| --- | --- | --- | --- | ---: | ---: | ---: | ---: |
"""


def row(name: str) -> str:
    """One line of the table; a difference is said in words."""
    both = pair(name)
    equal = {mode: is_equal(name, mode, both) for mode in (False, True)}
    network, figures = compiled(name), PUBLISHED[name]
    symbols = {s for port in network.graph.inputs for s in port.type.symbols()}
    macs = network.graph.macs(dict.fromkeys(symbols, figures["size"])) / 1e9
    cells = [
        name,
        f"{len(both.own.state_dict())} equal",
        *("bit-equal" if equal[mode] else "differs" for mode in (False, True)),
        f"{network.parameters:,}",
        f"{macs:.3f}",
        f"{figures['gmacs']:.3f}",
        str(network.to_source().count("\n")),
    ]
    return f"| {' | '.join(cells)} |\n"


def is_equal(name: str, mode: bool, both: object) -> bool:
    own, other = both.train(mode).outputs(image(name))  # type: ignore[attr-defined]
    return all(torch.equal(a, b) for a, b in zip(own, other, strict=True))


def main() -> None:
    torch.set_num_threads(1)
    wanted = sys.argv[1:] or list(PUBLISHED)
    lines = []
    for name in wanted:
        lines.append(row(name))
        print(lines[-1], end="", flush=True)
    if wanted == list(PUBLISHED):
        (ROOT / "docs" / "parity.md").write_text(HEAD + "".join(lines))


if __name__ == "__main__":
    main()
