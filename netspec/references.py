"""Networks to compare with: torchvision's, a factory of one's own, a saved program."""

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from netspec.errors.references import (
    FactoryFailed,
    ProgramUnreadable,
    UnknownReference,
)
from netspec.spelling import did_you_mean


class Reference(NamedTuple):
    """A module to compare with; a saved program has only the mode it was saved in."""

    name: str
    module: nn.Module
    is_program: bool = False


def find(text: str) -> Reference:
    """`torchvision:resnet50`, `python:module:factory` or a `.pt2` file.

    Raises NoReference.
    """
    kind, _, rest = text.partition(":")
    if kind == "torchvision" and rest:
        return Reference(text, _torchvision(rest))
    if kind == "python" and rest.count(":") == 1:
        return Reference(text, _factory(*rest.split(":")))
    if text.endswith(".pt2"):
        return Reference(text, _program(Path(text)), is_program=True)
    reason, forms = "it is of no known form", "python:MODULE:FACTORY or a .pt2 file"
    advice = f"write torchvision:NAME, {forms}"
    raise UnknownReference(name=text, reason=reason, advice=advice)


def _torchvision(name: str) -> nn.Module:
    from torchvision import models

    known = models.list_models()
    if name not in known:
        advice = did_you_mean(name, known, "see `torchvision.models.list_models()`")
        reason = "torchvision has no such model"
        raise UnknownReference(name=name, reason=reason, advice=advice)
    builder: Callable[..., nn.Module] = models.get_model_builder(name)
    return builder(**_options(name, builder))


def _options(name: str, builder: Callable[..., nn.Module]) -> dict[str, Any]:
    """No download, and no slow draw of weights that are changed anyway."""
    options: dict[str, Any] = {"weights": None}
    if "weights_backbone" in inspect.signature(builder).parameters:
        options["weights_backbone"] = None
    if name in ("inception_v3", "googlenet"):
        options["init_weights"] = False
    return options


def _factory(module: str, name: str) -> nn.Module:
    if "" not in sys.path:
        sys.path.append("")  # it may lie in the working directory
    try:
        made = getattr(import_module(module), name)()
    except Exception as error:  # a user's own code may raise anything
        reason = f"{type(error).__name__}: {error}"
        raise _failed(module, name, reason) from None
    if not isinstance(made, nn.Module):
        raise _failed(module, name, f"it returned one of type {type(made).__name__}")
    return made


def _failed(module: str, name: str, reason: str) -> FactoryFailed:
    advice = f"`{name}()` in `{module}` must return an nn.Module"
    return FactoryFailed(name=f"python:{module}:{name}", reason=reason, advice=advice)


def _program(path: Path) -> nn.Module:
    if not path.is_file():
        raise ProgramUnreadable(path=path, reason="there is no such file")
    try:
        program = torch.export.load(path)
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise ProgramUnreadable(path=path, reason=reason) from None
    return program.module()
