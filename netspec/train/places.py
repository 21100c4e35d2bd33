"""Where the fields of a recipe are written: in which file, or on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from netspec.diagnostics import Span
from netspec.failures import CodedError
from netspec.source import Mapping, Scalar, Sequence, Tree

if TYPE_CHECKING:
    from netspec.train.recipe import Recipe


def place_of(tree: Tree, field: str, *, name: bool = False) -> Span | None:
    """Where a field is written, `optimizer.groups.0.path`, or what it would stand in.

    A scalar is shown itself, of a section its name, as of any field by `name`. None for
    a field whose section is not written either.
    """
    found = None
    for part in field.split("."):
        if isinstance(tree, Mapping) and part in tree.entries:
            key, tree = tree.entries[part]
            found = tree.span if isinstance(tree, Scalar) and not name else key.span
        elif isinstance(tree, Sequence) and part.isdecimal():
            tree = tree.items[int(part)]
            found = tree.span
        else:
            break
    return found


@contextmanager
def showing(recipe: "Recipe") -> Iterator[None]:
    """Errors in this context show the recipe's field that they are about."""
    try:
        yield
    except CodedError as error:
        if error.field:
            place = recipe.place(error.field, name=error.blames_name)
            error.span = place or error.span
        raise
