"""Eager speed and memory against torchvision: `python -m benchmarks.speed [NAME ...]`.

On a CPU the peak memory is that of a fresh process a candidate; on a GPU it is torch's
own count.
"""

import subprocess
import sys
from collections.abc import Callable

import torch
import torchvision
from torch import Tensor, nn

import netspec
from benchmarks.measure import header, interleaved, table

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
BATCH, SIZE = (64, 224) if DEVICE == "cuda" else (4, 128)
NAMES = ("resnet18", "resnet50")


def model(maker: str, name: str) -> nn.Module:
    torch.manual_seed(0)
    if maker == "netspec":
        return netspec.build(f"specs/{name}.yaml").to(DEVICE)
    made: nn.Module = getattr(torchvision.models, name)().to(DEVICE)
    return made


def forward(network: nn.Module, images: Tensor) -> Callable[[], object]:
    network = network.eval()

    def run() -> None:
        with torch.inference_mode():
            network(images)

    return run


def train_step(network: nn.Module, images: Tensor) -> Callable[[], object]:
    network = network.train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

    def run() -> None:
        optimizer.zero_grad()
        network(images).square().mean().backward()
        optimizer.step()

    return run


STEPS = {"forward": forward, "train step": train_step}


def ratios(name: str) -> list[tuple[str, str, str, str]]:
    images = torch.rand(BATCH, 3, SIZE, SIZE, device=DEVICE)
    rows = []
    for what, step in STEPS.items():
        candidates = {
            maker: step(model(maker, name), images)
            for maker in ("netspec", "torchvision")
        }
        seconds = interleaved(candidates, rounds=15, warmup=3)
        ratio = seconds["netspec"] / seconds["torchvision"]
        rows.append((f"{name} {what}, time", f"{ratio:.3f}", "torchvision", "≤ 1.02"))
        ours, theirs = peak("netspec", name, what), peak("torchvision", name, what)
        rows.append(
            (
                f"{name} {what}, peak memory",
                f"{ours / theirs:.3f}",
                "torchvision",
                "≤ 1.00",
            )
        )
    return rows


def peak(maker: str, name: str, what: str) -> int:
    """The bytes a few steps need at most, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.speed", "--peak", maker, name, what]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(result.stdout.split()[-1])


def print_peak(maker: str, name: str, what: str) -> None:
    network = model(maker, name)
    run = STEPS[what](network, torch.rand(BATCH, 3, SIZE, SIZE, device=DEVICE))
    if DEVICE == "cuda":
        run()
        torch.cuda.reset_peak_memory_stats()
        run()
        print(torch.cuda.max_memory_allocated())
        return
    with torch.profiler.profile(
        profile_memory=True, activities=[torch.profiler.ProfilerActivity.CPU]
    ) as profile:
        run()
    print(_peak_of(profile))


def _peak_of(profile: torch.profiler.profile) -> int:
    """The highest sum of what the allocator gave and took."""
    total = highest = 0
    events = profile.profiler.kineto_results.events()  # type: ignore[union-attr]
    for event in sorted(events, key=lambda event: event.start_ns()):
        if event.name() == "[memory]":
            total += event.nbytes()
            highest = max(highest, total)
    return highest


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    print(f"{header()}, batch {BATCH} at {SIZE} px\n")
    print(table([row for name in names or NAMES for row in ratios(name)]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        torch.set_num_threads(1)
        print_peak(*sys.argv[2:])
    else:
        main(sys.argv[1:])
