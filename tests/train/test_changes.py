"""`--resume --allow-change`: what a changed recipe takes over, drops, and refuses."""

from pathlib import Path
from typing import Any

import pytest
import torch

from netspec.errors.training import CheckpointDoesNotFit
from netspec.train.session import Request, train
from tests.train.conftest import TINY, bits, run_tiny

PLAIN = {"schedule": "constant", "train_transforms": "[]"}


def rates(loop: Any) -> list[float]:
    return [line["lr"] for line in loop.folder.metrics() if line["split"] == "train"]


def test_the_rate_and_the_schedule_are_the_new_recipes(
    make_recipe: Any, tmp_path: Path
) -> None:
    run_tiny(make_recipe(), tmp_path)
    changed = {"optimizer__lr": 0.001, "optimizer__momentum": 0.5, "epochs": 6}
    loop = run_tiny(make_recipe(**changed, log_every=1), tmp_path)
    assert loop.at.step == 54
    schedule = loop.job.main.schedule
    expected = []
    for step in range(18, 54):  # a line has the rate of the step it follows
        schedule.go_to(step)
        expected.append(loop.job.main.lr)
    assert rates(loop)[-36:] == expected
    assert expected == sorted(expected, reverse=True)
    assert 0 < expected[-2] < expected[0] < 0.001
    assert loop.job.main.optimizer.param_groups[0]["momentum"] == 0.5


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "schedule": ({}, {"schedule": "one_cycle"}, ""),
    "warmup": ({}, {"schedule__warmup": 1}, ""),
    "decay": ({}, {"optimizer__weight_decay": 0.5, "clip_norm": 1.0}, ""),
    "flags": ({}, {"optimizer__decay_norms": "true"}, ""),
    "optimizer": (
        {},
        {"optimizer": "{type: AdamW, lr: 0.001}"},
        "the moments of SGD with momentum are lost: AdamW starts afresh",
    ),
    "centered": (
        {"optimizer": "{type: RMSprop, lr: 0.001}"},
        {"optimizer": "{type: RMSprop, lr: 0.001, centered: true, momentum: 0.5}"},
        "moments of RMSprop are lost: RMSprop with momentum and centered starts afresh",
    ),
    "average": (
        {},
        {"average__decay": 0.9},
        "the average starts from the weights as they are",
    ),
    "no average": ({"average__decay": 0.9}, {"average": "null"}, "the average is lost"),
    "fp16": ({}, {"precision": "fp16"}, "the scale of the loss starts afresh"),
    "freeze": (
        {},
        {"freeze": "[conv.*]"},
        "the moments of 2 that no longer train are lost",
    ),
    "thaw": (
        {"freeze": "[conv.*]"},
        {"freeze": "[]"},
        "2 parameters that now train have no moments",
    ),
    "batch": ({}, {"batch_size": 24}, "an epoch has 3 steps, and had 9"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_does_not_apply_is_said(
    name: str, make_recipe: Any, tmp_path: Path
) -> None:
    before, after, said = CHANGES[name]
    run_tiny(make_recipe(**before), tmp_path, stop=6)
    loop = run_tiny(make_recipe(**{**before, **after}), tmp_path)
    lines = [line for line in loop.display.said if line.startswith("changed: ")]
    assert len(lines) == bool(said)
    assert all(line.endswith(said) for line in lines)
    assert loop.at.epoch == 2
    assert 0 < rates(loop)[-1] < 0.1


def test_a_new_average_starts_from_the_weights(
    make_recipe: Any, tmp_path: Path
) -> None:
    run_tiny(make_recipe(), tmp_path)
    loop = run_tiny(make_recipe(average__decay=0.9), tmp_path)
    for one, other in zip(
        loop.job.main.scored.parameters(),
        loop.job.main.module.parameters(),
        strict=True,
    ):
        assert torch.equal(one, other)


def test_moments_are_found_by_name(make_recipe: Any, tmp_path: Path) -> None:
    """Groups may be cut anew: a step from there is the step of one run."""
    one = {**PLAIN, "optimizer": "{type: AdamW, lr: 0.001, weight_decay: 0}"}
    groups = "[{path: 'fc.*', lr: 0.001}, {path: 'bn.*', weight_decay: 1.0e-30}]"
    other = one["optimizer"].replace("}", f", groups: {groups}}}")
    whole = run_tiny(make_recipe(**one), tmp_path / "whole")
    run_tiny(make_recipe(**one), tmp_path / "parts", stop=7)
    parts = run_tiny(make_recipe(**{**one, "optimizer": other}), tmp_path / "parts")
    assert bits(parts) == bits(whole)


def test_a_refusal_leaves_the_folder_as_it_was(
    make_recipe: Any, tmp_path: Path
) -> None:
    options = {"spec": TINY, "out": tmp_path, "device": "cpu", "quiet": True}
    train(Request(recipe=make_recipe(epochs=1), **options))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    changed = make_recipe(epochs=2, data__classes=4)
    with pytest.raises(CheckpointDoesNotFit, match=r"fc\.weight .*tiny\.yaml:11"):
        train(Request(recipe=changed, resume=True, allow_change=True, **options))
    after = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    lock = tmp_path / ".lock"
    assert {**after, lock: b""} == {**before, lock: b""}
    assert train(Request(recipe=make_recipe(epochs=1), resume=True, **options)) == 0
