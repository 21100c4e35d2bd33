"""Runs side by side: the fields in which their recipes differ, and their results."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netspec.errors.training import NotARun
from netspec.train.curves import curves
from netspec.train.folder import RECIPE, read_metrics
from netspec.train.recipe import Recipe, load_recipe
from netspec.train.sections import to_plain

ABSENT: Any = object()  # a field that another run's recipe has


def open_recipe(folder: Path) -> Recipe:
    """The resolved recipe of a run folder. Raises NotARun."""
    need_part(folder, RECIPE)
    return load_recipe(folder / RECIPE)


def need_part(folder: Path, name: str) -> None:
    """Raises NotARun if a run folder lacks a file."""
    if not (folder / name).exists():
        raise NotARun(folder=folder, reason=f"it has no {name}")


def compare(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """A row a run: its folder, what is its own in its recipe, its last and best score.

    Raises NotARun.
    """
    recipes = [open_recipe(folder) for folder in folders]
    flat = [_flat(to_plain(recipe)) for recipe in recipes]
    fields = dict.fromkeys(name for one in flat for name in one)
    differing = [f for f in fields if len({repr(x.get(f, ABSENT)) for x in flat}) > 1]
    return [
        {
            "run": str(folder),
            **{f: one.get(f, ABSENT) for f in differing},
            **_result(folder, recipe),
        }
        for folder, recipe, one in zip(folders, recipes, flat, strict=True)
    ]


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, list) and value:
        value = dict(enumerate(value, 1))
    if not isinstance(value, dict):
        return {path: value}
    found: dict[str, Any] = {}
    for name, item in value.items():
        found |= _flat(item, f"{path}.{name}" if path else name)
    return found


def _result(folder: Path, recipe: Recipe) -> dict[str, Any]:
    score = recipe.task.score
    lines = [x for x in read_metrics(folder) if x.get(score) is not None]
    scored = [line for line in lines if line.get("split") == "heldout"] or lines
    best = max if recipe.task.higher_is_better else min
    return {
        "steps": lines[-1].get("step", 0) if lines else 0,
        "score": score,
        "last": scored[-1][score] if scored else None,
        "best": best((line[score] for line in scored), default=None),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """A run a column and a field a line, in YAML's words; nothing is cut off."""
    lines = [[name, *(_shown(row[name]) for row in rows)] for name in rows[0]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[c.ljust(w) for c, w in zip(x, widths, strict=True)] for x in lines]
    return "\n".join("  ".join(line).rstrip() for line in padded)


def _shown(value: Any) -> str:
    import yaml

    if value is ABSENT:
        return "-"
    if isinstance(value, float):
        return f"{value:.5g}"
    text = yaml.safe_dump(value, default_flow_style=True, width=sys.maxsize)
    return str(text).removesuffix("...\n").strip()


def plot(folders: Sequence[Path]) -> str:
    """The runs' curves in one SVG."""
    score = open_recipe(folders[0]).task.score
    return curves({str(folder): read_metrics(folder) for folder in folders}, score)
