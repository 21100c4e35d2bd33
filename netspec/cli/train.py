"""`netspec train`: a spec and a recipe to trained weights."""

import sys
from pathlib import Path
from typing import Any

import click

from netspec.cli.common import allow_python_option, limit_option, split_pairs
from netspec.limits import DEFAULT


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--recipe", required=True, help="The recipe, a YAML file.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Give a field of the recipe another value, optimizer.lr=0.1; repeatable.",
)
@click.option(
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a param of the spec another value; repeatable.",
)
@click.option("--device", help="cpu, cuda or cuda:N; by default CUDA if there is one.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder.")
@click.option("--resume", is_flag=True, help="Go on with what is in --out, or start.")
@click.option("--allow-change", is_flag=True, help="Resume although something changed.")
@click.option("--nproc", type=click.IntRange(1), help="Processes on this machine.")
@click.option(
    "--restarts",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How often processes that failed are started again, with --nproc.",
)
@click.option("--dry-run", is_flag=True, help="Measure a few steps and train nothing.")
@click.option("--find-lr", is_flag=True, help="Look for a learning rate instead.")
@click.option("--overfit", type=click.IntRange(1), help="Train on N samples only.")
@click.option("--quiet", is_flag=True, help="Show nothing but errors.")
@allow_python_option
@limit_option
def command(**options: Any) -> None:
    """Train SPEC as a recipe says."""
    from netspec.cli import in_forward, internal_error
    from netspec.diagnostics import SpecError
    from netspec.failures import CodedError
    from netspec.train.launch import is_child, leave, leave_cause

    if options["nproc"] and (options["dry_run"] or options["find_lr"]):
        asked = "--dry-run" if options["dry_run"] else "--find-lr"
        raise click.UsageError(f"{asked} runs in one process: leave out --nproc")
    try:
        recipe = _recipe(options)
        status = _launch(options) if options["nproc"] else _train(options, recipe)
    except Exception as error:
        if not is_child():
            raise
        finding = in_forward(error)
        error = SpecError(finding) if finding is not None else error
        known = isinstance(error, CodedError | SpecError)
        # The agent says it, once for all processes.
        leave_cause(str(error) if known else internal_error(error))
        status = 1
    if is_child():
        leave(status)
    sys.exit(status)


def _recipe(options: dict[str, Any]) -> Any:
    from netspec.diagnostics import SpecError
    from netspec.train.networks import meant_params
    from netspec.train.recipe import load_recipe

    settings = split_pairs(options["settings"], "--set")
    try:
        return load_recipe(options["recipe"], settings)
    except SpecError as error:
        told = meant_params(error.findings, options["spec"], settings)
        raise SpecError(*told) from None


def _train(options: dict[str, Any], recipe: Any) -> int:
    from netspec.train.networks import placed_params
    from netspec.train.session import Request, dry_run, find_lr, train

    spec = options["spec"]
    default = Path("runs") / f"{spec.stem}-{Path(options['recipe']).stem}"
    request = Request(
        spec=spec,
        recipe=recipe,
        out=options["out"] or default,
        params=placed_params(recipe, split_pairs(options["params"], "--param")),
        allow_python=options["allowed"],
        **{name: options[name] for name in _PASSED},
    )
    if options["dry_run"]:
        click.echo(_cost(dry_run(request)))
    elif options["find_lr"]:
        click.echo(_rates(find_lr(request)))
    else:
        return train(request)
    return 0


_PASSED = ("device", "resume", "allow_change", "overfit", "quiet", "limits")


def _cost(found: dict[str, Any]) -> str:
    memory = found["memory_bytes"] / 2**20
    return (
        f"parameters  {found['parameters']:,}, of which {found['trained']:,} train\n"
        f"memory      about {memory:,.1f} MiB: weights, moments, average, activations\n"
        f"steps       {found['steps']:,}, {found['steps_per_epoch']:,} an epoch\n"
        f"speed       {found['samples_per_s']:,} samples/s, with reading\n"
        f"time        about {found['seconds']:,} s, without evaluation"
    )


def _rates(found: dict[str, Any]) -> str:
    lines = [f"{rate:10.2e}  {loss:.4f}" for rate, loss in found["points"][::5]]
    best = found["suggestion"]
    said = f"try optimizer.lr={best:.2g}" if best else "the loss fell nowhere"
    return "\n".join(["   rate     loss (smoothed)", *lines, said])


def _launch(options: dict[str, Any]) -> int:
    """Start this very command in several processes, less the options meant for us."""
    from netspec.train.launch import launch

    arguments = [str(options["spec"]), "--recipe", options["recipe"]]
    for name in ("set", "param"):
        for pair in options["settings" if name == "set" else "params"]:
            arguments += [f"--{name}", pair]
    for module in options["allowed"]:
        arguments += ["--allow-python", module]
    for name, value in options["limits"].items():
        if value != getattr(DEFAULT, name):
            arguments += ["--limit", f"{name}={value}"]
    for name in ("device", "out", "overfit"):
        if options[name] is not None:
            arguments += [f"--{name}", str(options[name])]
    for name in ("resume", "allow_change", "quiet"):
        if options[name]:
            arguments.append("--" + name.replace("_", "-"))
    return launch(arguments, options["nproc"], options["restarts"])
