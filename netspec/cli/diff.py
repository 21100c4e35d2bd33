"""`netspec diff`: what turns one network into another, in words or as a picture."""

import json
from pathlib import PurePath

import click

from netspec.cli.common import Reading, reads_specs, write_bytes
from netspec.draw.compare import compare, report
from netspec.draw.options import Options
from netspec.draw.picture import difference


@click.command()
@click.argument("before", type=click.Path())
@click.argument("after", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Draw them: svg, png, pdf, html…",
)
@click.option("--theme", default="light", metavar="NAME", help="As for draw.")
@reads_specs(settings=False)
def command(
    before: str,
    after: str,
    as_json: bool,
    output: str | None,
    theme: str,
    reading: Reading,
) -> None:
    """Compare two specs.

    Tells what differs in nodes, arguments, wires, shapes and cost, and which weights of
    the first the second can take.
    """
    old, new = (reading.compile(path) for path in (before, after))
    found = compare(old, new)
    if output is not None:
        format = PurePath(output).suffix.removeprefix(".").lower() or "svg"
        options = Options.of({"theme": theme})
        picture = difference(old.elaborated, new.elaborated, format, options)
        data = picture.encode() if isinstance(picture, str) else picture
        write_bytes(output, data)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=2))
    elif output != "-":
        click.echo(report(found), nl=False)
