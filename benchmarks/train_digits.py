"""Digits, five seeds: the mean held-out accuracy of the last epoch."""

import json
import statistics
import tempfile
import time
from pathlib import Path

import torch

from netspec.train.recipe import load_recipe
from netspec.train.session import Request, train

SPECS = Path(__file__).parents[1] / "specs"
RESULTS = Path(__file__).parent / "results/train_digits.json"


def accuracy(seed: int, out: Path) -> float:
    recipe = load_recipe(SPECS / "recipes/digits.yaml", {"seed": str(seed)})
    spec = SPECS / "digits_resnet.yaml"
    status = train(Request(spec=spec, recipe=recipe, out=out, device="cpu", quiet=True))
    if status:  # a signal ended it early: its accuracy says nothing
        raise SystemExit(status)
    lines = [json.loads(line) for line in (out / "metrics.jsonl").open()]
    return float(lines[-1]["accuracy"])


def main() -> None:
    torch.set_num_threads(1)
    found, start = [], time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        for seed in range(5):
            found.append(accuracy(seed, Path(name) / str(seed)))
            print(f"seed {seed}: {found[-1]:.2%}")
    mean = statistics.mean(found)
    print(f"mean: {mean:.2%}")
    result = {"accuracies": found, "mean": mean}
    result |= {"seconds_a_run": round((time.perf_counter() - start) / 5, 1)}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
