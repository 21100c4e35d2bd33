"""What the commands share: the options of reading a spec, and printing findings."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from netspec.compiler import network_of
from netspec.diagnostics import Message
from netspec.limits import Limits
from netspec.link import Spec, load
from netspec.network import Network
from netspec.rendering import render
from netspec.spelling import suggest

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a param another value; repeatable.",
)
size_option = click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="SYMBOL=N",
    help="Give a symbol another example size, H=192; repeatable.",
)


def _importable(
    _: click.Context, __: click.Parameter, modules: tuple[str, ...]
) -> tuple[str, ...]:
    """Let what is allowed lie in the working directory, if it is nowhere else."""
    if modules and "" not in sys.path:
        sys.path.append("")
    return modules


allow_python_option = click.option(
    "--allow-python",
    "allowed",
    multiple=True,
    metavar="MODULE",
    callback=_importable,
    help="Run `python:` types from this module; repeatable.",
)
root_option = click.option(
    "--root",
    metavar="DIR",
    help="The folder that imports must stay inside.",
)


def _limits(_: click.Context, __: click.Parameter, pairs: Sequence[str]) -> Limits:
    """`--limit nodes=500000` as limits. Raises click.UsageError."""
    found = {}
    for name, text in split_pairs(pairs, "--limit").items():
        if name not in Limits.fields:
            close = suggest(name, Limits.fields)
            known = f"did you mean '{close}'?" if close else ", ".join(Limits.fields)
            raise click.UsageError(f"there is no limit '{name}'; {known}")
        if not is_number(text) or len(text) > 18:
            raise click.UsageError(f"--limit takes an integer, and got '{name}={text}'")
        found[name] = int(text)
    return Limits(**found)


limit_option = click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=N",
    callback=_limits,
    help="Raise a limit on what is accepted, nodes=500000; repeatable.",
)


class Reading(NamedTuple):
    """How a command reads specs, as its options say."""

    root: str | None
    limits: Limits
    sizes: dict[str, int]
    settings: dict[str, Any]
    allow_python: tuple[str, ...]

    def load(self, path: str) -> Spec:
        """Read and link a spec. Raises SpecError."""
        return load(path, root=self.root, limits=self.limits)

    def compile(self, spec: str | Spec, **params: Any) -> Network:
        """Compile a spec; `params` win over those of `--set`. Raises SpecError."""
        linked = spec if isinstance(spec, Spec) else self.load(spec)
        settings = {**self.settings, **params}
        return network_of(linked, settings, self.sizes, self.limits, self.allow_python)


def reads_specs(*, settings: bool = True, python: bool = False) -> Callable[..., Any]:
    """Add the options of a command that reads specs; it gets them as `reading`.

    `python` is for commands that make a module, `settings` for those of one spec.
    """
    options = [
        *([allow_python_option] if python else []),
        *([set_option] if settings else []),
        size_option,
        root_option,
        limit_option,
    ]

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(*arguments: Any, **given: Any) -> Any:
            reading = Reading(
                root=given.pop("root"),
                limits=given.pop("limits"),
                sizes=sizes_of(given.pop("sizes")),
                settings=read_settings(given.pop("settings", ())),
                allow_python=given.pop("allowed", ()),
            )
            return function(*arguments, reading=reading, **given)

        for option in reversed(options):
            command = option(command)
        return command

    return add


def read_settings(settings: Sequence[str]) -> dict[str, Any]:
    """The values of `--set name=value`, to be typed by the spec's params."""
    from netspec.elaborate import text_tree

    return {
        name: text_tree(name, text)
        for name, text in split_pairs(settings, "--set").items()
    }


def sizes_of(sizes: Sequence[str]) -> dict[str, int]:
    """The example sizes of `--size H=192`. Raises click.UsageError."""
    found = {}
    for name, text in split_pairs(sizes, "--size").items():
        if not is_number(text) or not 0 < int(text) < 2**31:
            raise click.UsageError(
                f"--size takes a positive integer, and got '{name}={text}'"
            )
        found[name] = int(text)
    return found


def is_number(text: str) -> bool:
    """Whether a text is a plain integer, in the digits that specs have."""
    return text.isascii() and text.isdecimal()


def split_pairs(pairs: Sequence[str], option: str) -> dict[str, str]:
    """`("a=1", "b=2")` as a dict. Raises click.UsageError for one without `=`."""
    found = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise click.UsageError(f"{option} takes NAME=VALUE, and got '{pair}'")
        found[name.strip()] = value
    return found


def use_color(stream: Any) -> bool:
    """Whether a stream is a terminal whose user has not set NO_COLOR."""
    return stream.isatty() and "NO_COLOR" not in os.environ


def report(findings: Sequence[Message], option: str | None = None) -> None:
    """Print findings to standard error; `option` is the one that shows all."""
    if findings:
        color = use_color(sys.stderr)
        click.echo(render(findings, color=color, option=option), err=True)


def write_text(path: str, text: str) -> None:
    """Write a file, or standard output for `-`; a failure is a click error."""
    write_bytes(path, text.encode())


def write_bytes(path: str, data: bytes) -> None:
    """Write a file, or standard output for `-`."""
    if path == "-":
        guard(lambda: _print(data), "to standard output")
    else:
        guard(lambda: Path(path).write_bytes(data), path)


def _print(data: bytes) -> None:
    if sys.stdout is None:  # the caller has closed it
        raise OSError(errno.EBADF, "it is closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except OSError:
        sys.stdout = None  # else Python would try it again as it ends
        raise


def guard(action: Callable[[], Any], path: str) -> Any:
    """Run a file action; an OSError becomes a sentence."""
    try:
        return action()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from None
