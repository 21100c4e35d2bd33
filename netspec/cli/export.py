"""`netspec export`: a network as an ONNX or a torch.export file."""

import click

from netspec.cli.common import Reading, reads_specs, report


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(),
    help="Where to write: FILE.onnx or FILE.pt2.",
)
@click.option(
    "--weights",
    metavar="FILE",
    help="Load weights first: a .safetensors or .pth file, or torchvision:NAME.",
)
@reads_specs(python=True)
def command(
    spec: str,
    output: str,
    weights: str | None,
    reading: Reading,
) -> None:
    """Export a network to ONNX or .pt2.

    The file is its inference; it is run to see that it is right.
    """
    linked = reading.load(spec)
    network = reading.compile(linked)
    report(network.warnings)
    from netspec.export import export
    from netspec.pretrained import find_weights
    from netspec.weights import fit

    module = None
    if weights is not None:
        found = find_weights(weights, network, reading.settings)
        network = reading.compile(linked, **found.params)
        module = network.to_module()
        fit(module, found.tensors, found.name)
    difference, fixed = export(network, output, module)
    within = "gives the very same" if not difference else f"is within {difference:.1g}"
    for size in fixed:
        click.echo(f"{output}: {size}, and may not change", err=True)
    click.echo(f"{output}: read back and run, it {within}")
