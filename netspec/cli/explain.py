"""`netspec explain`: what a code means, with a wrong and a right example."""

import click

from netspec.diagnostics import suggest
from netspec.explain import explanations, page


@click.command()
@click.argument("code", required=False)
@click.option("--all", "everything", is_flag=True, help="Print every code as Markdown.")
def command(code: str | None, everything: bool) -> None:
    """Explain a code such as NS0508; without one, list them all."""
    known = explanations()
    if everything:
        click.echo(page(), nl=False)
    elif code is None:
        for entry in known.values():
            click.echo(f"{entry.code}  {entry.message}")
    elif code.upper() in known:
        click.echo(known[code.upper()], nl=False)
    else:
        close = suggest(code.upper(), known)
        hint = f"; did you mean {close}?" if close else ""
        raise click.UsageError(f"there is no code '{code}'{hint}")
