"""`netspec train`: a spec and a recipe to trained weights."""

import sys
from pathlib import Path
from typing import Any

import click

from netspec.cli.common import split_pairs


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--recipe", required=True, help="The recipe, a YAML file.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Give a field of the recipe another value, optimizer.lr=0.1; repeatable.",
)
@click.option(
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a param of the spec another value; repeatable.",
)
@click.option(
    "--device", help="cpu, cuda or cuda:N; by default CUDA where there is one."
)
@click.option("--out", type=click.Path(path_type=Path), help="The run folder.")
@click.option("--resume", is_flag=True, help="Go on with what is in --out, or start.")
@click.option("--allow-change", is_flag=True, help="Resume although something changed.")
@click.option("--overfit", type=click.IntRange(1), help="Train on N samples only.")
@click.option("--quiet", is_flag=True, help="Show nothing but errors.")
def command(**options: Any) -> None:
    """Train SPEC as a recipe says."""
    from netspec.errors.training import TrainingError
    from netspec.train.recipe import load_recipe

    recipe = load_recipe(options["recipe"], split_pairs(options["settings"], "--set"))
    options["params"] = split_pairs(options["params"], "--param")
    spec = options["spec"]
    options["out"] = options["out"] or Path("runs") / f"{spec.stem}-{_stem(options)}"
    from netspec.train.session import Request, train

    del options["settings"]
    try:
        status = train(Request(**{**options, "recipe": recipe}))
    except TrainingError as error:
        click.echo(error.render(), err=True)
        status = 1
    sys.exit(status)


def _stem(options: dict[str, Any]) -> str:
    return Path(options["recipe"]).stem
