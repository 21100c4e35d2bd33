"""Side-by-side measurement: rounds of A B A B, medians, ratios."""

import gc
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import torch


def interleaved(
    candidates: Mapping[str, Callable[[], object]], rounds: int, warmup: int = 1
) -> dict[str, float]:
    """Each candidate's median seconds, measured in turns, first and last by turns."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    order = list(candidates)
    for turn in range(warmup + rounds):
        for name in order:
            gc.collect()
            start = now()
            candidates[name]()
            if turn >= warmup:
                times[name].append(now() - start)
        order.reverse()
    return {name: statistics.median(values) for name, values in times.items()}


def now() -> float:
    """Seconds of the GPU's work, or of CPU time: others share a CPU's cores."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()


def processes(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, float]:
    """Each command's median wall-clock seconds as a whole process, in turns."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(1 + rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def header() -> str:
    """What these figures were measured on."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU only"
    python = sys.version.split()[0]
    return (
        f"{date.today()}, {device}, {platform.machine()}, Python {python}, "
        f"torch {torch.__version__}, {torch.get_num_threads()} thread(s)"
    )


def table(rows: Sequence[tuple[str, str, str, str]]) -> str:
    """A Markdown table: what, ratio, against, target."""
    lines = ["| what | ratio | against | target |", "| --- | --- | --- | --- |"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])
