"""`netspec build`: a spec as an `nn.Module`, or as its source."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from netspec.cli.common import Reading, reads_specs, report, write_text
from netspec.compiler import STAGES

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
@click.option(
    "--weights",
    metavar="WEIGHTS",
    help="Load weights: a .safetensors or .pth file, or torchvision:NAME.",
)
@click.option(
    "--allow-head-mismatch",
    "heads",
    multiple=True,
    metavar="NODE",
    help="Leave this node as initialised if its weights do not fit; repeatable.",
)
@reads_specs(python=True)
def command(
    spec: str,
    output: str | None,
    stage: str | None,
    weights: str | None,
    heads: tuple[str, ...],
    reading: Reading,
) -> None:
    """Write a spec as PyTorch code.

    Says stage by stage what was done. Without -o the module is made and let go, which
    tests that it can be.
    """
    if stage is not None:
        if output is not None or weights is not None:
            raise click.UsageError("--stage prints a text: leave out -o and --weights")
        network = reading.compile(spec)
        return click.echo(STAGES[stage](network), nl=False)
    say = _Say(quiet=output == "-")
    linked = say.timed(
        "source",
        lambda: reading.load(spec),
        lambda s: f"{len(s.scope)} blocks in scope",
    )
    network = say.timed(
        "graph",
        lambda: reading.compile(linked),
        lambda n: f"{n.graph.size:,} nodes, {n.parameters:,} parameters",
    )
    found = None
    if weights is not None:
        from netspec.pretrained import find_weights

        found = say.timed(
            "weights",
            lambda: find_weights(weights, network, reading.settings),
            lambda w: w.name,
        )
        if found.params:
            network = reading.compile(linked, **found.params)
            say.line("weights", f"set {_listed(found.params)}, which they need")
    report(network.warnings)
    say.timed(
        "python", network.to_source, lambda text: f"{text.count(chr(10)):,} lines"
    )
    if output is not None:
        write_text(output, network.to_source())
        say.line("wrote", output)
    if output is None or weights is not None:
        module = say.timed("module", network.to_module, lambda m: type(m).__name__)
        if found is not None:
            from netspec.weights import fit

            left = fit(module, found.tensors, found.name, heads)
            say.line("weights", "every key fits" + (" but these:" if left else ""))
            for key in left:
                say.line("", f"{key} is as initialised")
    return None


def _listed(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items())


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
