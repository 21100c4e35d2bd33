"""Optimizers a recipe may name, and which parameters each learning rate is for."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from netspec.errors.training import NeedsExtra, NothingToTrain, UnmatchedGlob
from netspec.kinds import (
    Bool,
    Choice,
    NonNegativeFloat,
    Number,
    PositiveFloat,
    Probability,
    Str,
    optional,
)
from netspec.record import Record
from netspec.spelling import did_you_mean
from netspec.train.sections import Section, Several, TypedRecord

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer


Beta = Annotated[float, Number(0, below=1)]


class Group(Record):
    """Parameters by a glob over their names, and what is special about them."""

    path: Str
    lr: Annotated[float | None, optional(Number(0))] = None
    weight_decay: Annotated[float | None, optional(Number(0))] = None


class OptimizerRecipe(TypedRecord):
    """What all optimizers share; torch has some in a `fusible` form, too."""

    fusible: ClassVar[bool] = True
    lr: PositiveFloat
    weight_decay: NonNegativeFloat = 0.0
    decay_norms: Bool = False
    decay_biases: Bool = False
    groups: Annotated[tuple[Group, ...], Several(Section(Group))] = ()
    form: Annotated[str, Choice("auto", "fused", "foreach", "plain")] = "auto"

    def build(self, model: "nn.Module") -> "Optimizer":
        """The torch optimizer over the parameters that train.

        Raises TrainingError if none trains, or a group's glob matches none.
        """
        groups = parameter_groups(self, model)
        own = OptimizerRecipe.fields
        options = {k: v for k, v in self.items() if k not in own}
        form = self._form(model)
        return self.create(groups, lr=self.lr, **form, **options)

    @property
    def kind(self) -> str:
        """What decides which moments there are: its name, and options in use."""
        switches = ("momentum", "centered")
        used = [name for name in switches if dict(self.items()).get(name)]
        return self.type_name + (f" with {' and '.join(used)}" if used else "")

    def create(self, groups: Any, **options: Any) -> "Optimizer":
        raise NotImplementedError(f"{type(self).__name__} creates nothing")

    def _form(self, model: "nn.Module") -> dict[str, bool]:
        from netspec.train.parallel import is_sharded

        form = self.form
        if form == "auto":  # torch's fused SGD does not take sharded parameters
            form = "fused" if self.fusible and not is_sharded(model) else "foreach"
        return {"foreach": False} if form == "plain" else {form: True}


class Sgd(OptimizerRecipe):
    """Stochastic gradient descent (torch.optim.SGD)."""

    type_name = "SGD"
    momentum: Probability = 0.0
    nesterov: Bool = False

    @property
    def lacks_momentum(self) -> bool:
        """Whether there is no momentum for `nesterov` to change."""
        return self.nesterov and not self.momentum

    def create(self, groups: Any, **options: Any) -> "Optimizer":
        from torch.optim import SGD

        return SGD(groups, **options)


class _Betas(OptimizerRecipe):
    beta1: Beta = 0.9
    beta2: Beta = 0.999

    def create(self, groups: Any, **options: Any) -> "Optimizer":
        betas = (options.pop("beta1"), options.pop("beta2"))
        created: Optimizer = self.torch_class()(groups, betas=betas, **options)
        return created

    def torch_class(self) -> Any:
        """The class of the type's name."""
        import torch

        return getattr(torch.optim, self.type_name)


class Adam(_Betas):
    """Adam (torch.optim.Adam)."""

    type_name = "Adam"
    eps: PositiveFloat = 1e-8


class AdamW(_Betas):
    """Adam with decoupled weight decay (torch.optim.AdamW)."""

    type_name = "AdamW"
    eps: PositiveFloat = 1e-8
    weight_decay: NonNegativeFloat = 0.01


class RmsProp(OptimizerRecipe):
    """RMSprop (torch.optim.RMSprop)."""

    type_name = "RMSprop"
    alpha: Probability = 0.99
    eps: PositiveFloat = 1e-8
    momentum: Probability = 0.0
    centered: Bool = False
    fusible = False

    def create(self, groups: Any, **options: Any) -> "Optimizer":
        from torch.optim import RMSprop

        return RMSprop(groups, **options)


class _Timm(_Betas):
    """An optimizer that torch lacks and the package timm has."""

    fusible = False

    def torch_class(self) -> Any:
        try:
            import timm.optim
        except ImportError:
            what = f"the optimizer {self.type_name}"
            field = "optimizer.type"
            raise NeedsExtra(field=field, what=what, package="timm") from None
        return getattr(timm.optim, self.type_name.capitalize())


class Lamb(_Timm):
    """LAMB for large batches (You et al. 2020), as timm has it."""

    type_name = "LAMB"
    eps: PositiveFloat = 1e-6

    def create(self, groups: Any, **options: Any) -> "Optimizer":
        # It would clip by itself; that is what `clip_norm` is for.
        return super().create(groups, max_grad_norm=None, **options)


class Lion(_Timm):
    """Lion, which steps by signs (Chen et al. 2023), as timm has it."""

    type_name = "Lion"
    beta2: Beta = 0.99


OPTIMIZERS = (Sgd, AdamW, Adam, RmsProp, Lamb, Lion)


def parameter_groups(
    recipe: OptimizerRecipe, model: "nn.Module"
) -> list[dict[str, Any]]:
    """Parameters that share a learning rate and a decay, in the model's order."""
    norms, biases = norms_and_biases(model)
    plain = set() if recipe.decay_norms else norms
    plain = plain if recipe.decay_biases else plain | biases
    names = [name for name, _ in model.named_parameters()]
    paths = [group.path for group in recipe.groups]
    check_globs(paths, names, "optimizer.groups", "path")
    found: dict[tuple[float, float], list[Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            lr, decay = _settings(recipe, name, name in plain)
            found.setdefault((lr, decay), []).append(parameter)
    if not found:
        if not names:
            raise NothingToTrain(reason="the network has no parameters", advice=None)
        advice = "leave what is to learn out of `freeze`"
        raise NothingToTrain(reason="every parameter is frozen", advice=advice)
    return [
        {"params": parameters, "lr": lr, "weight_decay": decay}
        for (lr, decay), parameters in found.items()
    ]


def _settings(
    recipe: OptimizerRecipe, name: str, is_plain: bool
) -> tuple[float, float]:
    lr, decay = recipe.lr, 0.0 if is_plain else recipe.weight_decay
    for group in recipe.groups:
        if matches(name, group.path):
            lr = lr if group.lr is None else group.lr
            decay = decay if group.weight_decay is None else group.weight_decay
    return lr, decay


def norms_and_biases(model: "nn.Module") -> tuple[set[str], set[str]]:
    """The names of norms' parameters, and of all other biases.

    Weight decay does them no good.
    """
    from torch import nn
    from torch.nn.modules.batchnorm import _NormBase

    kinds = (_NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
    norms, biases = set[str](), set[str]()
    for path, module in model.named_modules():
        for name, _ in module.named_parameters(recurse=False):
            full = f"{path}.{name}" if path else name
            if isinstance(module, kinds):
                norms.add(full)
            elif name.startswith("bias") or name.endswith("bias"):  # in_proj_bias
                biases.add(full)
    return norms, biases


def matches(name: str, glob: str) -> bool:
    """Whether a glob means a parameter: by its name, or that of a node above it."""
    return fnmatchcase(name, glob) or fnmatchcase(name, f"{glob}.*")


def check_globs(
    globs: Iterable[str], names: Sequence[str], where: str, part: str = ""
) -> None:
    """Raises UnmatchedGlob, with what may have been meant, for one that matches none.

    They are the items of the field `where`, or a `part` of each.
    """
    for number, glob in enumerate(globs):
        if not any(matches(name, glob) for name in names):
            field = f"{where}.{number}.{part}" if part else f"{where}.{number}"
            raise unmatched(glob, names, where, field, "parameter")


def unmatched(
    glob: str, names: Sequence[str], where: str, field: str, what: str
) -> UnmatchedGlob:
    """The error of a glob, a recipe's `field`, that matches none of these names."""
    nodes = {part for name in names for part in accumulate(name.split("."), _below)}
    examples = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    listed = f"there are {examples}" if names else "there are none"
    advice = did_you_mean(glob.removesuffix(".*"), sorted(nodes), listed)
    return UnmatchedGlob(glob=glob, where=where, field=field, what=what, advice=advice)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}"
