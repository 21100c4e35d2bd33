"""The command line: one thin file a command, imported only when it is called."""

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from netspec.diagnostics import Finding

COMMANDS = (
    "check",
    "explain",
    "fmt",
    "build",
    "summary",
    "draw",
    "view",
    "diff",
    "train",
    "eval",
    "predict",
    "runs",
    "verify",
    "export",
    "schema",
    "ops",
)


INTERNAL = 70  # EX_SOFTWARE of sysexits.h: the bug is ours
ISSUES = "https://github.com/netspec/netspec/issues"


class _Commands(click.Group):
    """Finds a command in the module of its name: `check` never loads `train`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"netspec.cli.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from netspec.spelling import suggest

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = suggest(args[0], COMMANDS)
            advice = f" Did you mean '{close}'?" if close else ""
            raise click.UsageError(error.message + advice, ctx) from None


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"netspec {version('netspec')}")
        ctx.exit()


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version
)
def main() -> None:
    """Networks as YAML: check, build, draw and train them."""


def run(args: list[str] | None = None) -> Any:
    """Run the command line; what goes wrong is said in words, never as a traceback."""
    for name, mode in (("stdin", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the caller has closed it
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
    gc.set_threshold(50_000)  # what a compiler makes mostly stays
    try:
        return main(args, standalone_mode=True)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        sys.exit(_failed(error))


def _failed(error: Exception) -> int:
    """Say what went wrong; the exit status."""
    from netspec.cli.common import report
    from netspec.diagnostics import SpecError
    from netspec.failures import CodedError

    finding = in_forward(error)
    match error:
        case SpecError():
            report(error.findings)
        case CodedError():
            report([error])
        case _ if finding is not None:
            report([finding])
        case OSError():
            sys.stdout = None  # if it is what failed: Python would try it again
            where = f" {error.filename}" if error.filename else ""
            click.echo(f"Error: the system refuses{where}: {error.strerror}", err=True)
        case _:
            click.echo(internal_error(error), err=True)
            return INTERNAL
    return 1


def in_forward(error: BaseException) -> "Finding | None":
    """What failed inside a network that was run; None if none was."""
    places = sys.modules.get("netspec.emit.places")
    found: Finding | None = places.failure(error) if places is not None else None
    return found


def internal_error(error: Exception) -> str:
    """A bug of netspec's own, said with what its makers need to know."""
    import traceback
    from importlib.metadata import version

    calls = list(traceback.extract_tb(error.__traceback__))
    own = [call for call in calls if f"{_PACKAGE}/" in call.filename] or calls
    place = own[-1].filename.rpartition(f"{_PACKAGE}/")[2]
    said = f"{type(error).__name__}: {error}".strip().split("\n")[0][:200]
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"internal error: {said}\n"
        f"  stage: {place}:{own[-1].lineno}\n"
        f"  netspec {version('netspec')}, Python {python}, {sys.platform}\n"
        "This is a bug in netspec, not in your spec. Please report it, with these "
        f"lines and the spec, at {ISSUES}"
    )


_PACKAGE = __name__.partition(".")[0]
