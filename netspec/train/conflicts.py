"""Values of a recipe that are right each alone and wrong together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netspec.diagnostics import Finding
from netspec.errors.recipe import RecipeConflict
from netspec.source import Mapping
from netspec.train.data.text import Text
from netspec.train.optimizers import Sgd
from netspec.train.places import place_of
from netspec.train.tasks.classification import Classification
from netspec.train.tasks.language import LanguageModelling

if TYPE_CHECKING:
    from netspec.train.recipe import Recipe


def conflicts(recipe: "Recipe", tree: Mapping) -> list[Finding]:
    """Every conflict, at the field or the item of a list that should change."""
    return [
        RecipeConflict(
            span=place_of(tree, field) or tree.span,
            what=what,
            reason=reason,
            instead=instead,
        )
        for field, what, reason, instead in (
            *_of_fields(recipe),
            *_of_data(recipe),
            *_of_order(recipe),
        )
    ]


def _of_fields(recipe: "Recipe") -> Iterator[tuple[str, str, str, str]]:
    if recipe.accumulate > recipe.batch_size:
        what = "more parts than samples in a batch"
        reason = f"a batch has {recipe.batch_size} samples"
        instead = "`batch_size` counts a whole step's samples"
        yield "accumulate", what, reason, instead
    if recipe.mix and not isinstance(recipe.task, Classification):
        what = f"`mix` blends class labels, and {recipe.task.type_name} has none"
        yield "mix", what, "only for classification", "leave it out"
    if isinstance(recipe.task, Classification) and recipe.task.trains_nothing:
        what = "no output has a loss: every weight is 0"
        instead = "leave `losses` out: the first output counts"
        yield "task.losses", what, "all are 0", instead
    if isinstance(recipe.optimizer, Sgd) and recipe.optimizer.lacks_momentum:
        what = "`nesterov` changes a momentum, and there is none"
        instead = "add a `momentum`, such as 0.9"
        yield "optimizer.nesterov", what, "needs a `momentum`", instead
    if recipe.optimizer.form == "fused" and not recipe.optimizer.fusible:
        what = f"{recipe.optimizer.type_name} has no fused form"
        yield "optimizer.form", what, "found `fused`", "leave `form` out"


def _of_data(recipe: "Recipe") -> Iterator[tuple[str, str, str, str]]:
    """Tasks and transforms that are for another kind of data."""
    source, task = recipe.data.type_name, recipe.task.type_name
    tokens = isinstance(recipe.data, Text)
    if isinstance(recipe.task, LanguageModelling) and not tokens:
        what = f"`{task}` foretells tokens, and `{source}` has images"
        yield "task", what, "only for `text`", "take `data: text`, or another task"
    elif tokens and not isinstance(recipe.task, LanguageModelling):
        what = f"`{source}` has tokens, and {task} is for images"
        instead = "write `task: language_modelling`, or take other data"
        yield "data", what, "only for language modelling", instead
    for field in ("train_transforms", "eval_transforms"):
        if tokens and getattr(recipe, field):
            what = f"transforms change images, and `{source}` has tokens"
            yield field, what, "only for images", f"write `{field}: []`"


def _of_order(recipe: "Recipe") -> Iterator[tuple[str, str, str, str]]:
    """Transforms of stored images after those that make other numbers of them."""
    lists = {
        "train_transforms": recipe.train_transforms,
        "eval_transforms": recipe.eval_transforms,
    }
    for field, transforms in lists.items():
        for number, late in enumerate(transforms):
            early = [one for one in transforms[number:] if not one.batched]
            if late.late and early:
                first, then = early[0].type_name, late.type_name
                yield (
                    f"{field}.{number}",
                    f"`{first}` takes stored images, and comes after `{then}`",
                    f"`{then}` gives numbers of another range",
                    f"list `{then}` after `{first}`",
                )
