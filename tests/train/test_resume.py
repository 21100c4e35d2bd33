"""A run that was stopped anywhere ends with the same bits as one that was not."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.train.conftest import bits, run_tiny

SETTINGS: dict[str, dict[str, Any]] = {
    "sgd": {},
    "adamw-average": {"optimizer": "{type: AdamW, lr: 0.01}", "average__decay": 0.9},
    "rmsprop-step": {
        "optimizer": "{type: RMSprop, lr: 0.001, momentum: 0.5}",
        "schedule": "{type: step, at: [1], warmup: 0.3}",
    },
    "one-cycle-accumulate": {"schedule": "one_cycle", "accumulate": 2},
    "channels-last-polynomial": {"channels_last": "true", "schedule": "polynomial"},
    "mix": {"mix": "[MixUp, CutMix]", "clip_norm": 1.0},
    "per-sample": {"train_transforms": "[RandAugment]"},
    "bf16": {"precision": "bf16"},
}


def lines(out: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (out / "metrics.jsonl").open()]
    return [
        {k: v for k, v in line.items() if k not in ("seconds", "images_per_s")}
        for line in found
    ]


@pytest.mark.parametrize("name", SETTINGS)
def test_resume_is_bit_exact(name: str, make_recipe: Any, tmp_path: Path) -> None:
    recipe = make_recipe(**SETTINGS[name])
    whole = run_tiny(recipe, tmp_path / "whole")
    for stop in (3, 9, 13):
        assert run_tiny(recipe, tmp_path / "parts", stop).at.step == stop
    parts = run_tiny(recipe, tmp_path / "parts")
    assert bits(parts) == bits(whole)
    assert lines(tmp_path / "parts") == lines(tmp_path / "whole")


def test_workers_do_not_change_a_bit(make_recipe: Any, tmp_path: Path) -> None:
    settings = {"train_transforms": "[RandAugment]"}
    whole = run_tiny(make_recipe(**settings), tmp_path / "whole")
    run_tiny(make_recipe(**settings, workers=2), tmp_path / "parts", stop=4)
    run_tiny(make_recipe(**settings), tmp_path / "parts", stop=11)
    parts = run_tiny(make_recipe(**settings, workers=1), tmp_path / "parts")
    assert bits(parts) == bits(whole)


def test_a_finished_run_stays_as_it_is(make_recipe: Any, tmp_path: Path) -> None:
    first = run_tiny(make_recipe(), tmp_path)
    before = (tmp_path / "metrics.jsonl").read_bytes()
    again = run_tiny(make_recipe(), tmp_path)
    assert bits(again) == bits(first)
    assert (tmp_path / "metrics.jsonl").read_bytes() == before


def test_lines_after_the_checkpoint_come_again_once(
    make_recipe: Any, tmp_path: Path
) -> None:
    run_tiny(make_recipe(), tmp_path / "whole")
    run_tiny(make_recipe(), tmp_path / "parts", stop=10)
    with (tmp_path / "parts/metrics.jsonl").open("a") as file:
        file.write('{"step": 12, "split": "train"}\n{"step": 1')
    run_tiny(make_recipe(), tmp_path / "parts")
    assert lines(tmp_path / "parts") == lines(tmp_path / "whole")
