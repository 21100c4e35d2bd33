"""`netspec draw`: a picture of a network, straight from its spec."""

from pathlib import Path, PurePath
from typing import Any

import click

from netspec.cli.common import Reading, reads_specs, report, write_bytes
from netspec.draw import FORMATS, asked
from netspec.draw.options import DIRECTIONS, HEATS, SHOW


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="The file to write, `-` for standard output.",
)
@click.option(
    "-T",
    "--format",
    metavar="FORMAT",
    help=f"One of {', '.join(FORMATS)}; by default the file's suffix.",
)
@click.option("--depth", type=click.IntRange(0), help="Open so many levels of blocks.")
@click.option("--expand", multiple=True, metavar="PATH", help="Open this block.")
@click.option("--collapse", multiple=True, metavar="PATH", help="Close this block.")
@click.option(
    "--beside", multiple=True, metavar="PATH", help="Draw this block open at the side."
)
@click.option("--unfold", is_flag=True, help="Draw equal neighbours one by one.")
@click.option("--block", metavar="NAME", help="Draw a block's own diagram.")
@click.option("--focus", metavar="PATH", help="Draw only what is near this node.")
@click.option(
    "--radius", type=click.IntRange(0), default=2, help="How near, in edges; 2."
)
@click.option(
    "--direction",
    type=click.Choice(DIRECTIONS, case_sensitive=False),
    default="TB",
    help="Top to bottom, or left to right.",
)
@click.option(
    "--theme", default="light", metavar="NAME", help="light, dark, print, or a file."
)
@click.option("--heat", type=click.Choice(HEATS), help="Colour by cost.")
@click.option("--show", metavar="WORDS", help=f"What to show, of {','.join(SHOW)}.")
@click.option("--title", help="The title; '' for none.")
@click.option(
    "--link", metavar="ADDRESS", help="What nodes link to, over {path} and {line}."
)
@click.option("--dpi", type=click.IntRange(36, 1200), help="Resolution of a PNG; 192.")
@reads_specs()
def command(
    spec: str,
    output: str | None,
    format: str | None,
    show: str | None,
    reading: Reading,
    **options: Any,
) -> None:
    """Draw a network.

    It is drawn straight from its spec; without -o, to the file's name with .svg.
    """
    format = format or _format_of(output or "")
    network = reading.compile(spec)
    report(network.warnings)
    output = _beside(spec, format) if output is None else output
    given = {name: value for name, value in options.items() if value is not None}
    if show is not None:
        given["show"] = tuple(show.replace(",", " ").split())
    picture = network.draw(format, **given)
    data = picture.encode() if isinstance(picture, str) else picture
    write_bytes(output, data)
    if output != "-":
        click.echo(f"wrote {output}")


def _format_of(output: str) -> str:
    """The format that a file's suffix names. Raises SpecError for any other suffix."""
    suffix = PurePath(output).suffix.removeprefix(".")
    if not suffix:
        return "svg"
    span = asked.suffix(output, suffix)
    return asked.choose("format", suffix.lower(), FORMATS, span=span)


def _beside(spec: str, suffix: str) -> str:
    """The name of the spec's own file: what a spec says of itself names no file."""
    name = f"{PurePath(spec).stem}.{suffix}"
    if spec == "-" or Path(name).is_symlink():
        reason = "standard input has no name" if spec == "-" else f"{name} is a link"
        raise click.UsageError(f"name the file to write by -o: {reason}")
    return name
