"""`netspec eval`: score a run's weights on its held-out data."""

import json
from pathlib import Path
from typing import Any

import click

from netspec.cli.common import allow_python_option, limit_option
from netspec.limits import Limits


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--weights", help="A file instead of the run's best.safetensors.")
@click.option("--device", help="cpu, cuda or cuda:N; by default CUDA if there is one.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object.")
@allow_python_option
@limit_option
def command(
    run: Path,
    weights: str | None,
    device: str | None,
    as_json: bool,
    allowed: tuple[str, ...],
    limits: Limits,
) -> None:
    """Score a run's weights.

    Prints metrics on the held-out data, the share of each class, and the commonest
    mistakes.
    """
    from netspec.train.inference import score

    found = score(run, weights, device, limits, allowed)
    click.echo(json.dumps(found, indent=1) if as_json else _table(found))


def _table(found: dict[str, Any]) -> str:
    lines = [f"{name:<12} {value:.4f}" for name, value in found["metrics"].items()]
    if "per_class" in found:
        lines.append("accuracy by class:")
    for name, share in found.get("per_class", {}).items():
        lines.append(f"  {name:<18} {share:.4f}")
    if found.get("confused"):
        lines.append("mistakes, the most frequent first:")
    for count, true, taken in found.get("confused", []):
        images = "image" if count == 1 else "images"
        lines.append(f"  {true} read as {taken}: {count} {images}")
    lines += [f"left out, unreadable: {text}" for text in found.get("unreadable", [])]
    return "\n".join(lines)
