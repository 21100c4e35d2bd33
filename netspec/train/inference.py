"""Using what a run left: scoring its weights, and predicting with them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from netspec.errors.training import DataMismatch, ImageUnreadable, NotARun, NotSupported
from netspec.limits import DEFAULT, Limits
from netspec.tensors import TensorType
from netspec.train.comparison import need_part, open_recipe
from netspec.train.data.folder import read_image
from netspec.train.distributed import World
from netspec.train.evaluate import evaluate
from netspec.train.fit import need_taken
from netspec.train.folder import BEST, LAST, SPEC, read_environment
from netspec.train.learner import autocast
from netspec.train.loader import Loader
from netspec.train.networks import open_network
from netspec.train.pipeline import Pipeline
from netspec.train.places import showing
from netspec.train.samples import BadSample, Batch, Splits, TensorSamples, few
from netspec.train.tasks.outputs import main_output
from netspec.train.weights import load_exactly

if TYPE_CHECKING:
    from torch import Tensor, nn

    from netspec.network import Network
    from netspec.train.recipe import Recipe


class Trained:
    """A run's network with its weights, on a device. Raises TrainingError."""

    def __init__(
        self,
        run: Path,
        weights: str | None,
        device: str | None,
        limits: Limits,
        allow_python: Sequence[str],
    ) -> None:
        self.run = run
        self.recipe: Recipe = open_recipe(run)
        self.world = World(device)
        need_part(run, SPEC)
        self.network: Network = open_network(
            run / SPEC, {}, limits=limits, allow_python=allow_python
        )
        self.model: nn.Module = self.network.to_module()
        self.about = load_exactly(self.model, _weights(run, weights))
        self.model.to(self.world.device).eval()

    @property
    def classes(self) -> list[str]:
        """The classes' names, as the weights keep them or, without them, the run."""
        of_run = read_environment(self.run).get("data") or {}
        return list(self.about.get("classes", of_run.get("classes", [])))

    def pipeline(self, *, in_memory: bool) -> Pipeline:
        """The recipe's transforms of evaluation."""
        recipe = self.recipe
        return Pipeline(
            recipe.eval_transforms,
            seed=recipe.seed,
            in_memory=in_memory,
            field="eval_transforms",
        )


def _weights(run: Path, chosen: str | None) -> Path:
    if chosen:
        return Path(chosen)
    for path in (run / BEST, run / LAST):
        if path.exists():
            return path
    raise NotARun(folder=run, reason=f"there is no {LAST} yet")


def score(
    run: Path,
    weights: str | None,
    device: str | None,
    limits: Limits = DEFAULT,
    allow_python: Sequence[str] = (),
) -> dict[str, Any]:
    """Metrics on the held-out data, and per class. Raises TrainingError."""
    trained = Trained(run, weights, device, limits, allow_python)
    with showing(trained.recipe):
        return _score(run, trained)


def _score(run: Path, trained: Trained) -> dict[str, Any]:
    recipe, world = trained.recipe, trained.world
    if not recipe.task.evaluates:
        what, advice = "an adversarial run has no score", "look at what it makes"
        raise NotSupported(field="task.type", what=what, advice=advice)
    splits = _data(run, trained)
    in_memory = isinstance(splits.heldout, TensorSamples)
    pipeline = trained.pipeline(in_memory=in_memory)
    loader = Loader(splits.heldout, pipeline, world.device, recipe.workers)
    meter = recipe.task.meter(splits.classes, world.device)
    try:
        evaluate(trained.model, loader, recipe, meter, world)
    finally:
        loader.close()
    found = {"metrics": meter.read(world), **_named(meter.details(), splits.classes)}
    return {**found, "unreadable": list(loader.bad)} if loader.bad else found


def _data(run: Path, trained: Trained) -> Splits:
    """The data that the run scored itself on. Raises DataMismatch."""
    recipe = trained.recipe
    splits = recipe.data.load()
    known, found = trained.classes, list(splits.classes)
    if known and known != found:
        odd = [f"{a} is now {b}" for a, b in zip(known, found, strict=False) if a != b]
        odd = odd or [f"there were {len(known)} classes and are {len(found)}"]
        reason = f"its classes are not those the weights know: {odd[0]}"
        raise DataMismatch(reason=reason, advice="name and order them as in training")
    overfit = read_environment(run).get("overfit")
    return few(splits, overfit, recipe.seed) if overfit else splits


def _named(details: dict[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """Details with the classes' names: shares, and the commonest mistakes."""
    if not details:
        return {}
    pairs = [
        (count, classes[true], classes[taken])
        for true, row in enumerate(details["confusion"])
        for taken, count in enumerate(row)
        if true != taken and count
    ]
    shares = dict(zip(classes, details["per_class"], strict=True))
    confused = sorted(pairs, reverse=True)[:10]
    return {
        "per_class": shares,
        "confused": confused,
        "confusion": details["confusion"],
    }


def predict(
    run: Path,
    images: Sequence[str],
    top: int,
    weights: str | None,
    device: str | None,
    limits: Limits = DEFAULT,
    allow_python: Sequence[str] = (),
) -> Iterator[tuple[str, list[tuple[str, float]] | ImageUnreadable]]:
    """Each image with its `top` likeliest classes and their probabilities.

    One that cannot be used comes with the reason. Raises TrainingError if the run is no
    classification.
    """
    trained = Trained(run, weights, device, limits, allow_python)
    with showing(trained.recipe):
        yield from _predictions(trained, images, top)


def _predictions(
    trained: Trained, images: Sequence[str], top: int
) -> Iterator[tuple[str, list[tuple[str, float]] | ImageUnreadable]]:
    task = trained.recipe.task.type_name
    if task != "classification":
        what = f"`predict` names classes, and this run is {task}"
        advice = "it is for classification"
        raise NotSupported(field="task.type", what=what, advice=advice)
    classes = trained.classes
    for path in _files(images):
        try:
            shares = _shares(trained, path)
        except ImageUnreadable as error:
            yield path, error
            continue
        best = shares.topk(min(top, len(shares)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        yield path, [(classes[index], share) for index, share in pairs]


def _files(images: Iterable[str]) -> Iterator[str]:
    """The files named, and those in folders that the source `folder` would read."""
    from torchvision.datasets.folder import IMG_EXTENSIONS

    kinds = {*IMG_EXTENSIONS, ".gif"}
    for name in images:
        path = Path(name)
        found = path.rglob("*") if path.is_dir() else ()
        some = sorted(str(p) for p in found if p.suffix.lower() in kinds)
        yield from some or [name]  # an empty folder is told as what cannot be read


@torch.inference_mode()
def _shares(trained: Trained, path: str) -> "Tensor":
    batch = _batch(trained, path)
    with autocast(trained.recipe, trained.world.device):
        logits = main_output(trained.model(batch.inputs))
    return logits[0].float().softmax(0).cpu()


def _batch(trained: Trained, path: str) -> Batch:
    """The image as the network takes it. Raises ImageUnreadable."""
    pipeline = trained.pipeline(in_memory=False)
    try:
        image = pipeline.sample(_channels(trained, read_image(path)), 0, 0)
    except BadSample as bad:
        advice = "give a JPEG, PNG, WebP or GIF file"
        reason = str(bad).removeprefix(f"{path}: ")
        raise ImageUnreadable(path=path, reason=reason, advice=advice) from None
    nowhere = torch.zeros(1, dtype=torch.long, device=trained.world.device)
    batch = Batch(image[None].to(trained.world.device), nowhere, nowhere)
    try:
        batch = pipeline.batch(batch, epoch=0, total=1)
        need_taken(trained.network, TensorType.batched(batch.inputs.shape[1:]))
    except DataMismatch as error:
        reason, advice = error.fields["reason"], "bring it to the size of the others"
        raise ImageUnreadable(path=path, reason=reason, advice=advice) from None
    return batch


def _channels(trained: Trained, image: "Tensor") -> "Tensor":
    """A colour image as grey where the network takes one channel."""
    taken = trained.network.graph.inputs[0].type.shape
    if len(taken) != 3 or taken[0] != 1:
        return image
    from torchvision.transforms.v2.functional import rgb_to_grayscale

    grey: Tensor = rgb_to_grayscale(image)
    return grey
