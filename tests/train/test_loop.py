"""What one step does: guards, parts, frozen weights, averages, and small sets."""

import io
import json
import re
import shutil
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch

from netspec.errors.training import (
    CannotSample,
    CannotSplit,
    FolderNotEmpty,
    NotFinite,
    OutOfMemory,
    RunChanged,
    TooManyBadSamples,
    WeightsNotFinite,
)
from netspec.limits import Limits
from netspec.train.checkpoint import newest
from netspec.train.distributed import World
from netspec.train.folder import RunFolder
from netspec.train.guard import LossGuard
from netspec.train.learner import Learner
from netspec.train.loader import Loader
from netspec.train.loop import Loop
from netspec.train.memory import _figures, largest_batch
from netspec.train.progress import Bar, Silent
from netspec.train.recipe import load_recipe
from netspec.train.rehearsal import estimate, find_rate
from netspec.train.sampler import Plan
from netspec.train.samples import TensorSamples
from netspec.train.session import Request, dry_run, find_lr, train
from netspec.train.setup import Job
from netspec.train.signals import Signals
from netspec.train.tasks.classification import Classification
from tests.train.conftest import TINY, bits, run_tiny


def job_of(recipe: Any, **options: Any) -> Job:
    return Job(TINY, {}, recipe, World("cpu"), **options)


def loop_of(job: Job, folder: Path) -> Loop:
    return Loop(job, RunFolder(folder), Signals(), Silent())


def test_a_bad_loss_stops_before_the_step(make_recipe: Any, tmp_path: Path) -> None:
    recipe = make_recipe(checkpoint__every=2)
    job = job_of(recipe)
    loop = loop_of(job, tmp_path)
    bn = job.main.module.get_submodule("bn")
    steps = loop.steps()
    loop.train_step(next(steps))
    bn.register_forward_hook(lambda *a: a[2] * float("inf"))
    before = bits(loop)
    with pytest.raises(NotFinite) as caught:
        loop.train_step(next(steps))
    after = bits(loop)
    weights = [key for key in before if "running" not in key and "batches" not in key]
    assert all(before[key] == after[key] for key in weights)
    order = job.plan.order(0)[8:16].tolist()
    assert f"samples: {', '.join(map(str, order))}" in str(caught.value)
    line = TINY.read_text().split("\n").index("  bn: BatchNorm2d") + 1
    assert "not finite is that of bn\n" in str(caught.value)
    assert f" --> {TINY}:{line}:3\n" in str(caught.value)


ROOTS = """netspec: 1
name: roots
input: [1, 8, 8]
params: {num_classes: 10}
graph:
  flatten: Flatten
  layers:
    graph:
      fc: {type: Linear, out_features: 8}
      zero: {type: Sub, from: [fc, fc]}
      log: Log
  fc: {type: Linear, out_features: $num_classes}
"""


def test_a_function_that_gives_what_is_not_finite_is_named(
    make_recipe: Any, tmp_path: Path
) -> None:
    spec = tmp_path / "roots.yaml"
    spec.write_text(ROOTS)
    with pytest.raises(NotFinite) as caught:
        run_tiny(make_recipe(), tmp_path / "run", spec=spec)
    assert "not finite is that of layers.log\n" in str(caught.value)
    assert f" --> {spec}:11:7\n" in str(caught.value)


def test_a_diverging_run_ends_in_words_and_its_checkpoints_are_whole(
    make_recipe: Any, tmp_path: Path
) -> None:
    recipe = make_recipe(
        optimizer__lr=1e12, schedule="constant", epochs=50, checkpoint__every=1
    )
    with pytest.raises((NotFinite, WeightsNotFinite)):
        run_tiny(recipe, tmp_path)
    found = newest(tmp_path / "checkpoints")
    assert found is not None
    weights = found[1]["learners"]["tiny"]["model"].values()
    assert found[2] == []
    assert all(bool(w.isfinite().all()) for w in weights if w.is_floating_point())


def test_weights_that_are_not_finite_are_never_the_best(
    make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come of the last step of an epoch, whose loss was still finite."""
    loop = loop_of(job_of(make_recipe()), tmp_path)
    step = Learner.step

    def spoil(learner: Learner) -> None:
        step(learner)
        if learner.updates == loop.job.plan.steps:
            torch.nn.init.constant_(learner.module.get_parameter("fc.bias"), torch.inf)

    monkeypatch.setattr(Learner, "step", spoil)
    with pytest.raises(WeightsNotFinite, match=r"fc\.bias"):
        loop.run()
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_score_that_is_not_finite_is_worse_than_any(
    make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = loop_of(job_of(make_recipe(epochs=1)), tmp_path)
    scores = iter([float("nan"), 0.25, float("nan"), 0.125])
    read = lambda *_: {"accuracy": next(scores)}  # noqa: E731
    monkeypatch.setattr(type(loop.meter), "read", read)
    found = [loop.evaluate() and loop.best for _ in range(4)]
    assert found == [None, 0.25, 0.25, 0.25]


def test_the_guard_tells_the_first_bad_loss() -> None:
    guard = LossGuard(torch.device("cpu"))
    for value in (1.0, float("inf"), float("nan")):
        guard.note(torch.tensor(value))
    assert guard.check() == float("inf")
    assert guard.check() is None


def test_parts_add_up_to_the_whole_step(make_recipe: Any, tmp_path: Path) -> None:
    """Without batch norm and dropout, accumulation changes nothing but rounding."""
    weights = []
    for parts in (1, 3):
        job = job_of(make_recipe(accumulate=parts, batch_size=9))
        for layer in job.main.module.modules():
            layer.eval()
        loop = loop_of(job, tmp_path)
        for step in loop.steps():
            loop.train_step(step)
            loop.at.batch += 1
        weights.append(torch.cat([p.flatten() for p in job.main.module.parameters()]))
    torch.testing.assert_close(weights[0], weights[1], rtol=1e-4, atol=1e-5)


def test_frozen_weights_and_norms_stay(make_recipe: Any, tmp_path: Path) -> None:
    recipe = make_recipe(freeze="[conv.*, bn.*]", frozen_norms="true")
    fresh = job_of(recipe).main.module.state_dict()
    done = run_tiny(recipe, tmp_path).job.main.module.state_dict()
    for key in fresh:
        assert torch.equal(fresh[key], done[key]) == (not key.startswith("fc"))


def test_the_average_is_what_is_scored(make_recipe: Any, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    loop = run_tiny(make_recipe(average__decay=0.5), tmp_path)
    average, module = loop.job.main.scored, loop.job.main.module
    saved = load_file(tmp_path / "last.safetensors")
    assert torch.equal(saved["fc.weight"], average.state_dict()["fc.weight"])
    assert not torch.equal(saved["fc.weight"], module.state_dict()["fc.weight"])


def test_the_average_is_a_copy_through_the_warm_up(
    make_recipe: Any, tmp_path: Path
) -> None:
    """As in torchvision's training script, its first one after the warm-up is, too."""
    recipe = make_recipe(schedule__warmup=1, average="{decay: 0.9, every: 2}")
    loop = loop_of(job_of(recipe), tmp_path)
    learner = loop.job.main
    parts = next(loop.steps())
    copies, average = [], learner.module.get_parameter("fc.bias").detach().clone()
    for step in range(16):
        loop.train_step(parts)
        now = learner.module.get_parameter("fc.bias").detach()
        if step % 2:
            copied = step < 11
            average = now.clone() if copied else 0.9 * average + 0.1 * now
            found = learner.scored.get_parameter("fc.bias")
            torch.testing.assert_close(found, average)
            copies.append(torch.equal(found, now))
    assert copies == [True] * 5 + [False] * 3


def test_few_samples_can_be_learned_by_heart(make_recipe: Any, tmp_path: Path) -> None:
    recipe = make_recipe(
        epochs=60, optimizer__lr=0.1, train_transforms="[]", eval_transforms="[]"
    )
    request = Request(
        spec=TINY,
        recipe=recipe,
        out=tmp_path,
        device="cpu",
        overfit=8,
        params={"dropout": 0.0},
        quiet=True,
    )
    assert train(request) == 0
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").open()]
    assert lines[-1]["accuracy"] == 1.0


def test_recomputed_blocks_give_the_same_weights(
    make_recipe: Any, tmp_path: Path
) -> None:
    plain = run_tiny(make_recipe(), tmp_path / "plain")
    twice = run_tiny(make_recipe(recompute="[bn, drop, fc]"), tmp_path / "twice")
    assert bits(plain) == bits(twice)


def test_the_average_of_recomputed_blocks_runs_its_own_weights(
    make_recipe: Any, tmp_path: Path
) -> None:
    settings = {"average__decay": 0.9, "recompute": "['*']"}
    loop = run_tiny(make_recipe(**settings), tmp_path)
    found, fresh = loop.job.main.scored.eval(), job_of(make_recipe()).main.module.eval()
    fresh.load_state_dict(found.state_dict())
    images = torch.rand(5, 1, 8, 8)
    assert torch.equal(found(images), fresh(images))
    assert not torch.equal(found(images), loop.job.main.module.eval()(images))


def test_a_batch_larger_than_the_set_is_said(make_recipe: Any) -> None:
    with pytest.raises(CannotSample):
        job_of(make_recipe(batch_size=100))


@pytest.mark.parametrize(("batch", "parts", "world"), [(4, 4, 2), (1, 1, 2), (1, 2, 1)])
def test_a_part_without_samples_is_refused(batch: int, parts: int, world: int) -> None:
    plan = Plan(samples=40, batch_size=batch, seed=0, accumulate=parts, world=world)
    with pytest.raises(CannotSplit, match=f"a step of {batch} samples"):
        assert plan.steps


def test_one_sample_is_not_cut_into_two(make_recipe: Any) -> None:
    with pytest.raises(CannotSplit, match="cannot be cut into 2 parts"):
        job_of(make_recipe(accumulate=2), overfit=1)


def test_the_last_part_of_an_epoch_counts_by_its_samples(make_recipe: Any) -> None:
    plan = job_of(make_recipe(batch_size=10, drop_last="false")).plan
    sizes = [sum(map(len, plan.step(plan.order(0), n))) for n in range(plan.steps)]
    assert sizes == [10] * 7 + [2] == [plan.step_samples(n) for n in range(8)]


def test_a_dry_run_counts_and_leaves_nothing(make_recipe: Any) -> None:
    found = estimate(job_of(make_recipe()))
    assert (found["parameters"], found["steps"]) == (2618, 18)
    assert found["memory_bytes"] > 2 * 4 * 2618
    assert found["samples_per_s"] > 0


def test_the_rate_finder_sees_where_the_loss_falls(make_recipe: Any) -> None:
    found = find_rate(job_of(make_recipe(data="digits")))
    assert 1e-4 < found["suggestion"] < 10
    assert found["points"] == sorted(found["points"])


def test_the_rate_finder_keeps_the_groups_apart(
    make_recipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = "[{path: 'conv.*', lr: 0}, {path: 'bn.*', lr: 0.01}]"
    optimizer = f"{{type: SGD, lr: 0.1, groups: {groups}}}"
    recipe = make_recipe(optimizer=optimizer, schedule="one_cycle")
    job = job_of(recipe)
    seen: list[list[float]] = []
    step = Learner.step

    def watched(learner: Learner) -> None:
        seen.append([group["lr"] for group in learner.optimizer.param_groups])
        step(learner)

    monkeypatch.setattr(Learner, "step", watched)
    before = job.main.module.get_parameter("conv.weight").clone()
    assert len(find_rate(job, high=0.1)["points"]) == len(seen) == 100
    for still, norms, rest in seen:
        assert (still, norms) == (0, pytest.approx(rest / 10))
    assert torch.equal(job.main.module.get_parameter("conv.weight"), before)


def test_a_run_is_not_begun_twice(make_recipe: Any, tmp_path: Path) -> None:
    request = {"spec": TINY, "recipe": make_recipe(epochs=1), "out": tmp_path}
    options = {"device": "cpu", "quiet": True}
    assert train(Request(**request, **options)) == 0
    with pytest.raises(FolderNotEmpty):
        train(Request(**request, **options))


def test_a_changed_recipe_is_refused_with_a_diff(
    make_recipe: Any, tmp_path: Path
) -> None:
    options = {"spec": TINY, "out": tmp_path, "device": "cpu", "quiet": True}
    train(Request(recipe=make_recipe(epochs=1), **options))
    changed = make_recipe(epochs=1, optimizer__lr=0.5)
    with pytest.raises(RunChanged, match=r"-  lr: 0\.05\n.*\+  lr: 0\.5"):
        train(Request(recipe=changed, resume=True, **options))
    assert "lr: 0.05" in (tmp_path / "recipe.yaml").read_text()
    free = make_recipe(epochs=1, workers=2, log_every=1)
    assert train(Request(recipe=free, resume=True, **options)) == 0
    more = {"resume": True, "allow_change": True}
    assert train(Request(recipe=changed, **more, **options)) == 0


def test_unreadable_samples_are_counted_and_then_too_many(make_recipe: Any) -> None:
    from netspec.train.samples import BadSample

    class Some:
        bad = 1

        def __len__(self) -> int:
            return 200

        def __getitem__(self, index: int) -> Any:
            if index < self.bad:
                raise BadSample(f"image {index}: torn")
            return torch.zeros(1, 8, 8, dtype=torch.uint8), 0

    job = job_of(make_recipe())
    loader = job.heldout_loader
    loader.samples, loader.resident = Some(), False
    ids = list(torch.arange(200).split(50))
    sizes = [len(batch.ids) for batch in loader.batches(ids, 0)]
    assert (sizes, list(loader.bad)) == ([49, 50, 50, 50], ["image 0: torn"])
    Some.bad = 3
    with pytest.raises(TooManyBadSamples, match=r"3 of 200 .* image 0: torn"):
        list(loader.batches(ids, 0))


def test_small_sets_live_on_the_device(make_recipe: Any) -> None:
    job = job_of(make_recipe())
    assert job.train_loader.resident
    assert isinstance(job.train_loader.samples, TensorSamples)
    assert job.train_loader.samples.inputs.dtype == torch.uint8
    assert not job_of(
        make_recipe(train_transforms="[RandAugment]")
    ).train_loader.resident


@pytest.mark.parametrize("fits", [0, 1, 5, 63])
def test_the_largest_batch_is_found(fits: int) -> None:
    tried: list[int] = []

    def attempt(size: int) -> bool:
        tried.append(size)
        return size <= fits

    assert largest_batch(attempt, 64) == fits
    assert len(tried) <= 7


def test_torchs_message_gives_the_figures() -> None:
    message = (
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity "
        "of 139.00 GiB of which 1.20 GiB is free."
    )
    assert _figures(message) == "2.00 GiB asked, 1.20 GiB free"


def test_the_bar_shows_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = Bar()
    shown = io.StringIO()
    bar.progress.live.console.file = shown
    monkeypatch.setattr(Bar, "EVERY", -1.0)
    bar.start(0, 10, 5)
    before = bar.progress.tasks[0].fields["epoch"]
    bar.step(4)
    line = {"step": 4, "epoch": 1, "split": "train", "loss": 0.5, "images_per_s": 99.0}
    bar.line(line)
    fields = bar.progress.tasks[0].fields
    bar.close()
    assert (before, fields["epoch"]) == ("1/5", "3/5")
    assert fields["metrics"] == "loss 0.5  images_per_s 99"
    assert re.fullmatch(r"\d+\.\d GiB", fields["memory"])


def test_out_of_memory_names_what_would_fit(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = Classification.loss

    def limited(self: Any, learner: Any, learners: Any, batch: Any) -> Any:
        if len(batch.ids) > 3:
            raise torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total "
                "capacity of 79.10 GiB of which 1.20 GiB is free."
            )
        return loss(self, learner, learners, batch)

    recipe = load_recipe(recipe_file)
    request = Request(spec=TINY, recipe=recipe, out=tmp_path, device="cpu", quiet=True)
    monkeypatch.setattr(Classification, "loss", limited)
    with pytest.raises(OutOfMemory) as caught:
        train(request)
    said = str(caught.value)
    assert "out of memory at batch size 8: 2.00 GiB asked, 1.20 GiB free" in said
    assert "set `accumulate` to 3: the largest batch that fits is 3" in said
    for other in (dry_run, find_lr):
        with pytest.raises(OutOfMemory) as caught:
            other(request)
        assert said.startswith(str(caught.value).rstrip())
    monkeypatch.undo()
    accumulated = load_recipe(recipe_file, {"accumulate": "3"})
    again = Request(
        spec=TINY, recipe=accumulated, out=tmp_path / "again", device="cpu", quiet=True
    )
    assert train(again) == 0


def test_the_failed_step_is_forgotten_before_smaller_ones_are_tried(
    make_recipe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its activations, 8 samples' worth, would fill the memory that is searched."""
    alive: weakref.WeakSet[torch.Tensor] = weakref.WeakSet()

    def limited(self: Any, learner: Any, learners: Any, batch: Any) -> Any:
        if sum(map(len, alive)) + len(batch.ids) > 8 - 1:
            activation = torch.zeros(len(batch.ids))
            alive.add(activation)
            raise RuntimeError(HOST)
        return loss(self, learner, learners, batch)

    loss = Classification.loss
    monkeypatch.setattr(Classification, "loss", limited)
    request = Request(spec=TINY, recipe=make_recipe(), out=tmp_path, device="cpu")
    with pytest.raises(OutOfMemory) as caught:
        train(request)
    assert "batch size 8: 372.53 GiB asked of the host" in str(caught.value)
    assert "the largest batch that fits is 7" in str(caught.value)


HOST = (
    "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate "
    "memory: you tried to allocate 400000000000 bytes. Error code 12"
)


def test_memory_for_the_network_itself_is_said(
    make_recipe: Any, tmp_path: Path
) -> None:
    spec = tmp_path / "vast.yaml"
    layer = "{type: Linear, out_features: 2000000000}"
    spec.write_text(TINY.read_text().replace("  fc:", f"  vast: {layer}\n  fc:"))
    wide = {"spec": spec, "limits": Limits(parameters=10**12), "device": "cpu"}
    request = Request(recipe=make_recipe(), out=tmp_path / "x", **wide)
    with pytest.raises(OutOfMemory, match="before the first step"):
        dry_run(request)


def test_a_dry_run_counts_reading_and_the_average(
    make_recipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = estimate(job_of(make_recipe()))["memory_bytes"]
    averaged = estimate(job_of(make_recipe(average__decay=0.9)))
    assert averaged["memory_bytes"] >= plain + 4 * averaged["parameters"]
    batches = Loader.batches

    def slow(self: Loader, ids: Any, epoch: int) -> Any:
        for batch in batches(self, ids, epoch):
            time.sleep(0.05)
            yield batch

    monkeypatch.setattr(Loader, "batches", slow)
    assert estimate(job_of(make_recipe()))["samples_per_s"] < 8 / 0.05


@pytest.mark.skipif(shutil.which("g++") is None, reason="inductor needs a compiler")
def test_compiled_training_is_that_of_eager(make_recipe: Any, tmp_path: Path) -> None:
    trained = []
    for mode in ("off", "default"):
        recipe = make_recipe(compile=mode, epochs=1)
        job = Job(TINY, {"dropout": 0.0}, recipe, World("cpu"))
        loop = loop_of(job, tmp_path / mode)
        with loop.folder:
            loop.run()
        trained.append(job.main.module.state_dict())
    eager, compiled = trained
    assert list(eager) == list(compiled)
    for name, tensor in eager.items():
        torch.testing.assert_close(compiled[name], tensor, rtol=1e-3, atol=1e-4)


def test_half_precision_resumes_bit_exactly(make_recipe: Any, tmp_path: Path) -> None:
    recipe = make_recipe(precision="fp16")
    whole = run_tiny(recipe, tmp_path / "whole")
    run_tiny(recipe, tmp_path / "parts", stop=7)
    again = run_tiny(recipe, tmp_path / "parts")
    assert bits(again) == bits(whole)
    scaler = again.job.main.scaler.state_dict()
    assert scaler == whole.job.main.scaler.state_dict()
    assert scaler["_growth_tracker"] > 0
