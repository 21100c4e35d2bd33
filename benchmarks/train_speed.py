"""The trainer's speed: `python -m benchmarks.train_speed`.

Images/s beside a plain hand-written loop around torchvision's model, and the share of
the device's own matmul peak that a step uses. On the CPU the sizes are small; the
comparisons with torchvision's reference script run on CUDA only.
"""

import copy
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn

import netspec
from benchmarks.measure import header, interleaved, now, table
from netspec.train.distributed import World, pick_device
from netspec.train.folder import RunFolder
from netspec.train.loop import Loop
from netspec.train.progress import Silent
from netspec.train.recipe import Recipe, load_recipe
from netspec.train.setup import Job
from netspec.train.signals import Signals

SPECS = Path(__file__).parents[1] / "specs"
CUDA = torch.cuda.is_available()
ROUNDS = 10
Row = tuple[str, str, str, str]
RECIPE = """
data:
  type: fake
  shape: [3, {size}, {size}]
  classes: {classes}
  train_samples: {samples}
epochs: 1
batch_size: {batch}
log_every: 1000000
train_transforms: [{{type: Normalize, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}}]
optimizer:
  type: SGD
  lr: 0.01
  momentum: 0.9
  weight_decay: 1e-4
  decay_norms: true
  decay_biases: true
precision: {precision}
channels_last: {channels_last}
"""
ON_CPU = {"precision": "float32", "channels_last": "false", "classes": 10}
ON_CUDA = {"precision": "bf16", "channels_last": "true"}
CASES: list[dict[str, Any]] = (
    [
        {"spec": "resnet50.yaml", "size": 224, "batch": 256, "samples": 2560}
        | {"classes": 1000}
        | ON_CUDA,
        {"spec": "resnet18.yaml", "size": 32, "batch": 512, "samples": 51200}
        | {"classes": 10}
        | ON_CUDA,
    ]
    if CUDA
    else [
        {"spec": "resnet18.yaml", "size": 32, "batch": 32, "samples": 128} | ON_CPU,
        {"spec": "resnet18.yaml", "size": 64, "batch": 8, "samples": 64} | ON_CPU,
    ]
)


def recipe_of(folder: Path, **values: Any) -> Recipe:
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.format(**values))
    return load_recipe(path)


def trainer(spec: str, recipe: Recipe, classes: int) -> Callable[[], None]:
    """Runs one epoch of `netspec train`."""
    job = Job(SPECS / spec, {"num_classes": classes}, recipe, World())
    loop = Loop(job, RunFolder(Path("/nowhere")), Signals(), Silent())

    def epoch() -> None:
        loop.at.epoch, loop.at.batch = 0, 0
        loop.train_epoch()

    return epoch


def plain(
    model: nn.Module, recipe: Recipe, *, reference: bool = False
) -> Callable[[], None]:
    """The same as a practitioner writes it by hand around torchvision's model.

    As `reference`, torchvision's reference script's defaults: float32, contiguous
    memory, images fed from the host.
    """
    device = pick_device(None)
    mixed = recipe.precision == "bf16" and not reference
    layout = torch.preserve_format
    if recipe.channels_last and not reference:
        layout = torch.channels_last
    model = model.to(device, memory_format=layout).train()  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=0.01,
        momentum=0.9,
        weight_decay=1e-4,
        fused=not reference,
    )
    samples = recipe.data.load().train
    images, targets = samples.inputs, samples.targets  # type: ignore[union-attr]
    if not reference:
        images, targets = images.to(device), targets.to(device)

    def epoch() -> None:
        for ids in _batches(len(images), recipe.batch_size):
            batch = images[ids].to(device).float().div_(255).sub_(0.5).div_(0.5)
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                loss = nn.functional.cross_entropy(
                    model(batch), targets[ids].to(device)
                )
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            if reference:  # it reads loss and accuracy at every step
                loss.item()

    return epoch


def _batches(samples: int, size: int) -> Iterator[torch.Tensor]:
    order = torch.randperm(samples)
    return (order[i : i + size] for i in range(0, samples - size + 1, size))


def matmul_peak(device: torch.device, kind: torch.dtype) -> float:
    """FLOP/s of a large square matmul."""
    size = 8192 if device.type == "cuda" else 1024
    left = torch.randn(size, size, device=device, dtype=kind)
    best = float("inf")
    for _ in range(5):
        start = now()
        left @ left
        best = min(best, now() - start)
    return 2 * size**3 / best


def compare(folder: Path, spec: str, **values: Any) -> list[Row]:
    """One network: the trainer beside the loops, and its share of the peak."""
    recipe = recipe_of(folder, **values)
    name, classes, size = spec.partition(".")[0], values["classes"], values["size"]
    model = getattr(torchvision.models, name)(num_classes=classes)
    candidates = {
        "trainer": trainer(spec, recipe, classes),
        "plain": plain(copy.deepcopy(model), recipe),
        "again": plain(copy.deepcopy(model), recipe),
    }
    if CUDA:
        candidates["reference"] = plain(model, recipe, reference=True)
    seconds = interleaved(candidates, ROUNDS)
    what = f"{name}, {size} px, batch {values['batch']}, {values['precision']}"
    floor = f"{seconds['again'] / seconds['plain']:.3f}"
    ratio = f"{seconds['plain'] / seconds['trainer']:.3f}"
    rows = [
        (what, ratio, "a plain loop", "≥ 0.98"),
        (f"{what}: the plain loop", floor, "itself", "1: what is noise"),
    ]
    if CUDA:
        ratio = f"{seconds['reference'] / seconds['trainer']:.2f}"
        target = "≥ 2" if size == 224 else "≥ 3"
        rows.append((what, ratio, "torchvision's reference", target))
    network = netspec.compile(SPECS / spec, sizes={"H": size, "W": size})
    kind = torch.bfloat16 if recipe.precision == "bf16" else torch.float32
    work = 6 * (network.macs or 0) * values["samples"]  # forward and backward
    share = work / seconds["trainer"] / matmul_peak(pick_device(None), kind)
    rows.append((f"{what}: model FLOPs", f"{share:.1%}", "a matmul's peak", ""))
    return rows


def main() -> None:
    torch.set_num_threads(1)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for case in CASES:
            rows += compare(Path(name), **case)
    print(f"{header()}\n\n{table(rows)}")
    if not CUDA:
        print("\nNot yet measured on a GPU.")


if __name__ == "__main__":
    main()
