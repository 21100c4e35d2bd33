"""Runs side by side: the fields in which their recipes differ, and their results."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netspec.errors.training import NotARun
from netspec.train.curves import curves
from netspec.train.folder import RECIPE, read_metrics
from netspec.train.recipe import Recipe, load_recipe
from netspec.train.sections import to_plain


def open_recipe(folder: Path) -> Recipe:
    """The resolved recipe of a run folder. Raises NotARun."""
    if not (folder / RECIPE).exists():
        raise NotARun(folder=folder, reason=f"it has no {RECIPE}")
    return load_recipe(folder / RECIPE)


def compare(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """A row a run: its folder, what is its own in its recipe, its last and best score.

    Raises NotARun.
    """
    recipes = [open_recipe(folder) for folder in folders]
    flat = [_flat(to_plain(recipe)) for recipe in recipes]
    fields = sorted({name for one in flat for name in one})
    differing = [f for f in fields if len({repr(one.get(f)) for one in flat}) > 1]
    return [
        {
            "run": str(folder),
            **{f: one.get(f) for f in differing},
            **_result(folder, recipe),
        }
        for folder, recipe, one in zip(folders, recipes, flat, strict=True)
    ]


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        return {path: value}
    found: dict[str, Any] = {}
    for name, item in value.items():
        found |= _flat(item, f"{path}.{name}" if path else name)
    return found


def _result(folder: Path, recipe: Recipe) -> dict[str, Any]:
    score = recipe.task.score
    lines = [x for x in read_metrics(folder) if x.get(score) is not None]
    scored = [line for line in lines if line["split"] == "heldout"] or lines
    best = max if recipe.task.higher_is_better else min
    return {
        "steps": lines[-1]["step"] if lines else 0,
        "score": score,
        "last": scored[-1][score] if scored else None,
        "best": best((line[score] for line in scored), default=None),
    }


def table(rows: list[dict[str, Any]]) -> None:
    """Print the rows."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(*rows[0], box=None)
    for row in rows:
        shown.add_row(*(_short(value) for value in row.values()))
    Console(soft_wrap=True).print(shown)


def _short(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def plot(folders: Sequence[Path]) -> str:
    """The runs' curves in one SVG."""
    score = open_recipe(folders[0]).task.score
    return curves({str(folder): read_metrics(folder) for folder in folders}, score)
