"""The values of a spec's params: what is set from outside, else the defaults."""

from collections.abc import Mapping
from typing import Any

from netspec.declarations import ParamDecl
from netspec.diagnostics import Label, Span
from netspec.elaborate.arguments import Binder, kind_of
from netspec.elaborate.scope import Env, Given, Names
from netspec.elaborate.settings import as_tree, place
from netspec.errors import elaborate as errors
from netspec.kinds import Kind, KindError
from netspec.link import Spec
from netspec.record import MISSING
from netspec.reports import Reports
from netspec.source import Tree
from netspec.spelling import did_you_mean


def param_values(
    spec: Spec, settings: Mapping[str, Any], binder: Binder
) -> tuple[dict[str, Any], Names]:
    """The values by name, and what was written for them.

    One that is wrong is MISSING, and reported.
    """
    decls = spec.document.params
    trees = _given(spec, settings, binder)
    values: dict[str, Any] = {}
    for position, (name, decl) in enumerate(decls.items()):
        values[name] = MISSING
        if not decl.is_whole or (name in settings and name not in trees):
            continue  # it is wrong, and that is said
        tree = trees.get(name, decl.default)
        if tree is None:
            _required(spec, decl, binder.reports)
            continue
        before = {name: values[name] for name in tuple(decls)[:position]}
        env = Env(before, {}, later=tuple(decls)[position:])
        declared = (Label(decl.span, f"declared here, of type `{decl.kind}`"),)
        places = declared if name in trees else ()
        values[name] = binder.param(decl, tree, env, spec.scope, spec.name, places)
    return values, _written(decls, settings, trees)


def _written(
    decls: Mapping[str, ParamDecl],
    settings: Mapping[str, Any],
    trees: Mapping[str, Tree],
) -> Names:
    names: dict[str, Given] = {}
    for name, decl in decls.items():
        if name in trees:
            cause = Label(place(name, settings[name]), f"`{name}` is set here")
            names[name] = Given(trees[name], names, (cause,))
        elif decl.default is not None:
            names[name] = Given(decl.default, names)
    return names


def _given(spec: Spec, settings: Mapping[str, Any], binder: Binder) -> dict[str, Tree]:
    """What is set from outside as trees, without what cannot be."""
    trees: dict[str, Tree] = {}
    for name, value in settings.items():
        span = place(name, value)
        if name not in spec.document.params:
            _unknown(spec, name, span, binder.reports)
            continue
        try:
            trees[name] = as_tree(value, span, binder.budget.limits)
        except KindError as error:
            fields = {"type": spec.name, "name": name, "reason": str(error)}
            binder.reports.add(errors.WrongArgument, span, **fields)
    return trees


def _unknown(spec: Spec, name: str, span: Span, reports: Reports) -> None:
    decls = spec.document.params
    listed = f"it has {', '.join(decls)}" if decls else "it has none"
    reports.add(
        errors.UnknownParam,
        span,
        what=f"`{spec.name}`",
        name=name,
        advice_text=did_you_mean(name, decls, listed),
    )


def _required(spec: Spec, decl: ParamDecl, reports: Reports) -> None:
    kind = kind_of(decl)
    expected = kind.description if isinstance(kind, Kind) else kind
    reports.add(
        errors.MissingParam,
        decl.span,
        spec=spec.name,
        name=decl.name,
        expected=expected,
    )
