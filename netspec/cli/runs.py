"""`netspec runs`: several runs side by side."""

from pathlib import Path

import click

from netspec.cli.common import write_text


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The table as JSON.")
@click.option("-o", "--output", help="Also draw all curves into one SVG file.")
def command(folders: tuple[Path, ...], as_json: bool, output: str | None) -> None:
    """Compare runs.

    Prints what differs in the recipes of the runs in FOLDERS, and what came out.
    """
    import json

    from netspec.train.comparison import ABSENT, compare, plot, table

    rows = compare(folders)
    if as_json:
        known = [{k: v for k, v in row.items() if v is not ABSENT} for row in rows]
        click.echo(json.dumps(known, indent=1))
    else:
        click.echo(table(rows))
    if output:
        write_text(output, plot(folders))
        click.echo(f"wrote {output}", err=as_json)
