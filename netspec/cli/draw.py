"""`netspec draw`: a picture of a network, straight from its spec."""

from pathlib import PurePath
from typing import Any

import click

from netspec.cli.common import (
    read_settings,
    report,
    root_option,
    set_option,
    size_option,
    sizes_of,
    write_bytes,
)
from netspec.compiler import compile
from netspec.draw.options import DIRECTIONS, SHOW
from netspec.link import load


@click.command()
@click.argument("spec")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="The file to write; its suffix is the format.",
)
@click.option(
    "-T", "--format", help="The format, where the file's suffix does not say."
)
@click.option(
    "--depth", type=click.IntRange(0), help="How many levels of blocks to open."
)
@click.option(
    "--expand", multiple=True, metavar="PATH", help="Open this block; repeatable."
)
@click.option(
    "--collapse", multiple=True, metavar="PATH", help="Close this block; repeatable."
)
@click.option("--unfold", is_flag=True, help="Draw equal neighbours one by one.")
@click.option(
    "--direction", type=click.Choice(DIRECTIONS, case_sensitive=False), default="TB"
)
@click.option("--show", metavar="WORDS", help=f"What to show, of {','.join(SHOW)}.")
@click.option("--title", help="The title, by default the network's name; '' for none.")
@click.option(
    "--dpi", type=click.IntRange(36, 1200), default=192, help="Resolution of a PNG."
)
@set_option
@size_option
@root_option
def command(
    spec: str,
    output: str | None,
    format: str | None,
    show: str | None,
    settings: tuple[str, ...],
    sizes: tuple[str, ...],
    root: str | None,
    **options: Any,
) -> None:
    """Draw a network as SVG, PNG, PDF or DOT; without -o, SPEC's name with .svg."""
    network = compile(
        load(spec, root=root), sizes=sizes_of(sizes), **read_settings(settings)
    )
    report(network.warnings)
    output = output or f"{network.name}.{format or 'svg'}"
    format = format or PurePath(output).suffix.removeprefix(".").lower() or "svg"
    if show is not None:
        options["show"] = tuple(show.replace(",", " ").split())
    picture = network.draw(format, **options)
    write_bytes(output, picture.encode() if isinstance(picture, str) else picture)
    if output != "-":
        click.echo(f"wrote {output}")
