"""`netspec verify`: a spec against a module that it must equal."""

import sys

import click

from netspec.cli.common import Reading, reads_specs, report


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "--against",
    required=True,
    metavar="REFERENCE",
    help="torchvision:NAME, python:MODULE:FACTORY or a .pt2 file.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="How far numbers may differ, relative to the largest of a tensor.",
)
@reads_specs(python=True)
def command(
    spec: str,
    against: str,
    tolerance: float,
    reading: Reading,
) -> None:
    """Check that a spec equals another module.

    Compares keys, shapes, outputs and gradients, in evaluation and in training.
    """
    network = reading.compile(spec)
    report(network.warnings)
    from netspec.references import find
    from netspec.verify import verify

    verdict = verify(network, find(against), tolerance=tolerance)
    click.echo(str(verdict))
    answer = "is" if verdict.passed else "is not"
    click.echo(f"{spec} {answer} {against}")
    sys.exit(0 if verdict.passed else 1)
