"""What is wrong with a part of a recipe, as findings."""

from collections.abc import Collection

from netspec.diagnostics import Finding
from netspec.elaborate.words import value_advice
from netspec.errors import recipe as errors
from netspec.expressions import show
from netspec.kinds import KindError
from netspec.source import Entry, Mapping, Scalar, Sequence, Tree, plain
from netspec.spelling import did_you_mean


def wrong_value(
    tree: Tree,
    what: str,
    expected: str,
    words: tuple[str, ...] = (),
    *,
    fits_item: bool = True,
) -> Finding:
    """A value that is not what it must be; `words` may have been meant.

    `fits_item` is whether it would do as an item, if a list is expected.
    """
    found = _shape(tree)
    advice = None
    if isinstance(tree, Mapping) and expected.startswith("a list"):
        advice = "a list's items begin with `- `, or stand in `[…]`"
    if isinstance(tree, Scalar):
        found = show(plain(tree)) if tree.text else "nothing"
        advice = value_advice(tree, KindError(expected, words))
        if tree.text and expected.startswith("a list") and fits_item:
            advice = f"a list of one is `[{tree.text}]`"
    return errors.WrongField(
        span=tree.span, what=what, expected=expected, found=found, advice_text=advice
    )


def unknown_field(
    entry: Entry, where: str, fields: Collection[str], home: str | None = None
) -> Finding:
    """A name that is no field here, but may be one of the section `home`."""
    name = entry.key.text
    listed = f"it has {', '.join(f'`{field}`' for field in fields)}"
    advice = did_you_mean(name, fields, listed if len(fields) < 10 else None)
    if home:
        advice = f"`{name}` is a field of `{home}`: write it there"
    return errors.UnknownField(
        span=entry.key.span, field=name, where=where, advice_text=advice
    )


def spec_as_recipe(entry: Entry) -> Finding:
    """A spec where a recipe is read."""
    advice = "this is a spec: `netspec train SPEC --recipe RECIPE`"
    return errors.UnknownField(
        span=entry.key.span, field="netspec", where="a recipe", advice_text=advice
    )


def missing_field(tree: Tree, field: str, where: str, expected: str) -> Finding:
    """A field that is needed and not there."""
    return errors.MissingField(
        span=tree.span, field=field, where=where, expected=expected
    )


def unknown_kind(name: Scalar, what: str, known: Collection[str]) -> Finding:
    """A `type` that names nothing."""
    return errors.UnknownKind(
        span=name.span,
        what=what,
        found=name.text,
        expected=", ".join(known),
        advice_text=did_you_mean(name.text, known),
    )


def _shape(tree: Tree) -> str:
    if isinstance(tree, Sequence):
        return f"a list of {len(tree.items)}" if tree.items else "an empty list"
    return "a mapping"
