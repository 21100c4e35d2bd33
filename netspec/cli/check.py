"""`netspec check`: shapes, parameters and findings, without torch."""

import json
import sys
from typing import Any

import click

from netspec.cli.common import Reading, reads_specs, report
from netspec.counts import counted
from netspec.diagnostics import Finding, SpecError
from netspec.network import Network
from netspec.rendering import render_github


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...", type=click.Path())
@reads_specs()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How findings are printed; `github` annotates the lines of a pull request.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
def command(
    specs: tuple[str, ...],
    reading: Reading,
    form: str,
    as_json: bool,
    strict: bool,
) -> None:
    """Check specs.

    Prints a line each, or what is wrong with them; `-` is standard input. The exit
    status is 0 if all are well, 1 if not, 2 for a wrong call.
    """
    form = "json" if as_json else form
    results = []
    for path in specs:
        network, findings = _check(path, reading)
        ok = network is not None and not (strict and findings)
        results.append(_as_json(path, network, findings) | {"ok": ok})
        if form == "github" and findings:
            click.echo(render_github(findings))
        elif form == "text":
            report(findings, "--json")
        if form != "json" and network is not None:
            click.echo(line(path, network) if ok else _refused(path, findings))
    if form == "json":
        click.echo(json.dumps(results, indent=2))
    sys.exit(0 if all(result["ok"] for result in results) else 1)


def _check(path: str, reading: Reading) -> tuple[Network | None, tuple[Finding, ...]]:
    try:
        network = reading.compile(path)
    except SpecError as error:
        return None, error.findings
    return network, network.warnings


def line(path: str, network: Network) -> str:
    """What a network is, in one line."""
    named = len(network.outputs) > 1
    shapes = ", ".join(
        f"{f'{name} ' if named else ''}[{', '.join(map(str, shape))}]"
        for name, shape in network.outputs.items()
    )
    macs = f"{counted(network.macs, 'MACs')}, " if network.macs else ""
    needs = ", ".join(map(str, network.constraints))
    tail = f"  (needs {needs})" if needs else ""
    return f"{path}: ok, {network.parameters:,} parameters, {macs}-> {shapes}{tail}"


def _refused(path: str, findings: tuple[Finding, ...]) -> str:
    plural = "s" if len(findings) > 1 else ""
    return f"{path}: refused for {len(findings)} warning{plural}, as --strict asks"


def _as_json(
    path: str, network: Network | None, findings: tuple[Finding, ...]
) -> dict[str, Any]:
    result: dict[str, Any] = {"spec": path}
    if network is not None:
        outputs = network.outputs.items()
        result |= {
            "name": network.name,
            "parameters": network.parameters,
            "macs": network.macs,
            "outputs": {name: [_size(s) for s in shape] for name, shape in outputs},
            "constraints": [str(constraint) for constraint in network.constraints],
        }
    return result | {"findings": [finding.to_json() for finding in findings]}


def _size(size: Any) -> int | str:
    return size if isinstance(size, int) else str(size)
