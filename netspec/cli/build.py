"""`netspec build`: a spec as an `nn.Module`, or as its source."""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import click

from netspec.cli.common import (
    limit_option,
    read_settings,
    report,
    root_option,
    set_option,
    size_option,
    sizes_of,
    write_text,
)
from netspec.compiler import STAGES, compile
from netspec.limits import Limits
from netspec.link import load

T = TypeVar("T")


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Write the source here; - prints it.",
)
@click.option(
    "--stage", type=click.Choice(list(STAGES)), help="Print this stage's text."
)
@click.option("--weights", metavar="FILE", help="Load weights: .safetensors or .pth.")
@set_option
@size_option
@root_option
@limit_option
def command(
    spec: str,
    output: str | None,
    stage: str | None,
    weights: str | None,
    settings: tuple[str, ...],
    sizes: tuple[str, ...],
    root: str | None,
    limits: Limits,
) -> None:
    """Compile a spec to PyTorch, and report stage by stage what was done."""
    given = {"sizes": sizes_of(sizes), "limits": limits, **read_settings(settings)}
    if stage is not None:
        network = compile(load(spec, root=root, limits=limits), **given)
        return click.echo(STAGES[stage](network), nl=False)
    say = _Say(quiet=output == "-")
    linked = say.timed(
        "source",
        lambda: load(spec, root=root, limits=limits),
        lambda s: f"{len(s.scope)} blocks in scope",
    )
    network = say.timed(
        "graph",
        lambda: compile(linked, **given),
        lambda n: f"{n.graph.size:,} nodes, {n.parameters:,} parameters",
    )
    report(network.warnings)
    say.timed(
        "python", network.to_source, lambda text: f"{text.count(chr(10)):,} lines"
    )
    if output is not None:
        write_text(output, network.to_source())
        say.line("wrote", output)
    if output is None or weights is not None:
        module = say.timed("module", network.to_module, lambda m: type(m).__name__)
        if weights is not None:
            from netspec.weights import WeightsError, load_weights

            try:
                load_weights(module, weights)
            except WeightsError as error:
                raise click.ClickException(str(error)) from None
            say.line("weights", f"{weights}: every key fits")
    return None


class _Say:
    """Reports each stage on standard error."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def line(self, stage: str, text: str) -> None:
        if not self.quiet:
            click.echo(f"{stage:>8}  {text}", err=True)

    def timed(
        self, stage: str, action: Callable[[], T], describe: Callable[[T], str]
    ) -> T:
        start = time.perf_counter()
        result = action()
        milliseconds = 1000 * (time.perf_counter() - start)
        self.line(stage, f"{describe(result)}  ({milliseconds:.0f} ms)")
        sys.stderr.flush()
        return result
