"""What a person sees of a run, and what its metrics keep."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from netspec.errors.training import CannotWrite, TooManyBadSamples
from netspec.train import files
from netspec.train.distributed import World
from netspec.train.folder import RunFolder, read_metrics
from netspec.train.loader import Loader
from netspec.train.pipeline import Pipeline
from netspec.train.progress import Bar, Lines
from netspec.train.samples import BadSample
from netspec.train.setup import Job
from netspec.train.summary import warnings
from tests.train.commands import run
from tests.train.conftest import TINY, run_tiny
from tests.train.faults import full_after


def test_the_bar_keeps_epoch_memory_and_time_at_80_columns() -> None:
    bar = Bar()
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    bar.progress.live.console = console
    bar.start(0, 100, 10)
    line = {"split": "train", "loss": 0.51234, "accuracy": 0.9, "top5": 0.99}
    bar.line({**line, "epoch": 1, "images_per_s": 12345.6})
    bar.progress.update(bar.task, completed=40, **bar._fields(40))
    console.print(bar.progress.get_renderable())
    bar.close()
    last = console.file.getvalue()  # type: ignore[attr-defined]
    plain = re.sub(r"\x1b\[[\d;?]*\w", "", last)
    assert re.search(r"epoch 5/10 +━+.* loss 0\.5123 .*\d GiB +\d*[-:\d]+:\d*", plain)


def test_lines_show_training_every_few_seconds(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, now = Lines(), [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    for step in range(9):
        now[0] = step
        lines.line({"split": "train", "step": step})
        lines.line({"split": "heldout", "step": step})
    shown = capsys.readouterr().err
    assert shown.count("heldout") == 9
    assert re.findall(r"split=train step=(\d)", shown) == ["0", "5"]


def test_a_run_says_what_it_is_and_what_came_out(
    recipe_file: Path, tmp_path: Path
) -> None:
    freeze = ("--set", "freeze=[conv.*]")
    status, said = run(recipe_file, tmp_path / "run", *freeze)
    assert status == 0, said
    first, *_, last = said.splitlines()
    assert first == "tiny on cpu: 2,618 parameters, 2,578 train; fresh weights"
    assert re.fullmatch(
        rf"best accuracy 0\.\d{{4}} \(epoch [12]\), weights in {tmp_path}/run/"
        r"best\.safetensors",
        last,
    )


@pytest.mark.parametrize("kept", ["true", "false"])
def test_frozen_norms_whose_statistics_move_are_warned_of(
    kept: str, make_recipe: Any
) -> None:
    recipe = make_recipe(freeze="[conv.*, bn.*]", frozen_norms=kept)
    said = warnings(Job(TINY, {}, recipe, World("cpu")))
    assert [text[:40] for text in said] == (
        [] if kept == "true" else ["warning: 1 of 1 batch norms are frozen, "]
    )
    assert warnings(Job(TINY, {}, make_recipe(), World("cpu"))) == []


@pytest.mark.filterwarnings("error:This DataLoader")
def test_more_workers_than_cores_are_warned_of_in_our_words(
    make_recipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})
    recipe = make_recipe(workers=2, train_transforms="[RandAugment]")
    job = Job(TINY, {}, recipe, World("cpu"))
    said = "warning: 2 workers share 1 core: `workers: 1` is enough"
    assert warnings(job) == [said]
    assert list(job.train_loader.batches([torch.arange(4)], 0))
    job.close()


def test_metrics_are_json_whatever_the_numbers(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.log({"loss": float("nan"), "perplexity": float("inf"), "step": 1})
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()

    def refuse(name: str) -> None:
        raise AssertionError(name)

    found = json.loads(line, parse_constant=refuse)
    assert found == {"loss": None, "perplexity": None, "step": 1}


def test_a_full_disk_tears_no_line(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.log({"step": 1})
    with full_after(4), pytest.raises(CannotWrite):
        folder.log({"step": 2})
    folder.log({"step": 3})
    assert read_metrics(tmp_path) == [{"step": 1}, {"step": 3}]
    files.append(tmp_path / "metrics.jsonl", b'{"ste')  # the machine stopped here
    assert read_metrics(tmp_path) == [{"step": 1}, {"step": 3}]


def test_every_step_is_in_a_line_with_the_rate_it_took(
    make_recipe: Any, tmp_path: Path
) -> None:
    run_tiny(make_recipe(), tmp_path, stop=12)
    run_tiny(make_recipe(), tmp_path)
    lines = read_metrics(tmp_path)
    train = [line for line in lines if line["split"] == "train"]
    assert [line["step"] for line in train] == [4, 8, 9, 12, 16, 18]
    assert 0 < lines[-1]["lr"] == train[-1]["lr"] < train[2]["lr"] < 0.05
    seconds = [line["seconds"] for line in lines]
    assert seconds == sorted(seconds)


class Torn:
    """Samples of which some cannot be read."""

    def __init__(self, count: int, *bad: int) -> None:
        self.count = count
        self.bad = bad

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        if index in self.bad:
            raise BadSample(f"image {index}: torn")
        return torch.full((1, 8, 8), index % 256, dtype=torch.uint8), 0


def loader_of(samples: Any) -> Loader:
    pipeline = Pipeline([], seed=0, in_memory=False)
    return Loader(samples, pipeline, torch.device("cpu"), workers=0)


def test_a_part_without_a_readable_sample_counts_for_nothing() -> None:
    loader = loader_of(Torn(360, 7))
    ids = [torch.tensor([1]), torch.tensor([7]), torch.tensor([2])]
    found = [(len(b.inputs), b.ids.tolist()) for b in loader.batches(ids, 0)]
    assert found == [(1, [1]), (1, []), (1, [2])]


def test_unreadable_samples_are_named_once_and_summed_over_processes() -> None:
    class Others:
        def __init__(self, *others: str) -> None:
            self.others = others

        def gather(self, own: list[str]) -> Any:
            return [own, [f"image {name}: torn" for name in self.others]]

    loader = loader_of(Torn(300, 7))
    list(loader.batches([torch.arange(5, 9)], 0))
    assert loader.news(Others("8")) == ["image 7: torn", "image 8: torn"]  # type: ignore[arg-type]
    assert loader.news(Others("8", "9")) == ["image 9: torn"]  # type: ignore[arg-type]
    with pytest.raises(TooManyBadSamples, match="4 of 300"):
        loader.news(Others("10"))  # type: ignore[arg-type]


def test_a_run_names_and_counts_what_it_left_out(
    make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netspec.train.data.fake import Fake
    from netspec.train.samples import Splits

    torn = Splits(Torn(120, 7), Torn(20), tuple(map(str, range(10))))
    monkeypatch.setattr(Fake, "load", lambda _: torn)
    recipe = make_recipe(batch_size=1, epochs=2)
    loop = run_tiny(recipe, tmp_path)
    lines = read_metrics(tmp_path)
    assert lines[-2]["unreadable"] == 1
    assert loop.display.said == ["left out, unreadable: image 7: torn"]  # type: ignore[attr-defined]


def test_workers_stay_from_epoch_to_epoch() -> None:
    loader = loader_of(Torn(12))
    loader.workers = 1
    ids = [torch.arange(4), torch.arange(4, 8)]
    seen = []
    for epoch in range(2):
        for batch in loader.batches(ids, epoch):
            assert len(batch.ids) == 4
        seen += [worker.pid for worker in loader._reader._iterator._workers]  # type: ignore[union-attr]
    assert seen[0] == seen[1]
    next(loader.batches(ids, 2))  # broken off, as by a signal or a dry run
    assert [b.ids.tolist() for b in loader.batches(ids[1:], 3)] == [[4, 5, 6, 7]]
    (worker,) = loader._reader._iterator._workers  # type: ignore[union-attr]
    loader.close()
    assert not worker.is_alive()
