"""Errors of a run show the recipe's field that they are about, where it is written."""

import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

from netspec.cli import main
from netspec.errors.training import CannotSample, CannotWrite, UnmatchedGlob
from netspec.train.places import showing
from netspec.train.recipe import Recipe, load_recipe
from tests.train.conftest import TINY

BASE = """\
data: digits
epochs: 1
batch_size: 64
optimizer:
  type: SGD
  lr: 0.1
  groups:
    - {path: head, lr: 0.01}
    - path: body
      lr: 0.02
"""
OWN = """\
extends: base.yaml
batch_size: 32
optimizer: {lr: 0.2}
"""
WRITTEN = {
    "batch_size": "r.yaml:2:13",
    "optimizer.lr": "r.yaml:3:17",
    "optimizer": "r.yaml:3:1",
    "optimizer.groups": "base.yaml:7:3",
    "optimizer.groups.0.path": "base.yaml:8:14",
    "optimizer.groups.1.lr": "base.yaml:10:11",
    "data": "base.yaml:1:7",
    "data.root": "base.yaml:1:7",
    "clip_norm": "--set clip_norm:1:1",
    "freeze.1": "--set freeze:1:8",
}


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE)
    Path("r.yaml").write_text(OWN)
    return load_recipe("r.yaml", {"clip_norm": "2", "freeze": "[stem, body]"})


@pytest.mark.parametrize("field", WRITTEN)
def test_a_field_is_where_it_was_written(field: str, recipe: Recipe) -> None:
    assert str(recipe.place(field)) == WRITTEN[field]


def test_a_field_may_be_shown_by_its_name(recipe: Recipe) -> None:
    assert str(recipe.place("optimizer.lr", name=True)) == "r.yaml:3:13"


def test_what_is_written_nowhere_has_no_place(recipe: Recipe) -> None:
    assert recipe.place("average.decay") is None
    assert recipe.resolved().place("batch_size") is None
    assert recipe == recipe.resolved()


def test_an_error_of_the_world_shows_no_field(recipe: Recipe) -> None:
    with pytest.raises(CannotWrite) as caught, showing(recipe):
        raise CannotWrite(path="x", reason="no space", advice="make room")
    assert "-->" not in str(caught.value)


def test_an_error_crosses_processes_with_its_place(recipe: Recipe) -> None:
    with pytest.raises(CannotSample) as caught, showing(recipe):
        raise CannotSample(samples=8, batch=32)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert (type(again), again.span) == (CannotSample, recipe.place("batch_size"))
    assert "2 | batch_size: 32\n  |             ^^" in str(again)


def test_the_file_that_is_extended_is_shown(recipe: Recipe) -> None:
    arguments = ["train", str(TINY), "--recipe", "r.yaml", "--device", "cpu"]
    error = CliRunner().invoke(main, [*arguments, "--dry-run"]).exception
    assert isinstance(error, UnmatchedGlob)
    assert " --> base.yaml:8:14\n" in str(error)


def test_a_spec_that_a_recipe_names_is_shown_there(recipe: Recipe) -> None:
    task = "task={type: adversarial, discriminator: nowhere.yaml}"
    arguments = ["train", str(TINY), "--recipe", "base.yaml", "--set", task]
    again = ["--set", "optimizer.groups=[]", "--device", "cpu", "--dry-run"]
    error = CliRunner().invoke(main, [*arguments, *again]).exception
    assert "cannot read nowhere.yaml" in str(error)
    assert " --> --set task:1:36\n" in str(error)


def test_a_sample_of_another_size_is_shown_by_what_gives_it(recipe: Recipe) -> None:
    shape = ["--set", "data={type: fake, classes: 10}", "--set", "data.shape=[2, 8, 8]"]
    arguments = ["train", str(TINY), "--recipe", "base.yaml", *shape]
    again = ["--set", "optimizer.groups=[]", "--device", "cpu", "--dry-run"]
    said = str(CliRunner().invoke(main, [*arguments, *again]).exception)
    assert " --> --set data.shape:1:1\n" in said
    assert "^^^^^^^^^ a sample is [2, 8, 8]\n" in said
    assert f" ::: {TINY}:4:1\n" in said
