"""`netspec summary`: the table of a network's nodes."""

import json

import click

from netspec.cli.common import (
    limit_option,
    read_settings,
    report,
    root_option,
    set_option,
    size_option,
    sizes_of,
)
from netspec.compiler import compile
from netspec.limits import Limits
from netspec.link import load
from netspec.summary import rows


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "--depth", type=click.IntRange(1), help="How many levels of blocks to show."
)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@set_option
@size_option
@root_option
@limit_option
def command(
    spec: str,
    depth: int | None,
    as_json: bool,
    settings: tuple[str, ...],
    sizes: tuple[str, ...],
    root: str | None,
    limits: Limits,
) -> None:
    """Show a network's nodes with output shapes, parameters and multiply-adds."""
    network = compile(
        load(spec, root=root, limits=limits),
        sizes=sizes_of(sizes),
        limits=limits,
        **read_settings(settings),
    )
    report(network.warnings)
    if as_json:
        click.echo(json.dumps(list(rows(network.elaborated, depth)), indent=2))
    else:
        click.echo(network.summary(depth), nl=False)
