"""A run folder whose files are torn, missing or something else is told, not a bug."""

from pathlib import Path
from typing import Any

import pytest

from netspec.errors.training import NotARun, RunChanged
from netspec.errors.weights import WeightsUnreadable
from netspec.train.comparison import compare
from netspec.train.folder import RunFolder, read_metrics
from netspec.train.inference import score
from netspec.train.session import Request, train
from tests.train.conftest import TINY

RUN = Path("run")
CONTENTS = (b'{"torn', b"[1]\n", b"\x80\n")


@pytest.fixture
def damaged(make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    made = make_recipe(epochs=1)
    train(Request(spec=TINY, recipe=made, out=RUN, device="cpu", quiet=True))
    return RUN


@pytest.mark.parametrize("data", CONTENTS)
def test_a_damaged_environment_is_no_run(damaged: Path, data: bytes) -> None:
    (damaged / "env.json").write_bytes(data)
    with pytest.raises(NotARun, match=r"env\.json is damaged"):
        score(damaged, None, "cpu")


@pytest.mark.parametrize("line", ['{"st', "[1]", '{"loss": 1}', '{"step": "x"}'])
def test_damaged_metrics_are_no_run(damaged: Path, line: str) -> None:
    (damaged / "metrics.jsonl").write_text(line + '\n{"step": 1}\n')
    with pytest.raises(NotARun, match=r"metrics\.jsonl is damaged"):
        compare([damaged])


def test_a_folder_in_a_files_place_cannot_be_read(damaged: Path) -> None:
    (damaged / "metrics.jsonl").unlink()
    (damaged / "metrics.jsonl").mkdir()
    with pytest.raises(NotARun, match="Is a directory"):
        compare([damaged])


def test_a_run_without_its_spec_lacks_it(damaged: Path) -> None:
    (damaged / "spec.yaml").unlink()
    with pytest.raises(NotARun, match=r"it has no spec\.yaml"):
        score(damaged, None, "cpu")


def test_weights_that_are_asked_for_are_the_ones_told(damaged: Path) -> None:
    with pytest.raises(WeightsUnreadable, match="cannot take weights from nope"):
        score(damaged, "nope", "cpu")


@pytest.mark.parametrize("name", ["recipe.yaml", "env.json", "spec.yaml"])
@pytest.mark.parametrize("data", CONTENTS)
def test_a_damaged_description_is_a_difference(
    tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / "recipe.yaml").write_bytes(data)
    (tmp_path / name).write_bytes(data)
    texts = {name: "{}"}
    with pytest.raises(RunChanged, match=name):
        RunFolder(tmp_path).begin(texts, resume=True, allow_change=False)


def test_a_torn_line_is_not_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    (tmp_path / "metrics.jsonl").write_bytes(b'{"step": 1}\n{"st')
    folder.keep_lines(2)
    assert read_metrics(tmp_path) == [{"step": 1}]
