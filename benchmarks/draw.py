"""How fast networks are drawn: `python -m benchmarks.draw`.

Folded and unfolded, from the YAML to the SVG as whole processes. torchview and keras
draw the same networks beside it, where they are installed.
"""

import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import header

LIMIT = 300
NETSPEC = [sys.executable, "-m", "netspec", "draw"]
TORCHVIEW = """
import sys, torchvision, torchview
made = torchview.draw_graph(getattr(torchvision.models, sys.argv[1])(),
    input_size=(1, 3, 224, 224), device="meta", expand_nested=True)
made.visual_graph.render(sys.argv[2], format="svg")
"""
KERAS = """
import sys, keras
names = {"resnet152": "ResNet152", "densenet201": "DenseNet201"}
made = getattr(keras.applications, names[sys.argv[1]])(weights=None)
keras.utils.plot_model(made, sys.argv[2] + ".svg", show_shapes=True)
"""


def seconds(command: list[str]) -> str:
    """The wall-clock time of a whole process, or why there is none."""
    start = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"> {LIMIT} s"
    return f"{time.perf_counter() - start:.2f} s" if done.returncode == 0 else "failed"


def candidates(name: str, folder: str) -> dict[str, list[str]]:
    """The commands that draw one network."""
    spec, out = f"specs/{name}.yaml", f"{folder}/{name}"
    commands = {
        "netspec check": [*NETSPEC[:-1], "check", spec],
        "netspec, folded": [*NETSPEC, spec, "-o", f"{out}.svg"],
        "netspec, unfolded": [
            *NETSPEC, spec, "--unfold", "--depth", "9", "-o", f"{out}_all.svg",
        ],
        "netspec, interactive page": [*NETSPEC, spec, "-o", f"{out}.html"],
    }  # fmt: skip
    for module, code in (("torchview", TORCHVIEW), ("keras", KERAS)):
        if find_spec(module):
            commands[module] = [sys.executable, "-c", code, name, f"{out}_{module}"]
    return commands


def main() -> None:
    """Print one table."""
    print(header())
    print("\n| network | drawn by | time | size |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("resnet152", "densenet201"):
            for label, command in candidates(name, folder).items():
                took = seconds(command)
                made = Path(command[-1])
                size = f"{made.stat().st_size // 1024} KB" if made.is_file() else ""
                shown = "" if label.endswith("check") else size
                print(f"| {name} | {label} | {took} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
