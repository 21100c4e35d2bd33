"""A user's own module as a type: `python:my_layers.Swish`, its result as stated."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, ClassVar

from netspec.dimensions import Dim
from netspec.kinds import Choice, Kind, KindError, ListOf, Size
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Inputs,
    Operator,
    TensorType,
)
from netspec.tensors import DTYPES

SCHEME = "python:"
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+", re.ASCII)

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

    Its parameters are not known without running it, so they are not counted.
    """

    abstract = True
    category = Category.ARITHMETIC
    arity = (1, None)
    accepts = "any"
    fresh = False
    path: ClassVar[str]  # module.Class

    shape: StatedShape
    dtype: StatedType = "float32"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        return TensorType.batched(self.shape, self.dtype)

    def call(self, inputs: Inputs) -> Call:
        given = [(n, v) for n, v in self.items() if n not in PythonModule.fields]
        return Call(self.path, tuple(Argument(n, value, n) for n, value in given))


def python_type(text: str, arguments: Iterable[str] = ()) -> type[Operator] | None:
    """The operator that `python:module.Class` names; None if that is no such path.

    Whatever arguments a use gives are its fields.
    """
    path = text.removeprefix(SCHEME)
    if len(path) > 256 or not _PATH.fullmatch(path):
        return None
    own = frozenset(arguments) - set(PythonModule.fields)
    return _python_type(path, tuple(sorted(own)))


@cache
def _python_type(path: str, arguments: tuple[str, ...]) -> type[Operator]:
    fields = {name: Annotated[Any, Anything()] for name in arguments}
    members = {
        "__annotations__": fields,
        "__doc__": f"The user's own {path}.",
        "abstract": True,
        "torch": path,
        "path": path,
    }
    return type(path.rpartition(".")[2], (PythonModule,), members)
