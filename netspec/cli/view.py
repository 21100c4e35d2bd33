"""`netspec view`: the interactive page in a browser, redrawn when the spec is saved."""

import webbrowser

import click

from netspec.cli.common import Reading, reads_specs
from netspec.draw.options import Options
from netspec.draw.server import Server
from netspec.draw.watch import Watched
from netspec.graph import Elaborated
from netspec.source import load


@click.command()
@click.argument("spec", type=click.Path())
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="By default any free one."
)
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
@click.option(
    "--theme", default="light", metavar="NAME", help="light, dark, or a file."
)
@reads_specs()
def command(
    spec: str,
    port: int,
    no_browser: bool,
    theme: str,
    reading: Reading,
) -> None:
    """Show a spec and its network side by side, as it is edited, on this machine."""
    if spec == "-":
        raise click.UsageError("view needs a file that it can read again")
    load(spec, reading.limits)  # a wrong spec is shown, one that is not there is not

    def read() -> Elaborated:
        return reading.compile(spec).elaborated

    watched = Watched(spec, read, Options.of({"theme": theme}), reading.limits)
    serve(_bound(watched, port), open_browser=not no_browser)


def _bound(watched: Watched, port: int) -> Server:
    try:
        return Server(watched, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.ClickException(f"cannot use port {port}: {reason}") from None


def serve(server: Server, *, open_browser: bool) -> None:
    """Serve until interrupted."""
    click.echo(f"{server.url}  (Ctrl-C ends)")
    if open_browser:
        webbrowser.open(server.url)
    with server:
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            click.echo("")
        finally:
            server.stopping.set()
