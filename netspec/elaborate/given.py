"""Where the values are given that an expression refers to."""

from collections.abc import Iterable
from contextlib import suppress

from netspec.diagnostics import Label
from netspec.elaborate.scope import Env, Given, Unknown
from netspec.expressions import Expression, ExpressionError, Reference, walk
from netspec.source import Mapping, Scalar, Sequence


def labels(
    scalar: Scalar, tree: Expression | None, env: Env, start: int = 0, end: int = 0
) -> tuple[Label, ...]:
    """A place for each reference of an expression, or of this part of it."""
    found: dict[str, Label] = {}
    for part in walk(tree) if tree is not None else ():
        is_within = not end or (part.start < end and start < part.end)
        given = origin(part, env) if isinstance(part, Reference) and is_within else None
        if given is not None and given.tree is not None:
            text = f"`{scalar.text[part.start : part.end]}` is given here"
            found.setdefault(text, Label(given.tree.span.head, text))
    return tuple(found.values())


def origin(part: Reference, env: Env) -> Given | None:
    """What was written for a value, or for the part of it that is referred to."""
    given = env.written.get(part.name)
    if given is None or given.tree is None:
        return None
    tree = given.tree
    for step in _steps(part, env):
        match tree:
            case Mapping() if step in tree.entries:
                tree = tree.entries[str(step)].value
            case Sequence() if type(step) is int and 0 <= step < len(tree.items):
                tree = tree.items[step]
            case _:
                break
    return given._replace(tree=tree)


def _steps(part: Reference, env: Env) -> Iterable[object]:
    with suppress(ExpressionError, Unknown):
        for step in part.steps:
            yield env.lookup(step) if isinstance(step, Reference) else step
