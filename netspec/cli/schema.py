"""`netspec schema`: the JSON Schema that editors complete and check specs by."""

import json

import click

from netspec.cli.common import root_option, write_text
from netspec.link import load
from netspec.schema import schema


@click.command()
@click.argument("spec", required=False, type=click.Path())
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    default="-",
    help="Where to write it.",
)
@click.option("--recipe", is_flag=True, help="The schema of training recipes.")
@root_option
def command(spec: str | None, output: str, recipe: bool, root: str | None) -> None:
    """Print the JSON Schema of specs.

    With SPEC, one that knows its blocks.
    """
    if recipe and spec is not None:
        raise click.UsageError("recipes have one schema: give no SPEC with --recipe")
    if recipe:
        from netspec.train.recipe import recipe_schema

        found = recipe_schema()
    else:
        found = schema(load(spec, root=root) if spec is not None else None)
    write_text(output, json.dumps(found, indent=1) + "\n")
