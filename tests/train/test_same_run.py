"""What makes a run the same run: its samples, classes and files, and `--overfit`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from netspec.errors.training import DataMismatch, RunChanged
from netspec.train.folder import RunFolder, read_metrics
from netspec.train.inference import score
from netspec.train.samples import Splits, contents, few
from netspec.train.session import Request, train
from tests.train.conftest import TINY
from tests.train.faults import Death, dying_at

SPEC = """
netspec: 1
name: colour
params: {num_classes: 10}
input: [3, 8, 8]
graph: {flatten: Flatten, fc: {type: Linear, out_features: $num_classes}}
"""


def make_images(root: Path, *classes: str, count: int = 8) -> None:
    for split in ("train", "val"):
        for number, name in enumerate(classes):
            folder = root / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                shade = (40 * number, index, 200)
                Image.new("RGB", (8, 8), shade).save(folder / f"{index}.png")


@pytest.fixture
def session(
    make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Trains on `images`, a relative path, in `run`."""
    monkeypatch.chdir(tmp_path)
    make_images(Path("images"), "bird", "cat", "dog")
    Path("spec.yaml").write_text(SPEC)

    def go(**options: Any) -> int:
        recipe = make_recipe(
            data="{type: folder, root: images}",
            train_transforms="[]",
            eval_transforms="[]",
            epochs=1,
        )
        kept = {"spec": Path("spec.yaml"), "out": Path("run"), "device": "cpu"}
        return train(Request(**kept, recipe=recipe, quiet=True, **options))

    return go


def test_overfitting_takes_samples_of_all_classes(session: Any) -> None:
    assert session(overfit=12) == 0
    lines = read_metrics(Path("run"))
    found = score(Path("run"), None, "cpu")
    assert found["metrics"]["accuracy"] == lines[-1]["accuracy"]
    seen = [sum(row) for row in found["confusion"]]
    assert sum(seen) == 12
    assert all(seen)


def test_few_samples_are_the_same_again() -> None:
    class Numbers:
        def __len__(self) -> int:
            return 100

        def __getitem__(self, index: int) -> Any:
            return index, 0

        def listing(self) -> Any:
            return map(str, range(100))

    splits = Splits(Numbers(), Numbers(), ("a",))
    some, again = (few(splits, 5, seed=3).train for _ in range(2))
    ids = [some[n][0] for n in range(5)]  # type: ignore[index]
    assert ids == [again[n][0] for n in range(5)] != list(range(5))  # type: ignore[index]
    assert contents(few(splits, 5, 3)) != contents(few(splits, 5, 4))


CHANGES: dict[str, tuple[Callable[[], object], dict[str, Any], str]] = {
    "class": (
        lambda: [
            Path(f"images/{split}/bird").rename(f"images/{split}/eagle")
            for split in ("train", "val")
        ],
        {},
        "-  - bird",
    ),
    "file": (lambda: Path("images/train/cat/3.png").unlink(), {}, r"-  train: 24"),
    "name": (
        lambda: Path("images/train/cat/3.png").rename("images/train/cat/x.png"),
        {},
        "-  sha256",
    ),
    "overfit": (lambda: None, {"overfit": 12}, r"-overfit: null\n.*\+overfit: 12"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_other_data_is_another_run(what: str, session: Any) -> None:
    change, options, said = CHANGES[what]
    session()
    assert session(resume=True) == 0
    change()
    with pytest.raises(RunChanged, match=said):
        session(resume=True, **options)


def test_scoring_refuses_classes_that_moved(session: Any) -> None:
    session()
    for split in ("train", "val"):
        Path(f"images/{split}/bird").rename(f"images/{split}/zebra")
    with pytest.raises(DataMismatch, match="bird is now cat"):
        score(Path("run"), None, "cpu")


def test_a_run_can_be_scored_from_anywhere(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert score(Path("../run"), None, "cpu")["metrics"]["accuracy"] >= 0
    recipe = yaml.safe_load((tmp_path / "run/recipe.yaml").read_text())
    assert recipe["data"]["root"] == str(tmp_path / "images")


def test_a_run_that_died_while_it_was_begun_begins_again(
    make_recipe: Any, tmp_path: Path
) -> None:
    request = {"spec": TINY, "recipe": make_recipe(epochs=1), "device": "cpu"}
    texts = {"model.py": "m", "env.json": "{}", "recipe.yaml": "doc: x\n"}
    for number in range(40):
        out = tmp_path / str(number)
        with RunFolder(out) as folder, dying_at(number) as made:
            try:
                folder.begin(texts, resume=True, allow_change=False)
                folder.describe()
            except Death:
                started = folder.started
            else:
                break
        assert not started or (out / "env.json").exists()
    assert len(made) > 10
    assert train(Request(out=tmp_path / "3", resume=True, quiet=True, **request)) == 0
