"""What is printed is a function of the spec alone: the same bytes in any process.

`python -m tests.fuzz.prints FIRST COUNT` prints a line for each random network, and one
for each shipped spec.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from netspec.compiler import compile
from netspec.link import loads
from netspec.network import Network
from tests.fuzz.graphs import draw_network

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = (
    {"PYTHONHASHSEED": "1", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"},
    {"PYTHONHASHSEED": "3", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
)


def digests(first: int, count: int) -> Iterator[str]:
    for seed in range(first, first + count):
        net = draw_network(random.Random(seed))
        if net.nodes:
            yield f"{seed} {digest(compile(loads(net.spec(net.unread))))}"
    for path in sorted((ROOT / "specs").glob("*.yaml")):
        yield f"{path.stem} {digest(compile(path))}"


def digest(network: Network) -> str:
    texts = [
        network.to_source(),
        network.shapes_text(),
        network.summary(),
        str(network.draw("dot")),
        str(network.draw("json")),
    ]
    return " ".join(sha256(text.encode()).hexdigest()[:16] for text in texts)


def compare(first: int, count: int) -> Counter[str]:
    """The lines of one process for each environment, laid side by side."""
    printed = []
    for environment in ENVIRONMENTS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.fuzz.prints", str(first)]
            result = subprocess.run(
                [*command, str(count)],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                capture_output=True,
                text=True,
                check=True,
            )
        printed.append(result.stdout.splitlines())
    rows = zip(*printed, strict=True)
    return Counter("accepted" if len(set(row)) == 1 else "broken" for row in rows)


if __name__ == "__main__":
    for line in digests(int(sys.argv[1]), int(sys.argv[2])):
        print(line)
