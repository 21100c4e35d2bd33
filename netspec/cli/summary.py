"""`netspec summary`: the table of a network's nodes."""

import json

import click

from netspec.cli.common import Reading, reads_specs, report
from netspec.summary import rows


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "--depth", type=click.IntRange(1), help="How many levels of blocks to show."
)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@reads_specs()
def command(
    spec: str,
    depth: int | None,
    as_json: bool,
    reading: Reading,
) -> None:
    """List a network's nodes, shapes and cost."""
    network = reading.compile(spec)
    report(network.warnings)
    if as_json:
        click.echo(json.dumps(list(rows(network.elaborated, depth)), indent=2))
    else:
        click.echo(network.summary(depth), nl=False)
