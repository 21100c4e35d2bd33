"""One call of `netspec train`: the folder locked, the job made, the loop run."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

from netspec.errors.training import TrainingError
from netspec.limits import DEFAULT, Limits
from netspec.record import Record
from netspec.train import rehearsal
from netspec.train.curves import curves
from netspec.train.distributed import World
from netspec.train.environment import describe
from netspec.train.folder import ENVIRONMENT, MODEL, RECIPE, RunFolder
from netspec.train.launch import was_restarted
from netspec.train.loop import Loop
from netspec.train.memory import explain
from netspec.train.progress import Silent, display
from netspec.train.recipe import Recipe, dump_recipe
from netspec.train.setup import Job
from netspec.train.signals import Signals
from netspec.train.writers import open_writers


class Request(Record):
    """What the command line asked for."""

    spec: Path
    recipe: Recipe
    out: Path
    params: Mapping[str, Any] = {}
    device: str | None = None
    resume: bool = False
    allow_change: bool = False
    overfit: int | None = None
    quiet: bool = False
    limits: Limits = DEFAULT
    allow_python: tuple[str, ...] = ()  # modules that `python:` types may run


def train(request: Request) -> int:
    """Train; 0 when the recipe's end is reached, 128 + N after signal N.

    Raises TrainingError and SpecError.
    """
    with (
        _world(request) as world,
        Signals() as signals,
        RunFolder(request.out, held=world.main) as folder,
    ):
        job = _job(request, world)
        _begin(request, folder, job)
        finished = _run(request, folder, job, signals)
        if finished and world.main:
            folder.write("curves.svg", _curves(folder, job).encode())
    return 0 if finished else 128 + (signals.number or 15)


def dry_run(request: Request) -> dict[str, Any]:
    """What the run would take, measured over a few steps that leave no trace."""
    with _world(request) as world:
        return rehearsal.estimate(_job(request, world))


def find_lr(request: Request) -> dict[str, Any]:
    """A learning rate at which the loss falls fast, and the losses that say so."""
    with _world(request) as world:
        return rehearsal.find_rate(_job(request, world))


@contextmanager
def _world(request: Request) -> Iterator[World]:
    world = World(request.device)
    torch.backends.cuda.matmul.allow_tf32 = request.recipe.tf32
    torch.backends.cudnn.allow_tf32 = request.recipe.tf32
    try:
        yield world
    finally:
        world.leave()


def _job(request: Request, world: World) -> Job:
    return Job(
        request.spec,
        request.params,
        request.recipe,
        world,
        request.overfit,
        request.limits,
        request.allow_python,
    )


def _run(request: Request, folder: RunFolder, job: Job, signals: Signals) -> bool:
    show = display(request.quiet) if job.world.main else Silent()
    writers = partial(open_writers, request.recipe, folder.path)
    try:
        finished = Loop(job, folder, signals, show, writers).run()
        if not finished:
            show.say(f"{signals.name}: saved; go on with --resume")
    except torch.OutOfMemoryError as error:
        raise explain(error, job) from None
    finally:
        show.close()
    return finished


def _begin(request: Request, folder: RunFolder, job: Job) -> None:
    """Compare the run with the folder's; all processes hear of a refusal."""
    texts = {
        **job.spec_files(),
        MODEL: job.network.to_source(),
        RECIPE: dump_recipe(request.recipe),
        ENVIRONMENT: json.dumps(describe(job), indent=1) + "\n",
    }
    refusal: TrainingError | None = None
    if job.world.main:
        resume = request.resume or was_restarted()
        try:
            folder.begin(texts, resume=resume, allow_change=request.allow_change)
        except TrainingError as error:
            refusal = error
    if job.world.any(refusal is not None):
        raise refusal or SystemExit(1)


def _curves(folder: RunFolder, job: Job) -> str:
    return curves({folder.path.name: folder.metrics()}, job.recipe.task.score)
