"""A user's own module as a type: `python:my_layers.Swish`, its result as stated."""

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Annotated, Any, ClassVar

from netspec.dimensions import Dim
from netspec.kinds import Choice, Kind, KindError, ListOf, Size
from netspec.names import EMITTED, IMPORTED
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Inputs,
    Operator,
    TensorType,
)
from netspec.record import MISSING, Field
from netspec.tensors import DTYPES

SCHEME = "python:"
LENGTH = 256  # of a path, and of an argument's name
_STEP = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_ARGUMENT = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# What an import must not bind anew in an emitted file; `i` counts its loops.
_BOUND = (EMITTED | IMPORTED | {"i"} | frozenset(dir(builtins))) - {"torch"}

StatedShape = Annotated[tuple[Dim, ...], ListOf(Size())]
StatedType = Annotated[str, Choice(*DTYPES)]


class Anything(Kind):
    """A plain value or a list of them, for the module itself to judge."""

    reads = "reference"
    description = "a plain value"

    def accept(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self.accept(item) for item in value)
        if value is not None and not isinstance(value, bool | int | float | str):
            raise KindError(f"expected {self.description} or a list of them")
        return value

    def schema(self) -> dict[str, Any]:
        return {}


class PythonModule(Operator):
    """An nn.Module of the user's own; `shape` and `dtype` state what it gives.

    Its parameters are not known without running it, so they are not counted. Its own
    arguments are no attributes: a class may call them `state` or `call`.
    """

    abstract = True
    category = Category.ARITHMETIC
    arity = (1, None)
    accepts = "any"
    fresh = False
    path: ClassVar[str]  # module.Class

    shape: StatedShape
    dtype: StatedType = "float32"

    def __init__(self, /, **values: Any) -> None:
        self.__dict__["own"] = {n: values.pop(n) for n in self.own_names()}
        stated = {n: field.default for n, field in PythonModule.fields.items()}
        self.__dict__.update(stated, **values)

    @classmethod
    def own_names(cls) -> list[str]:
        """The names of the arguments that the class itself takes."""
        return [name for name in cls.fields if name not in PythonModule.fields]

    def items(self) -> Iterator[tuple[str, Any]]:
        """What is stated, then the class's own arguments."""
        stated = ((name, self.__dict__[name]) for name in PythonModule.fields)
        return chain(stated, self.__dict__["own"].items())

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        return TensorType.batched(self.shape, self.dtype)

    def call(self, inputs: Inputs) -> Call:
        own = self.__dict__["own"].items()
        return Call(self.path, tuple(Argument(n, value, n) for n, value in own))


def python_type(text: str, arguments: Iterable[str] = ()) -> type[Operator] | None:
    """The operator that `python:module.Class` names; None if that is no such path.

    Whatever arguments a use gives are its fields, if Python could take them by name.
    """
    path = text.removeprefix(SCHEME)
    if not _is_path(path):
        return None
    own = {name for name in arguments if _is_argument(name)}
    return _python_type(path, tuple(sorted(own - set(PythonModule.fields))))


def _is_path(path: str) -> bool:
    """Whether the path can be imported, and written beside all that is emitted."""
    steps = path.split(".") if len(path) <= LENGTH else []
    named = all(_STEP.fullmatch(s) and not keyword.iskeyword(s) for s in steps)
    return named and len(steps) > 1 and steps[0] not in _BOUND


def _is_argument(name: str) -> bool:
    """Whether a call can give it by name; two underscores ahead would be mangled."""
    return (
        len(name) <= LENGTH
        and _ARGUMENT.fullmatch(name) is not None
        and not keyword.iskeyword(name)
        and name != "self"
    )


@cache
def _python_type(path: str, arguments: tuple[str, ...]) -> type[Operator]:
    own = {name: Field(name, Anything(), MISSING) for name in arguments}
    members = {
        "fields": PythonModule.fields | own,
        "__doc__": f"The user's own {path}.",
        "abstract": True,
        "torch": path,
        "path": path,
    }
    return type(path.rpartition(".")[2], (PythonModule,), members)
