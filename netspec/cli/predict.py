"""`netspec predict`: the likeliest classes of images."""

import json
import sys
from pathlib import Path

import click

from netspec.cli.common import allow_python_option, limit_option, report
from netspec.limits import Limits


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True)
@click.option("--top", type=click.IntRange(1), default=5, show_default=True)
@click.option("--weights", help="A file instead of the run's best.safetensors.")
@click.option("--device", help="cpu, cuda or cuda:N; by default CUDA if there is one.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@allow_python_option
@limit_option
def command(
    run: Path,
    images: tuple[str, ...],
    top: int,
    weights: str | None,
    device: str | None,
    as_json: bool,
    allowed: tuple[str, ...],
    limits: Limits,
) -> None:
    """Classify images with a run.

    Names what the RUN's network sees in IMAGES: files, or folders of them.

    One that cannot be used is named, and the exit status is 1 in the end.
    """
    from netspec.errors.training import ImageUnreadable
    from netspec.train.inference import predict

    bad = False
    for path, classes in predict(run, images, top, weights, device, limits, allowed):
        if isinstance(classes, ImageUnreadable):
            bad = True
            report([classes])
        elif as_json:
            click.echo(json.dumps({"image": path, "classes": dict(classes)}))
        else:
            shown = "  ".join(f"{name} {share:.1%}" for name, share in classes)
            click.echo(f"{path}: {shown}")
    if bad:
        sys.exit(1)
