"""What an operator is: one declaration that holds all netspec knows of it.

To add one, write a class in its family's file: its arguments as annotated fields (they
give the check, the schema, the docs and the suggestions), `infer`, and, where the
defaults do not fit, `inferred`, `state`, `macs` and `call`.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from netspec.constraints import Assumptions
from netspec.dimensions import Dim, Dimension
from netspec.record import Record
from netspec.tensors import DTYPES, FLOATING, INTEGRAL, TensorType


class Category(Enum):
    """What an operator is for; a drawing's style sheet gives each a colour."""

    CONVOLUTION = "convolution"
    LINEAR = "linear"
    NORMALIZATION = "normalization"
    ACTIVATION = "activation"
    POOLING = "pooling"
    DROPOUT = "dropout"
    EMBEDDING = "embedding"
    RECURRENT = "recurrent"
    ATTENTION = "attention"
    PADDING = "padding"
    RESAMPLING = "resampling"
    JOIN = "join"
    SHAPE = "shape"
    REDUCTION = "reduction"
    ARITHMETIC = "arithmetic"
    TENSOR = "tensor"


class OperatorError(Exception):
    """Why an operator cannot take its inputs or arguments.

    `argument` names the argument at fault, `input` the position of the input; the
    walker adds the places.
    """

    def __init__(
        self,
        reason: str,
        *,
        argument: str | None = None,
        input: int | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.argument = argument
        self.input = input
        self.advice = advice


class Weight(NamedTuple):
    """A tensor an operator owns: a parameter, or a buffer if it is not learnt."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    learnt: bool = True


class Form(Enum):
    """How a call is written in `forward`."""

    MODULE = "module"  # a submodule, made in __init__: self.conv1(x)
    FUNCTION = "function"  # torch.flatten(x, 1)
    LIST = "list"  # torch.cat([a, b], dim=1)
    INFIX = "infix"  # a + b
    METHOD = "method"  # x.mean(1): the function is "mean"
    INDEX = "index"  # x[:, 1:3]: the arguments are integers and slices
    TENSOR = "tensor"  # an attribute that is a tensor: self.class_token


class Argument(NamedTuple):
    """One argument of an emitted call; `keyword` is None for a positional one.

    `field` is the operator's argument (or inferred argument) that it comes from.
    """

    keyword: str | None
    value: Any
    field: str


class Code(NamedTuple):
    """A value that `forward` works out: `template`, `{0}`, `{1}`… being the inputs."""

    template: str


class Result(NamedTuple):
    """One part of a tuple that a call returns: which output it is (None: unused).

    `then` is a method called on it, with its arguments: ("transpose", (0, 1)).
    """

    output: int | None
    then: tuple[str, tuple[Any, ...]] | None = None


Results = tuple["Result | Results", ...]


class Call(NamedTuple):
    """The call an operator is emitted as: `function` is `nn.Conv2d` or `torch.cat`."""

    function: str
    arguments: tuple[Argument, ...] = ()
    form: Form = Form.MODULE
    operands: tuple[int | Code, ...] | None = None  # what is passed; None: each input
    forward: tuple[Argument, ...] = ()  # further arguments of a module's own call
    results: Results | None = None  # how a returned tuple is taken apart


Inputs = tuple[TensorType, ...]


class Operator(Record):
    """The base of all operators. An instance holds one use's arguments."""

    category: ClassVar[Category]
    torch: ClassVar[str]  # what it is in PyTorch: "nn.Conv2d", "torch.cat"
    page: ClassVar[str] = ""  # its documentation page, by default that of `torch`
    form: ClassVar[Form] = Form.MODULE
    positional: ClassVar[tuple[str, ...]] = ()  # fields emitted without their names
    arity: ClassVar[tuple[int, int | None]] = (1, 1)  # least and most inputs
    outputs: ClassVar[tuple[str, ...]] = ("",)  # the outputs' names
    accepts: ClassVar[str] = "floating"  # a key of ACCEPTED
    fresh: ClassVar[bool] = True  # the result is a new tensor that backward never reads
    inplace: ClassVar[bool] = False  # has an exact in-place form: `inplace=True`
    support: ClassVar[str] = ""  # a file of emit/support that emitted source takes in
    layer: ClassVar[str] = ""  # such a file for a use in a list, which is of modules

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("abstract"):
            return
        for facet in ("category", "torch"):
            if not hasattr(cls, facet):
                raise TypeError(f"operator {cls.__name__} lacks `{facet}`")
        if not cls.__doc__ or cls.infer is Operator.infer:
            raise TypeError(f"operator {cls.__name__} lacks a docstring or `infer`")
        OPERATORS[cls.__name__] = cls

    # The facets -----------------------------------------------------------------

    @property
    def output_names(self) -> tuple[str, ...]:
        """The outputs of this use: `outputs`, unless its arguments decide."""
        return self.outputs

    def infer(
        self, inputs: Inputs, assume: Assumptions
    ) -> TensorType | tuple[TensorType, ...]:
        """The output types. Raises OperatorError; sizes it needs go to `assume`."""
        raise NotImplementedError

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        """PyTorch's arguments that the graph knows: `in_channels` and the like."""
        return {}

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        """The parameters and buffers, named and ordered as in the `state_dict`."""
        return {}

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        """Multiply-adds of one sample (the batch left out)."""
        return 0

    def call(self, inputs: Inputs) -> Call:
        """What is emitted: inferred and `positional` arguments first, then keywords.

        Arguments at their default are left out.
        """
        known = self.inferred(inputs)
        arguments = [Argument(None, value, name) for name, value in known.items()]
        arguments += [
            Argument(None, getattr(self, name), name) for name in self.positional
        ]
        for name, value in self.items():
            written = name not in known and name not in self.positional
            if written and not self.is_default(name):
                arguments.append(Argument(name, value, name))
        return Call(self.function(), tuple(arguments), self.form)

    def as_layer(self, call: Call) -> Call:
        """The call for a place in a list: a module's, if the operator has one."""
        if not self.layer:
            return call
        return call._replace(function=type(self).__name__, form=Form.MODULE)

    @classmethod
    def function(cls) -> str:
        """What a call writes: `nn.Conv2d`, `torch.cat`, or a method's bare name."""
        return cls.torch.rpartition(".")[2] if cls.form is Form.METHOD else cls.torch

    def is_default(self, name: str) -> bool:
        """Whether an argument has its default value."""
        value, default = getattr(self, name), self.fields[name].default
        return bool(value == default) and isinstance(value, bool) == isinstance(
            default, bool
        )

    # What rules are written with --------------------------------------------------

    def admit(self, inputs: Inputs) -> None:
        """Refuse a number of inputs or a dtype that the operator does not take."""
        least, most = self.arity
        if len(inputs) < least or (most is not None and len(inputs) > most):
            raise OperatorError(f"expected {_count(least, most)}, found {len(inputs)}")
        for position, tensor in enumerate(inputs):
            if tensor.dtype not in ACCEPTED[self.accepts]:
                raise OperatorError(
                    f"expected {EXPECTED[self.accepts]}, found {tensor.in_full}",
                    input=position,
                )

    @classmethod
    def link(cls) -> str:
        """The operator's page in PyTorch's documentation."""
        if cls.page.startswith("https://"):
            return cls.page
        name = cls.page or (
            f"torch.{cls.torch}" if cls.torch.startswith("nn.") else cls.torch
        )
        return f"https://docs.pytorch.org/docs/stable/generated/{name}.html"


OPERATORS: dict[str, type[Operator]] = {}

ACCEPTED = {
    "float32": frozenset({"float32"}),
    "floating": FLOATING,
    "integral": INTEGRAL,
    "full": frozenset({"float32", "float64"}),
    "number": FLOATING | INTEGRAL,
    "real": FLOATING | INTEGRAL | {"bool"},
    "any": frozenset(DTYPES),
}
EXPECTED = {
    "float32": "float32, the dtype of its parameters",
    "floating": "floating-point numbers",
    "integral": "integers",
    "full": "float32 or float64",
    "number": "numbers",
    "real": "numbers or truth values",
    "any": "a tensor",
}


def _count(least: int, most: int | None) -> str:
    plural = "" if (most or least) == 1 else "s"
    if most is None:
        return f"at least {least} input{plural}"
    return f"{least} input{plural}" if least == most else f"{least} to {most} inputs"


__all__ = [
    "ACCEPTED",
    "OPERATORS",
    "Argument",
    "Assumptions",
    "Call",
    "Category",
    "Code",
    "Dim",
    "Dimension",
    "Form",
    "Inputs",
    "Mapping",
    "Operator",
    "OperatorError",
    "Result",
    "TensorType",
    "Weight",
]
