"""What a run ran on: versions, device and commit, for `env.json`."""

import hashlib
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import torch

from netspec.train.samples import contents

if TYPE_CHECKING:
    from netspec.train.setup import Job

PACKAGES = ("netspec", "torch", "torchvision", "safetensors", "numpy")


def describe(job: "Job") -> dict[str, Any]:
    """The environment as plain data."""
    device = job.world.device
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{package: _version(package) for package in PACKAGES},
        "device": str(device),
        "device_name": device_name(device),
        "processes": job.world.size,
        "overfit": job.overfit,
        "data": contents(job.splits),
        "commit": _commit(),
        "graph": hashlib.sha256(job.network.to_source().encode()).hexdigest(),
        "command": sys.argv,
    }


def device_name(device: torch.device) -> str:
    """What the device is called."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def cores_here() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the working directory, if it is a git checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
