"""`netspec check`: shapes, parameters and findings, without torch."""

import json
import sys
from typing import Any

import click

from netspec.cli.common import (
    read_settings,
    report,
    root_option,
    set_option,
    size_option,
    sizes_of,
)
from netspec.compiler import compile
from netspec.diagnostics import Finding, SpecError
from netspec.link import load
from netspec.network import Network
from netspec.summary import count


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@set_option
@size_option
@root_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print results and findings as JSON."
)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
def command(
    specs: tuple[str, ...],
    settings: tuple[str, ...],
    sizes: tuple[str, ...],
    root: str | None,
    as_json: bool,
    strict: bool,
) -> None:
    """Check specs: one line each, or what is wrong with them. `-` reads standard input."""
    results = []
    failed = False
    for path in specs:
        network, findings = _check(path, settings, sizes, root)
        failed = failed or network is None or (strict and bool(findings))
        results.append(_as_json(path, network, findings))
        if not as_json:
            report(findings)
            if network is not None:
                click.echo(line(path, network))
    if as_json:
        click.echo(json.dumps(results, indent=2))
    sys.exit(1 if failed else 0)


def _check(
    path: str, settings: tuple[str, ...], sizes: tuple[str, ...], root: str | None
) -> tuple[Network | None, tuple[Finding, ...]]:
    try:
        spec = load(path, root=root)
        network = compile(spec, sizes=sizes_of(sizes), **read_settings(settings))
    except SpecError as error:
        return None, error.findings
    return network, network.warnings


def line(path: str, network: Network) -> str:
    """What a network is, in one line."""
    shapes = ", ".join(
        f"{name + ' ' if len(network.outputs) > 1 else ''}[{', '.join(map(str, shape))}]"
        for name, shape in network.outputs.items()
    )
    macs = f"{count(network.macs)}MACs, " if network.macs is not None else ""
    needs = (
        f"  (needs {', '.join(map(str, network.constraints))})"
        if network.constraints
        else ""
    )
    return f"{path}: ok, {network.parameters:,} parameters, {macs}-> {shapes}{needs}"


def _as_json(
    path: str, network: Network | None, findings: tuple[Finding, ...]
) -> dict[str, Any]:
    result: dict[str, Any] = {"spec": path, "ok": network is not None}
    if network is not None:
        result |= {
            "name": network.name,
            "parameters": network.parameters,
            "macs": network.macs,
            "outputs": {
                n: [_size(s) for s in shape] for n, shape in network.outputs.items()
            },
            "constraints": [str(constraint) for constraint in network.constraints],
        }
    return result | {"findings": [finding.to_json() for finding in findings]}


def _size(size: Any) -> int | str:
    return size if isinstance(size, int) else str(size)
