"""Two processes that speak through gloo on one CPU."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from netspec.train import parallel
from netspec.train.sampler import Plan, shard
from tests.train.commands import (
    ENVIRONMENT,
    HERE,
    ROOT,
    arguments,
    finish,
    run,
    start,
    wait_for,
    wait_for_metrics,
)
from tests.train.conftest import RECIPE

EVERY = ("--set", "checkpoint.every=2")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def children(process: "subprocess.Popen[str]") -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(child) for child in path.read_text().split()]


@pytest.mark.parametrize("world", [1, 2, 3])
def test_every_sample_is_seen_once(world: int) -> None:
    parts = [shard(50, 7, rank, world) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1
    seen = torch.cat([ids for part in parts for ids in part])
    assert seen.sort().values.tolist() == list(range(50))


def test_repeats_take_fewer_samples_more_often() -> None:
    plan = Plan(samples=50, batch_size=10, seed=5, repeats=4)
    ids = plan.order(epoch=1)
    assert len(set(ids.tolist())) == 50
    once = Plan(samples=50, batch_size=10, seed=5).order(epoch=1)
    assert (ids % 50).unique_consecutive().tolist() == once[:13].tolist()
    assert ids[:4].tolist() == [int(once[0]) + 50 * copy for copy in range(4)]


@pytest.mark.parametrize("accumulate", [1, 3])
def test_processes_share_the_very_samples_of_a_step(accumulate: int) -> None:
    alone = Plan(samples=40, batch_size=12, seed=5)
    order = alone.order(epoch=2)
    both = [alone._replace(rank=r, world=2, accumulate=accumulate) for r in (0, 1)]
    for number in range(alone.steps):
        (whole,) = alone.step(order, number)
        parts = [part for plan in both for part in plan.step(order, number)]
        assert sorted(torch.cat(parts).tolist()) == sorted(whole.tolist())


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_processes_make_the_step_of_one(
    strategy: str, recipe: Path, tmp_path: Path
) -> None:
    """Without layers that look across samples, gradients are the same."""
    more = ("--param", "dropout=0", "--set", "epochs=1", "--set", "precision=float32")
    more += ("--set", "train_transforms=[]", "--set", "frozen_norms=true")
    more += ("--set", "average={decay: 0.9}", "--set", f"strategy={strategy}")
    for name, option in (("one", ()), ("two", ("--nproc", "2"))):
        status, output = run(recipe, tmp_path / name, *more, *option)
        assert status == 0, output
    one, two = (
        load_file(tmp_path / name / "last.safetensors") for name in ("one", "two")
    )
    for key in one:
        torch.testing.assert_close(one[key], two[key], rtol=1e-4, atol=1e-6)
    # Going on with another number of processes is refused, unless it is wished.
    status, output = run(recipe, tmp_path / "two", *more, "--resume")
    assert status == 1
    assert "-processes: 2" in output
    assert "+processes: 1" in output
    allowed = ("--resume", "--allow-change", "--set", "epochs=2")
    status, output = run(recipe, tmp_path / "two", *more, *allowed)
    assert status == 0, output


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_resume_is_bit_exact(strategy: str, recipe: Path, tmp_path: Path) -> None:
    options = ("--nproc", "2", "--set", f"strategy={strategy}", *EVERY)
    options += ("--set", "average={decay: 0.9}")
    status, output = run(recipe, tmp_path / "whole", *options)
    assert status == 0, output
    # A run that was killed in the first epoch, as its folder shows it.
    parts = tmp_path / "parts"
    first = start(recipe, parts, *options, "--set", "epochs=2")
    wait_for(first, lambda: list(parts.glob("checkpoints/step-*")))
    for child in children(first):
        os.kill(child, signal.SIGKILL)
    finish(first)
    status, output = run(recipe, parts, *options, "--resume")
    assert status == 0, output
    whole = (tmp_path / "whole/last.safetensors").read_bytes()
    assert (parts / "last.safetensors").read_bytes() == whole
    steps = [json.loads(line)["step"] for line in (parts / "metrics.jsonl").open()]
    assert steps == [4, 8, 9, 9, 12, 16, 18, 18]


def test_nodes_and_restarts_end_with_the_same_bits(
    recipe: Path, tmp_path: Path
) -> None:
    """Two nodes that meet, and a process that is killed and started again."""
    last = "last.safetensors"
    status, output = run(recipe, tmp_path / "whole", *EVERY, "--nproc", "2")
    assert status == 0, output

    both = [node(recipe, tmp_path / "nodes", number, *EVERY) for number in (0, 1)]
    for process in both:
        status, output = finish(process)
        assert status == 0, output
    whole = (tmp_path / "whole" / last).read_bytes()
    assert (tmp_path / "nodes" / last).read_bytes() == whole
    described = json.loads((tmp_path / "nodes/env.json").read_text())
    assert described["processes"] == 2

    again = tmp_path / "again"
    process = start(recipe, again, *EVERY, "--nproc", "2", "--restarts", "1")
    wait_for(process, lambda: list(again.glob("checkpoints/step-*")))
    os.kill(children(process)[1], signal.SIGKILL)
    status, output = finish(process)
    assert status == 0, output
    assert "resumed at step" in output
    assert (again / last).read_bytes() == whole


def node(recipe: Path, out: Path, number: int, *more: str) -> "subprocess.Popen[str]":
    """One of two torchruns that meet at a file, as they would at a host's port."""
    rendezvous = f"--rdzv-conf=store_type=file --rdzv-endpoint={out}.meet"
    command = f"{sys.executable} -m torch.distributed.run --nnodes 2 --nproc-per-node 1"
    command += f" --rdzv-backend c10d --rdzv-id nodes {rendezvous} -m netspec.train"
    _, _, _, _, *rest = arguments(recipe, out, "--device", "cpu", *more)
    return subprocess.Popen(
        [*command.split(), *rest],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
        cwd=ROOT,
    )


def test_a_killed_process_ends_all_and_is_named_once(
    recipe: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    process = start(recipe, out, "--nproc", "2", "--set", "epochs=100000")
    wait_for_metrics(process, out)
    os.kill(children(process)[1], signal.SIGKILL)
    status, output = finish(process, seconds=60)
    assert status == 1

    said = "process 1 failed and all were ended\n  it was ended by SIGKILL\n"
    assert output.count(said) == 1
    assert "Traceback" not in output


@pytest.mark.parametrize("losses", ["{}", "{logits: 1.0, aux_logits: 0}"])
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_an_output_may_have_no_loss(
    strategy: str, losses: str, recipe: Path, tmp_path: Path
) -> None:
    options = ("--nproc", "2", "--set", "epochs=1", "--set", f"strategy={strategy}")
    options += ("--set", f"task={{type: classification, losses: {losses}}}")
    process = start(recipe, tmp_path / "run", *options, spec=HERE / "two_outputs.yaml")
    status, output = finish(process)
    assert status == 0, output


BAD_LOSS = """
import os
from netspec.train.tasks.classification import Classification

loss = Classification.loss

def spoilt(self, learner, learners, batch):
    outcome = loss(self, learner, learners, batch)
    bad = os.environ.get("RANK") == "1" and learner.updates == 2
    return outcome._replace(loss=outcome.loss * float("nan")) if bad else outcome

Classification.loss = spoilt
"""


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_a_bad_loss_in_one_process_ends_all_with_its_cause(
    strategy: str, recipe: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BAD_LOSS)
    options = ("--nproc", "2", "--set", f"strategy={strategy}")
    process = start(recipe, tmp_path / "run", *options, paths=str(tmp_path))
    status, output = finish(process, seconds=60)
    assert status == 1, output
    assert output.count("error[NS0907]: the loss of step 3 is nan") == 1
    order = Plan(samples=72, batch_size=8, seed=0).order(0)[17:24:2].tolist()
    assert f"samples: {', '.join(map(str, order))}\n" in output
    assert "Traceback" not in output


def test_gradients_are_exchanged_once_a_step(tmp_path: Path) -> None:
    exchanges = []

    def count(_: object, bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:
        exchanges.append(bucket.index())
        done = torch.futures.Future[torch.Tensor]()
        done.set_result(bucket.buffer())
        return done

    store = dist.FileStore(str(tmp_path / "store"), 1)
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        learning, other = (DistributedDataParallel(nn.Linear(4, 4)) for _ in range(2))
        for model in (learning, other):
            model.register_comm_hook(None, count)
        for number in range(4):
            ready = learning if number == 3 else None
            with parallel.exchanging(ready, [learning, other]):
                other(learning(torch.rand(2, 4))).sum().backward()
            assert len(exchanges) == (number == 3)
    finally:
        dist.destroy_process_group()


def test_processes_that_cannot_meet_say_so(recipe: Path, tmp_path: Path) -> None:
    """Started by hand, as one of two, without the address of the first."""
    alone = {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}
    result = subprocess.run(
        arguments(recipe, tmp_path / "run", "--device", "cpu"),
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, **alone},
        timeout=60,
    )
    assert result.returncode == 1
    assert "error[NS0925]: process 0 cannot reach the others" in result.stderr
    assert "Traceback" not in result.stderr


def test_norms_over_processes_need_gpus(recipe: Path, tmp_path: Path) -> None:
    more = ("--nproc", "2", "--set", "sync_batch_norm=true")
    status, output = run(recipe, tmp_path / "run", *more)
    assert status == 1
    assert "error[NS0921]: torch has no `sync_batch_norm` on a CPU" in output
    assert not (tmp_path / "run/recipe.yaml").exists()


def test_processes_left_alone_end(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(recipe, out, "--nproc", "2", "--set", "epochs=100000")
    wait_for_metrics(process, out)
    left = children(process)
    process.kill()
    finish(process)
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in left):
        assert time.monotonic() < deadline
        time.sleep(0.05)
