"""A training recipe: what may be written, and the checked record of one.

This module and all it declares work without torch.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from netspec.diagnostics import Finding, Span, SpecError
from netspec.kinds import (
    Bool,
    Choice,
    Integer,
    ListOf,
    NonNegativeInt,
    Number,
    PositiveInt,
    Probability,
    Str,
    Text,
    optional,
)
from netspec.record import Record
from netspec.source import Mapping as MappingTree
from netspec.train.compose import compose
from netspec.train.conflicts import conflicts
from netspec.train.data import SOURCES
from netspec.train.mistakes import spec_as_recipe
from netspec.train.mixes import MIXES, Mix
from netspec.train.optimizers import OPTIMIZERS, OptimizerRecipe
from netspec.train.places import place_of
from netspec.train.samples import DataSource
from netspec.train.schedules import SCHEDULES, Constant, ScheduleRecipe
from netspec.train.sections import (
    INVALID,
    Named,
    Nullable,
    Section,
    Several,
    Variant,
    read_record,
    record_schema,
    to_plain,
)
from netspec.train.tasks import TASKS
from netspec.train.tasks.base import Task
from netspec.train.tasks.classification import Classification
from netspec.train.transforms import TRANSFORMS, Transform

Globs = Annotated[tuple[str, ...], ListOf(Text())]


class Average(Record):
    """An exponential moving average of the weights, used for evaluation.

    Through the schedule's warm-up it is a copy of the weights.
    """

    decay: Probability = 0.999
    every: PositiveInt = 1


class Weights(Record):
    """Published or earlier weights to start from: safetensors, or a .pth of tensors.

    Keys matching `replace` start fresh: a new head. What the file alone has of them is
    left out. A node's name stands for all below it.
    """

    file: Str
    replace: Globs = ()


class Checkpoints(Record):
    """How often the whole state is saved, in optimizer steps, and how many are kept.

    It is also saved at the end of every epoch and on a signal.
    """

    every: NonNegativeInt = 0
    keep: Annotated[int, Integer(2)] = 2


class Recipe(Record):
    """A training recipe."""

    written: ClassVar[MappingTree | None] = None  # of one that was read: its tree

    doc: Str = ""
    seed: NonNegativeInt = 0
    epochs: PositiveInt
    batch_size: PositiveInt
    accumulate: PositiveInt = 1
    drop_last: Bool = True
    params: Annotated[dict[str, Any], Named()] = {}

    task: Annotated[Task, Variant("task", TASKS)] = Classification()
    data: Annotated[DataSource, Variant("data source", SOURCES)]
    workers: NonNegativeInt = 0
    train_transforms: Annotated[
        tuple[Transform, ...], Several(Variant("transform", TRANSFORMS))
    ] = ()
    eval_transforms: Annotated[
        tuple[Transform, ...], Several(Variant("transform", TRANSFORMS))
    ] = ()
    augment_repeats: PositiveInt = 1
    mix: Annotated[tuple[Mix, ...], Several(Variant("mix", MIXES))] = ()
    eval_batch_size: Annotated[int | None, optional(Integer(1))] = None
    evaluate_every: PositiveInt = 1

    optimizer: Annotated[OptimizerRecipe, Variant("optimizer", OPTIMIZERS)]
    schedule: Annotated[ScheduleRecipe, Variant("schedule", SCHEDULES)] = Constant()
    clip_norm: Annotated[float | None, optional(Number(above=0))] = None
    average: Annotated[Average | None, Nullable(Section(Average))] = None
    weights: Annotated[Weights | None, Nullable(Section(Weights))] = None
    freeze: Globs = ()
    frozen_norms: Bool = False

    precision: Annotated[str, Choice("float32", "bf16", "fp16")] = "float32"
    tf32: Bool = True
    channels_last: Bool = False
    compile: Annotated[
        str, Choice("off", "default", "reduce-overhead", "max-autotune")
    ] = "off"
    recompute: Globs = ()
    sync_batch_norm: Bool = False
    strategy: Annotated[str, Choice("ddp", "fsdp")] = "ddp"

    checkpoint: Annotated[Checkpoints, Section(Checkpoints)] = Checkpoints()
    log_every: PositiveInt = 50
    tensorboard: Bool = False
    wandb: Annotated[str | None, optional(Text())] = None

    def place(self, field: str, *, name: bool = False) -> Span | None:
        """Where a field was written, by its dotted name, if it was."""
        return place_of(self.written, field, name=name) if self.written else None

    def resolved(self) -> Self:
        """The same recipe, whose data is found from any working directory."""
        return self.changed(data=self.data.resolved())


def load_recipe(path: str | Path, settings: Mapping[str, str] | None = None) -> Recipe:
    """Read, compose and check a recipe; `settings` maps dotted names to new values.

    Raises SpecError with every finding.
    """
    tree = compose(path, settings or {})
    if "netspec" in tree.entries:
        raise SpecError(spec_as_recipe(tree.entries["netspec"]))
    findings: list[Finding] = []
    recipe = read_record(Recipe, tree, tree.entries, "a recipe", findings)
    if recipe is INVALID or (findings := conflicts(recipe, tree)):
        raise SpecError(*findings)
    assert isinstance(recipe, Recipe)
    vars(recipe)["written"] = tree
    return recipe


def recipe_schema() -> dict[str, Any]:
    """The JSON Schema of a recipe file."""
    extends = {"extends": {"type": "string", "description": "the recipe this changes"}}
    schema = _partial(record_schema(Recipe, extends))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "netspec training recipe",
        **schema,
    }


def _partial(schema: Any) -> Any:
    """A schema less what it requires, which may come from the recipe extended.

    The items of lists stay as they are: a list is replaced whole.
    """
    if isinstance(schema, list):
        return [_partial(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "required"}
    whole = ("if", "items")
    return {k: v if k in whole else _partial(v) for k, v in kept.items()}


def dump_recipe(recipe: Recipe) -> str:
    """The recipe as YAML with every default written out; it reads back as itself."""
    import yaml

    return yaml.safe_dump(to_plain(recipe), sort_keys=False, allow_unicode=True)
