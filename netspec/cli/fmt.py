"""`netspec fmt`: specs in one style, comments and order kept."""

import os
import sys
import tempfile
from pathlib import Path

import click

from netspec import source
from netspec.cli.common import guard, limit_option, report
from netspec.diagnostics import SpecError
from netspec.format import format_text
from netspec.limits import Limits


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...", type=click.Path())
@click.option(
    "--check", is_flag=True, help="Write nothing; exit with 1 if a file would change."
)
@limit_option
def command(specs: tuple[str, ...], check: bool, limits: Limits) -> None:
    """Lay out specs in the one style. `-` reads standard input and prints."""
    results = [_format(path, check, limits) for path in specs]
    sys.exit(0 if all(results) else 1)


def _format(path: str, check: bool, limits: Limits) -> bool:
    """Format one file; False if it is wrong, or would change and may not."""
    try:
        before = source.load(path, limits)
        after = format_text(before.text, before.name, limits)
    except SpecError as error:
        report(error.findings)
        return False
    if path == "-" and not check:
        click.echo(after, nl=False)
    elif before.text != after and check:
        click.echo(f"{path}: would be laid out anew")
    elif before.text != after:
        guard(lambda: _replace(Path(path), after), path)
        click.echo(f"{path}: laid out anew")
    return before.text == after or not check


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, target.stat().st_mode)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
