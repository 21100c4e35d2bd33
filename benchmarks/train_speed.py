"""The trainer's speed beside a plain hand-written loop and torchvision's reference.

`python -m benchmarks.train_speed` prints ratios of images/s, measured in turns in one
process, and the share of the device's own matmul peak that a step uses. On the CPU the
sizes are small; the two comparisons with torchvision's reference run on CUDA only.
"""

import copy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn

import netspec
from netspec.train.distributed import World, pick_device
from netspec.train.folder import RunFolder
from netspec.train.loop import Loop
from netspec.train.progress import Silent
from netspec.train.recipe import Recipe, load_recipe
from netspec.train.setup import Job
from netspec.train.signals import Signals

SPECS = Path(__file__).parents[1] / "specs"
ROUNDS = 5
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
  decay_norms_and_biases: true
precision: {precision}
channels_last: {channels_last}
"""


def recipe_of(folder: Path, **values: Any) -> Recipe:
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.format(**values))
    return load_recipe(path)


def trainer(spec: str, recipe: Recipe, classes: int) -> Callable[[], int]:
    """Runs one epoch of `netspec train`; gives the images it saw."""
    job = Job(SPECS / spec, {"num_classes": classes}, recipe, World())
    loop = Loop(job, RunFolder(Path("/nowhere")), Signals(), Silent())

    def epoch() -> int:
        loop.at.epoch, loop.at.batch = 0, 0
        loop.train_epoch()
        return job.plan.steps * job.plan.batch_size

    return epoch


def plain(
    model: nn.Module, recipe: Recipe, *, reference: bool = False
) -> Callable[[], int]:
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

    def epoch() -> int:
        seen = 0
        for ids in _batches(len(images), recipe.batch_size):
            batch = images[ids].to(device).float().div_(255).sub_(0.5).div_(0.5)
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                loss = nn.functional.cross_entropy(
                    model(batch), targets[ids].to(device)
                )
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            seen += len(ids)
            if reference:  # it reads loss and accuracy at every step
                loss.item()
        return seen

    return epoch


def _batches(samples: int, size: int) -> Iterator[torch.Tensor]:
    order = torch.randperm(samples)
    return (order[i : i + size] for i in range(0, samples - size + 1, size))


def rates(candidates: dict[str, Callable[[], int]]) -> dict[str, list[float]]:
    """Images/s of each candidate in turns, the first round left out."""
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(ROUNDS + 1):
        for name, run in candidates.items():
            start = _now()
            images = run()
            if turn:
                found[name].append(images / (_now() - start))
    return found


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        return time.perf_counter()
    return time.process_time()  # others share this machine's cores


def matmul_peak(device: torch.device, kind: torch.dtype) -> float:
    """FLOP/s of a large square matmul."""
    size = 8192 if device.type == "cuda" else 1024
    left = torch.randn(size, size, device=device, dtype=kind)
    best = float("inf")
    for _ in range(5):
        start = _now()
        left @ left
        best = min(best, _now() - start)
    return 2 * size**3 / best


def compare(folder: Path, spec: str, name: str, **values: Any) -> None:
    """One network: the trainer beside the loops, and its share of the peak."""
    recipe = recipe_of(folder, **values)
    classes = values["classes"]
    model = getattr(torchvision.models, name)(num_classes=classes)
    candidates = {
        "trainer": trainer(spec, recipe, classes),
        "plain": plain(copy.deepcopy(model), recipe),
    }
    if torch.cuda.is_available():
        candidates["reference"] = plain(model, recipe, reference=True)
    found = rates(candidates)
    best = {key: max(rate) for key, rate in found.items()}
    network = netspec.compile(
        SPECS / spec, sizes={"H": values["size"], "W": values["size"]}
    )
    kind = torch.bfloat16 if recipe.precision == "bf16" else torch.float32
    peak = matmul_peak(pick_device(None), kind)
    used = 6 * (network.macs or 0) * best["trainer"] / peak  # forward and backward
    print(f"{spec} {values}")
    for key, rate in best.items():
        ratio = best["trainer"] / rate
        print(f"  {key:<10} {rate:10.1f} images/s, trainer/this {ratio:.3f}")
    print(
        f"  model FLOPs utilisation {used:.1%} of a matmul's {peak / 1e12:.2f} TFLOP/s"
    )


def main() -> None:
    import tempfile

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if torch.cuda.is_available():
            cuda = {"precision": "bf16", "channels_last": "true"}
            compare(
                folder,
                "resnet50.yaml",
                "resnet50",
                size=224,
                batch=256,
                samples=2560,
                classes=1000,
                **cuda,
            )
            compare(
                folder,
                "resnet18.yaml",
                "resnet18",
                size=32,
                batch=512,
                samples=51200,
                classes=10,
                **cuda,
            )
            return
        cpu = {"precision": "float32", "channels_last": "false", "classes": 10}
        for size, batch in ((32, 32), (64, 8)):
            compare(
                folder,
                "resnet18.yaml",
                "resnet18",
                size=size,
                batch=batch,
                samples=4 * batch,
                **cpu,
            )
        print("not yet measured: CUDA (there is no GPU here)")


if __name__ == "__main__":
    main()
