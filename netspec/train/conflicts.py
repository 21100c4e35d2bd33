"""Values of a recipe that are right each alone and wrong together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netspec.diagnostics import Finding, Span
from netspec.errors.recipe import RecipeConflict
from netspec.source import Mapping, Sequence
from netspec.train.tasks.classification import Classification

if TYPE_CHECKING:
    from netspec.train.recipe import Recipe


def conflicts(recipe: "Recipe", tree: Mapping) -> list[Finding]:
    """Every conflict, at the field or the item of a list that should change."""
    return [*_of_fields(recipe, tree), *_of_order(recipe, tree)]


def _of_fields(recipe: "Recipe", tree: Mapping) -> Iterator[Finding]:
    def conflict(field: str, what: str, reason: str, instead: str) -> Finding:
        span = tree.entries[field].key.span
        return RecipeConflict(span=span, what=what, reason=reason, instead=instead)

    if recipe.accumulate > recipe.batch_size:
        what = "more parts than samples in a batch"
        reason = f"a batch has {recipe.batch_size} samples"
        instead = "`batch_size` counts a whole step's samples"
        yield conflict("accumulate", what, reason, instead)
    if recipe.mix and not isinstance(recipe.task, Classification):
        what = f"`mix` blends class labels, and {recipe.task.type_name} has none"
        yield conflict("mix", what, "only for classification", "leave it out")
    if isinstance(recipe.task, Classification) and recipe.task.trains_nothing:
        what = "no output has a loss: every weight is 0"
        instead = "leave `losses` out: the first output counts"
        yield conflict("task", what, "`losses` here", instead)
    if recipe.optimizer.form == "fused" and not recipe.optimizer.fusible:
        what = f"{recipe.optimizer.type_name} has no fused form"
        yield conflict("optimizer", what, "`form: fused` here", "leave `form` out")


def _of_order(recipe: "Recipe", tree: Mapping) -> Iterator[Finding]:
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
                yield RecipeConflict(
                    span=_item(tree, field, number),
                    what=f"`{first}` takes stored images, and comes after `{then}`",
                    reason=f"`{then}` gives numbers of another range",
                    instead=f"list `{then}` after `{first}`",
                )


def _item(tree: Mapping, field: str, number: int) -> Span:
    value = tree.entries[field].value
    assert isinstance(value, Sequence)
    return value.items[number].span
