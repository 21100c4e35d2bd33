"""How fast specs are checked and built: `python -m benchmarks.compiler`."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
import torchvision

import netspec
from benchmarks.measure import header, interleaved, processes, table

RESNET50 = "specs/resnet50.yaml"
CHAIN = """
netspec: 1
imports: [netspec:residual]
input: [8, 8, 8]
graph:
  body: {{type: BasicBlock, width: 8, repeat: {count}}}
"""


def check_against_import() -> tuple[str, str, str, str]:
    commands: dict[str, Sequence[str]] = {
        "check": [sys.executable, "-m", "netspec", "check", RESNET50],
        "torch": [sys.executable, "-c", "import torch"],
    }
    seconds = processes(commands, rounds=9)
    ratio = seconds["check"] / seconds["torch"]
    return (
        "`netspec check resnet50`, whole process",
        f"{ratio:.3f}",
        "`import torch`",
        "≤ 0.15",
    )


def build_against_torchvision() -> tuple[str, str, str, str]:
    seconds = interleaved(
        {
            "netspec": lambda: netspec.build(RESNET50),
            "torchvision": torchvision.models.resnet50,
        },
        rounds=9,
    )
    ratio = seconds["netspec"] / seconds["torchvision"]
    against = "`torchvision.models.resnet50()`"
    return (
        "`netspec.build`, YAML to initialised module",
        f"{ratio:.2f}",
        against,
        "≤ 1.00",
    )


def chain_is_linear() -> tuple[str, str, str, str]:
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for count in (1_000, 10_000):
            path = Path(folder) / f"chain{count}.yaml"
            path.write_text(CHAIN.format(count=count))
            paths[str(count)] = str(path)
        seconds = interleaved(
            {
                count: (lambda path=path: netspec.compile(path))
                for count, path in paths.items()
            },
            rounds=5,
        )
    ratio = seconds["10000"] / seconds["1000"]
    return ("check 10,000 residual blocks", f"{ratio:.1f}", "1,000 blocks", "about 10")


def main() -> None:
    torch.set_num_threads(1)
    print(header(), "\n")
    print(
        table([check_against_import(), build_against_torchvision(), chain_is_linear()])
    )


if __name__ == "__main__":
    main()
