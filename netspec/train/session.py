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
from netspec.train.loader import worker_watch
from netspec.train.loop import Loop
from netspec.train.memory import in_words
from netspec.train.places import showing
from netspec.train.progress import Silent, display
from netspec.train.recipe import Recipe, dump_recipe
from netspec.train.setup import Job
from netspec.train.signals import Signals
from netspec.train.summary import closing, opening, warnings
from netspec.train.writers import open_writers

GO_ON = "go on with --resume"
WHOLE = "; the last checkpoint is whole"


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
        with _made(request, world, WHOLE) as job:
            _begin(request, folder, job)
            finished = _run(request, folder, job, signals)
        if finished and world.main:
            folder.write("curves.svg", _curves(folder, job).encode())
    return 0 if finished else 128 + (signals.number or 15)


def dry_run(request: Request) -> dict[str, Any]:
    """What the run would take, measured over a few steps that leave no trace."""
    with _world(request) as world, _made(request, world) as job:
        return rehearsal.estimate(job)


def find_lr(request: Request) -> dict[str, Any]:
    """A learning rate at which the loss falls fast, and the losses that say so."""
    with _world(request) as world, _made(request, world) as job:
        return rehearsal.find_rate(job)


@contextmanager
def _world(request: Request) -> Iterator[World]:
    world = World(request.device)
    torch.backends.cuda.matmul.allow_tf32 = request.recipe.tf32
    torch.backends.cudnn.allow_tf32 = request.recipe.tf32
    try:
        with showing(request.recipe):
            yield world
    finally:
        world.leave()


@contextmanager
def _made(request: Request, world: World, saved: str = "") -> Iterator[Job]:
    """The job; memory that runs out while it is made or used is said in words."""
    jobs: list[Job] = []
    try:
        with in_words(jobs, saved):
            jobs.append(_job(request, world))
            yield jobs[0]
    finally:
        for job in jobs:
            job.close()


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
        for text in (opening(job), *warnings(job)):
            show.say(text)
        loop = Loop(job, folder, signals, show, writers)
        with worker_watch():
            finished = loop.run()
        show.say(closing(loop) if finished else f"{signals.name}: saved; {GO_ON}")
    finally:
        show.close()
    return finished


def _begin(request: Request, folder: RunFolder, job: Job) -> None:
    """Compare the run with the folder's; all processes hear of a refusal."""
    refusal: TrainingError | None = None
    if job.world.main:
        resume = request.resume or was_restarted()
        change = request.allow_change
        try:
            folder.begin(_description(job), resume=resume, allow_change=change)
        except TrainingError as error:
            refusal = error
    if job.world.any(refusal is not None):
        raise refusal or SystemExit(1)


def _description(job: Job) -> dict[str, str]:
    """The files that say what a run is; the last one makes the folder a run's."""
    return {
        **job.spec_files(),
        MODEL: job.network.to_source(),
        ENVIRONMENT: json.dumps(describe(job), indent=1) + "\n",
        RECIPE: dump_recipe(job.recipe.resolved()),
    }


def _curves(folder: RunFolder, job: Job) -> str:
    return curves({folder.path.name: folder.metrics()}, job.recipe.task.score)
