"""Checkpoints: whole or absent whatever happens, and never trusted when damaged."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from netspec.errors.training import BadCheckpoint, CannotWrite, NoGoodCheckpoint
from netspec.train.checkpoint import (
    checkpoints,
    load_checkpoint,
    newest,
    save_checkpoint,
    set_aside,
)
from netspec.train.packing import pack, unpack
from tests.train.faults import Death, corrupt, dying_at, full_after


def state(number: int) -> dict[str, Any]:
    values = torch.full((64,), float(number))
    return {"number": number, "weights": values, "moments": {0: (values, None, 1e-9)}}


def number_in(folder: Path) -> int:
    found = newest(folder)
    assert found is not None
    number = found[1]["number"]
    assert torch.equal(found[1]["weights"], state(number)["weights"])
    return int(number)


def test_a_state_comes_back(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, "step-000000007", state(7), keep=2)
    found = load_checkpoint(path)
    assert found["number"] == 7
    assert found["moments"][0][1:] == (None, 1e-9)
    assert torch.equal(found["moments"][0][0], state(7)["weights"])


@pytest.mark.parametrize(
    "value",
    [{1: {"a": (1, [2.5, None])}}, {"$tensor": "x"}, float("inf"), True, {}, [], ()],
)
def test_packing_round_trips(value: Any) -> None:
    text, tensors = pack({"value": value})
    assert unpack(text, tensors) == {"value": value}


def test_packing_refuses_what_it_would_lose() -> None:
    with pytest.raises(TypeError, match="cannot save a set at a/b"):
        pack({"a": {"b": {1}}})


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for step in range(5):
        save_checkpoint(tmp_path, f"step-{step:09d}", state(step), keep=2)
    assert [path.name[-1] for path in checkpoints(tmp_path)] == ["4", "3"]


def test_an_epochs_end_is_newer_than_its_last_step(tmp_path: Path) -> None:
    for name in ("step-000000004", "step-000000004-end"):
        save_checkpoint(tmp_path, name, state(4), keep=2)
    assert checkpoints(tmp_path)[0].name == "step-000000004-end"


def test_death_at_every_call_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    number = 0
    while True:
        folder = tmp_path / str(number)
        for step in range(2):
            save_checkpoint(folder, f"step-{step:09d}", state(step), keep=2)
        try:
            with dying_at(number) as made:
                save_checkpoint(folder, "step-000000002", state(2), keep=2)
            break
        except Death:
            assert number_in(folder) in (1, 2)
        save_checkpoint(folder, "step-000000002", state(2), keep=2)
        assert number_in(folder) == 2
        assert not list(folder.glob("*.tmp"))
        number += 1
    assert number > 20
    assert {"write", "fsync", "rename"} <= set(made)


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, "step-000000001", state(1), keep=2)
    size = sum(f.stat().st_size for f in (tmp_path / "step-000000001").iterdir())
    for offset in range(0, size, size // 10):
        with full_after(offset), pytest.raises(CannotWrite, match="No space left"):
            save_checkpoint(tmp_path, "step-000000002", state(2), keep=2)
        assert number_in(tmp_path) == 1
        assert [p.name for p in tmp_path.iterdir()] == ["step-000000001"]


def test_no_damage_is_loaded_in_silence(tmp_path: Path) -> None:
    good = save_checkpoint(tmp_path / "good", "step-000000001", state(1), keep=2)
    generator = random.Random(0)
    names = sorted(path.name for path in good.iterdir())
    for _ in range(150):
        copy = tmp_path / good.name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(good, copy)
        what = corrupt(copy / generator.choice(names), generator)
        with pytest.raises(BadCheckpoint):
            pytest.fail(f"{what} was loaded: {load_checkpoint(copy)}")


def test_a_checkpoint_under_anothers_name_is_refused(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, "step-000000001", state(1), keep=2)
    moved = path.rename(tmp_path / "step-000000009")
    with pytest.raises(BadCheckpoint, match="another step"):
        load_checkpoint(moved)


def test_the_last_good_one_stands_in_and_the_bad_one_is_named(tmp_path: Path) -> None:
    for step in (1, 2):
        save_checkpoint(tmp_path, f"step-{step:09d}", state(step), keep=2)
    (tmp_path / "step-000000002/state.json").write_text("{}")
    found = newest(tmp_path)
    assert found is not None
    path, loaded, (bad,) = found
    assert (path.name, loaded["number"]) == ("step-000000001", 1)
    assert bad.title == (
        f"{tmp_path}/step-000000002 is not a whole checkpoint: "
        "its hashes do not match its manifest"
    )
    set_aside(bad.fields["path"])
    assert {p.name for p in tmp_path.iterdir()} == {
        "step-000000001",
        "bad-step-000000002",
    }


def test_all_bad_is_an_error_that_names_them(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, "step-000000001", state(1), keep=2)
    (path / "manifest.json").unlink()
    with pytest.raises(NoGoodCheckpoint, match=r"step-000000001.*manifest\.json"):
        newest(tmp_path)


def test_a_state_that_lacks_something_is_a_bad_checkpoint(tmp_path: Path) -> None:
    for step in (1, 2):
        save_checkpoint(
            tmp_path, f"step-{step:09d}", {"n": step} if step > 1 else state(1), 2
        )
    found = newest(tmp_path, lambda state, path: state["number"])
    assert found is not None
    path, _, (bad,) = found
    assert path.name == "step-000000001"
    assert "its state lacks 'number'" in bad.title
