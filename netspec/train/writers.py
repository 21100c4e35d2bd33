"""TensorBoard and Weights & Biases: further places that metrics lines go."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.errors.training import CannotReport, NeedsExtra

if TYPE_CHECKING:
    from netspec.train.recipe import Recipe

Writer = Callable[[Mapping[str, Any]], None]
_PLACES = ("step", "epoch", "split")


def open_writers(recipe: "Recipe", folder: Path, step: int) -> list[Writer]:
    """The writers a recipe asks for, from a step on.

    Raises NeedsExtra for a missing package.
    """
    writers = []
    if recipe.tensorboard:
        writers.append(_tensorboard(folder / "tensorboard", step))
    if recipe.wandb:
        writers.append(_wandb(recipe.wandb, folder))
    return writers


def _numbers(line: Mapping[str, Any]) -> dict[str, float]:
    split = line["split"]
    return {f"{split}/{k}": v for k, v in line.items() if k not in _PLACES}


def _tensorboard(folder: Path, step: int) -> Writer:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise NeedsExtra(
            field="tensorboard", what="`tensorboard: true`", package="tensorboard"
        ) from None
    writer = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def write(line: Mapping[str, Any]) -> None:
        for name, value in _numbers(line).items():
            writer.add_scalar(name, value, line["step"])
        writer.flush()

    return write


def _wandb(project: str, folder: Path) -> Writer:
    try:
        import wandb
    except ImportError:
        raise NeedsExtra(field="wandb", what="`wandb`", package="wandb") from None
    name = folder / "wandb" / "id"
    name.parent.mkdir(exist_ok=True)
    if not name.exists():
        name.write_text(secrets.token_hex(4))
    try:
        run = wandb.init(
            project=project, id=name.read_text(), dir=str(folder), resume="allow"
        )
    except wandb.Error as error:
        raise CannotReport(
            place="Weights & Biases", reason=error, field="wandb"
        ) from None
    return lambda line: run.log(_numbers(line), step=line["step"])
