"""One call of `netspec train`: the folder locked, the job made, the loop run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from netspec.errors.training import TrainingError
from netspec.record import Record
from netspec.train.distributed import World
from netspec.train.environment import describe
from netspec.train.folder import ENVIRONMENT, RECIPE, SPEC, RunFolder
from netspec.train.loop import Loop
from netspec.train.progress import Silent, display
from netspec.train.recipe import Recipe, dump_recipe
from netspec.train.setup import Job
from netspec.train.signals import Signals


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


def train(request: Request) -> int:
    """Train; 0 when the recipe's end is reached, 128 + N after signal N.

    Raises TrainingError and SpecError.
    """
    world = World(request.device)
    torch.backends.cuda.matmul.allow_tf32 = request.recipe.tf32
    torch.backends.cudnn.allow_tf32 = request.recipe.tf32
    try:
        with Signals() as signals:
            return _train(request, world, signals)
    finally:
        world.leave()


def _train(request: Request, world: World, signals: Signals) -> int:
    with RunFolder(request.out, held=world.main) as folder:
        job = Job(request.spec, request.params, request.recipe, world, request.overfit)
        _begin(request, folder, job)
        show = display(request.quiet) if world.main else Silent()
        try:
            finished = Loop(job, folder, signals, show).run()
            if not finished:
                show.say(f"{signals.name}: saved; go on with --resume")
        finally:
            show.close()
        if finished and world.main:
            _finish(folder)
    return 0 if finished else 128 + (signals.received or 0)


def _begin(request: Request, folder: RunFolder, job: Job) -> None:
    """Write or compare the run's description; all processes hear of a refusal."""
    texts = {
        SPEC: job.network.to_source(),
        RECIPE: dump_recipe(request.recipe),
        ENVIRONMENT: json.dumps(describe(job), indent=1) + "\n",
    }
    refusal: TrainingError | None = None
    if job.world.main:
        try:
            folder.begin(
                texts, resume=request.resume, allow_change=request.allow_change
            )
        except TrainingError as error:
            refusal = error
    if job.world.any(refusal is not None):
        raise refusal or SystemExit(1)


def _finish(folder: RunFolder) -> None:
    """What a run leaves besides when it ends."""
