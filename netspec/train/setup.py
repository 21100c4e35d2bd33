"""A job: everything the loop works with, made from a spec, a recipe and a device."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.limits import DEFAULT, Limits
from netspec.tensors import TensorType
from netspec.train import seeds
from netspec.train.distributed import World
from netspec.train.fit import need_fit, need_taken
from netspec.train.learner import Learner
from netspec.train.loader import Loader
from netspec.train.networks import fitting, open_network, plain_param, resolved
from netspec.train.parallel import full_weights
from netspec.train.pipeline import Mixing, Pipeline
from netspec.train.sampler import Plan
from netspec.train.samples import Splits, TensorSamples, few
from netspec.train.weights import start_from

if TYPE_CHECKING:
    from netspec.train.meters import Meter
    from netspec.train.recipe import Recipe

COUNT = "have the spec's last layer take its size from a param called {names}"


class Job:
    """Networks, data and plan of one run. Raises TrainingError and SpecError."""

    def __init__(
        self,
        spec: Path,
        params: Mapping[str, Any],
        recipe: "Recipe",
        world: World,
        overfit: int | None = None,
        limits: Limits = DEFAULT,
        allow_python: Sequence[str] = (),
    ) -> None:
        self.recipe = recipe
        self.world = world
        self.overfit = overfit
        seeds.seed_everything(recipe.seed)
        self.splits = _load(recipe, world, overfit)
        self.classes = self.splits.classes
        found = fitting(spec, recipe.data.params(self.splits), limits)
        self.spec = spec
        self.limits = limits
        self.params = {**found, **recipe.params, **params}
        self.open = partial(open_network, limits=limits, allow_python=allow_python)
        self.network = self.open(spec, self.params)
        self.helpers = {
            name: self.open(Path(path), {}, at=recipe.place(f"task.{name}"))
            for name, path in recipe.task.networks().items()
        }
        self.plan = self._plan(overfit)
        self.learners = self._learners(spec)
        self.train_loader = self._loader("train")
        self.heldout_loader = self._loader("heldout")
        self._need_fit()
        self.mixing = Mixing(recipe.mix, len(self.classes), recipe.seed)
        seeds.seed_everything(recipe.seed + world.rank)

    def _plan(self, overfit: int | None) -> Plan:
        recipe, world = self.recipe, self.world
        samples = len(self.splits.train)
        return Plan(
            samples=samples,
            batch_size=min(recipe.batch_size, samples if overfit else sys.maxsize),
            seed=recipe.seed,
            accumulate=recipe.accumulate,
            rank=world.rank,
            world=world.size,
            drop_last=recipe.drop_last,
            repeats=recipe.augment_repeats,
        )

    def _learners(self, spec: Path) -> list[Learner]:
        """The learners in the order they step: those that help, then the spec's own."""
        recipe = self.recipe
        module = self.network.to_module()
        if recipe.weights:
            start_from(module, recipe.weights)
        modules = {name: one.to_module() for name, one in self.helpers.items()}
        modules[self.network.name] = module
        steps = self.plan.steps
        whole = recipe.task.trains_all(tuple(self.network.outputs))
        return [
            Learner(name, one, recipe, self.world, steps, whole=whole)
            for name, one in modules.items()
        ]

    def _loader(self, split: str) -> Loader:
        samples = self.splits.train if split == "train" else self.splits.heldout
        recipe = self.recipe
        train = split == "train"
        transforms = recipe.train_transforms if train else recipe.eval_transforms
        field = "train_transforms" if train else "eval_transforms"
        in_memory = isinstance(samples, TensorSamples)
        pipeline = Pipeline(
            transforms, seed=recipe.seed, in_memory=in_memory, field=field
        )
        repeats = recipe.augment_repeats if train else 1
        return Loader(samples, pipeline, self.world.device, recipe.workers, repeats)

    def _need_fit(self) -> None:
        """Raises DataMismatch if the data does not fit the network."""
        for loader in (self.train_loader, self.heldout_loader):
            sample = loader.sample_type()
            given, wanted = self.recipe.task.types(sample, len(self.classes))
            sized_by = self._sized_by(loader, sample)
            blame = self._blame() if wanted != sample else {}
            need_fit(self.network, given, wanted, sized_by, **blame)
            for name, helper in self.helpers.items():
                need_taken(helper, sample, f"task.{name}")

    def _sized_by(self, loader: Loader, sample: TensorType) -> str:
        """The field to change if a sample has a size that the network does not take."""
        task, data = self.recipe.task, self.recipe.data
        if task.sized_by:
            return f"task.{task.sized_by}"
        taken = self.network.graph.inputs[0].type
        if loader.pipeline.sized_by and taken.shape[:1] == sample.shape[:1]:
            return loader.pipeline.sized_by
        return f"data.{data.sized_by}" if data.sized_by else "data"

    def _blame(self) -> dict[str, Any]:
        """What to change if the network gives another size than the data needs."""
        sizes = self.recipe.data.params(self.splits)
        for name in sizes.keys() & self.params.keys():
            value = self.params[name]
            if plain_param(value) != sizes[name]:
                advice = f"leave `{name}` out: the data sets it to {sizes[name]}"
                span = getattr(value, "span", None)
                field = f"params.{name}"
                return {"field": field, "span": span, "advice": advice, "note": ""}
        return {"advice": COUNT.format(names=" or ".join(f"`{n}`" for n in sizes))}

    def close(self) -> None:
        """End the workers that read data."""
        self.train_loader.close()
        self.heldout_loader.close()

    @property
    def main(self) -> Learner:
        """The learner of the spec that was asked for."""
        return self.learners[-1]

    @property
    def about(self) -> dict[str, Any]:
        """What weight files say of themselves."""
        return {"name": self.network.name, "classes": list(self.classes)}

    def meter(self) -> "Meter":
        """A fresh meter of the task's."""
        return self.recipe.task.meter(self.classes, self.world.device)

    def scored_state(self) -> dict[str, Any]:
        """The state of the weights that are scored. All processes must call."""
        return full_weights(self.main.scored)

    def spec_files(self) -> dict[str, str]:
        """The run folder's copies of the spec and all it needs, by their paths."""
        texts = resolved(self.spec, self.network.name, self.params, self.limits)
        for name, path in self.recipe.task.networks().items():
            texts |= resolved(Path(path), name, {}, self.limits, under=name)
        return texts


def _load(recipe: "Recipe", world: World, overfit: int | None) -> Splits:
    """The data; the first process downloads what is missing while the others wait."""
    if not world.main:
        world.barrier()
    splits = recipe.data.load()
    if world.main:
        world.barrier()
    return few(splits, overfit, recipe.seed) if overfit else splits
