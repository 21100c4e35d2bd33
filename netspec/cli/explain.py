"""`netspec explain`: what a code means, with a wrong and a right example."""

import re

import click

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
    elif (full := _full(code)) in known:
        click.echo(known[full], nl=False)
    else:
        raise click.UsageError(f"there is no code '{code}'; `netspec explain` has all")


def _full(code: str) -> str:
    """`508` and `ns508` as NS0508."""
    number = re.fullmatch(r"(?:NS)?(\d{1,4})", code, re.ASCII | re.IGNORECASE)
    return f"NS{int(number[1]):04}" if number else code
