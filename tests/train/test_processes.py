"""A trainer among other processes: signals, kills, a second trainer, bad input."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.train.commands import finish, run, start, wait_for, wait_for_metrics
from tests.train.conftest import RECIPE

LONG = ("--set", "epochs=100000", "--set", "log_every=1")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1"])
def test_a_signal_saves_and_ends(name: str, recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(recipe, out, *LONG)
    wait_for_metrics(process, out)
    process.send_signal(signal.Signals[name])
    status, output = finish(process, seconds=60)
    assert status == 128 + signal.Signals[name]
    assert f"{name}: saved; go on with --resume" in output
    lines = [json.loads(line) for line in (out / "metrics.jsonl").open()]
    saved = max((out / "checkpoints").iterdir()).name
    assert int(saved[5:14]) == lines[-1]["step"]


def test_a_second_trainer_is_refused(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    first = start(recipe, out, *LONG)
    wait_for_metrics(first, out)
    status, output = run(recipe, out, *LONG, "--resume")
    assert status == 1
    assert f"is in use by another trainer (process {first.pid} on" in output
    first.kill()
    finish(first)


def test_a_killed_run_goes_on(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ("--set", "epochs=30", "--set", "checkpoint.every=5")
    first = start(recipe, out, *options)
    wait_for(first, lambda: list(out.glob("checkpoints/step-*")))
    first.kill()
    finish(first)
    status, output = run(recipe, out, *options, "--resume")
    assert status == 0, output
    assert "resumed at step" in output
    lines = [json.loads(line) for line in (out / "metrics.jsonl").open()]
    assert [x["step"] for x in lines if x["split"] == "heldout"] == list(
        range(9, 271, 9)
    )
    for name in (
        "spec.yaml",
        "model.py",
        "recipe.yaml",
        "env.json",
        "best.safetensors",
        "last.safetensors",
        "curves.svg",
    ):
        assert (out / name).exists(), name


def wrong(tmp_path: Path, recipe: Path) -> dict[str, tuple[list[str], str]]:
    text = tmp_path / "text.yaml"
    text.write_text("just text")
    odd = tmp_path / "odd.yaml"
    odd.write_text(f"extends: {recipe}\nparams: {{dropout: high}}\n")
    return {
        "field": (["--set", "optimiser.lr=1"], "did you mean `optimizer`?"),
        "value": (["--set", "epochs=0"], "`epochs` must be a positive integer"),
        "device": (["--device", "tpu"], "error[NS0915]"),
        "cuda": (["--device", "cuda:99"], "error[NS0915]"),
        "param": (["--param", "num_clases=10"], "num_classes"),
        "set": (["--set", "dropout=2"], "= help: --param dropout=2"),
        "param value": (["--param", "dropout=high"], "--param dropout:1:1"),
        "recipe's": (["--recipe", str(odd)], f"{odd}:2:19"),
        "batch": (["--set", "freeze=[nowhere.*]"], "`nowhere.*` in freeze matches no"),
        "frozen": (["--set", "freeze=['*']"], "there is nothing to train"),
        "output": (["--set", "task={type: classification, losses: {aux: 1}}"], "`aux`"),
        "weights": (
            ["--set", "weights={file: missing.pth}"],
            "cannot take weights from missing.pth",
        ),
        "recipe": (["--recipe", str(text)], "a recipe must be a mapping"),
        "data": (["--set", "data={type: folder, root: nowhere}"], "error[NS0913]"),
    }


NAMES = list(wrong(Path("/tmp"), Path("x")))


@pytest.mark.parametrize("name", NAMES)
def test_wrong_input_is_said_in_words(
    name: str, recipe: Path, tmp_path: Path, capfd: Any
) -> None:
    from netspec.cli import run as cli
    from tests.train.conftest import TINY

    more, expected = wrong(tmp_path, recipe)[name]
    first = ["train", str(TINY), "--recipe", str(recipe), "--out", str(tmp_path / "x")]
    with pytest.raises(SystemExit) as ended:
        cli([*first, *more])
    said = capfd.readouterr().err
    assert ended.value.code == 1
    assert expected in said
    assert "Traceback" not in said
