"""What a node's type is given: arguments of operators, values of params."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from netspec.declarations import ParamDecl
from netspec.diagnostics import Label, Span
from netspec.elaborate.body import Site
from netspec.elaborate.reader import Reader
from netspec.elaborate.scope import Env
from netspec.elaborate.types import find_type
from netspec.elaborate.words import (
    NEEDLESS,
    argument_advice,
    argument_meant,
    at_fault,
    value_advice,
)
from netspec.errors import elaborate as errors
from netspec.kinds import (
    PARAM_KINDS,
    Boolean,
    Choice,
    Integer,
    Integers,
    Kind,
    KindError,
    Number,
    OneOf,
)
from netspec.link import Block, Scope
from netspec.operators import OPERATORS, Operator
from netspec.record import MISSING
from netspec.source import Entry, Scalar, Tree


class Binder:
    """Binds what is written to what is declared; what fails is reported once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.reports = reader.reports
        self.budget = reader.budget

    def operator(
        self,
        type: type[Operator],
        entries: Mapping[str, Entry],
        env: Env,
        span: Span,
    ) -> Operator | None:
        """An operator with its arguments, or None if one of them is wrong."""
        name, fields = type.__name__, type.fields
        needed = [field.name for field in fields.values() if field.required]
        known, missing = self.known(name, entries, fields, needed)
        values: dict[str, Any] = {}
        for key in filter(known.__contains__, fields):
            kind = fields[key].kind
            values[key] = self.argument(known[key].value, kind, env, name, key)
        for key in missing:
            self.missing(name, key, fields[key].kind, span)
        wrong = missing or len(known) < len(entries) or MISSING in values.values()
        return None if wrong else type(**values)

    def known(
        self,
        type: str,
        entries: Mapping[str, Entry],
        fields: Collection[str],
        needed: Iterable[str],
    ) -> tuple[dict[str, Entry], list[str]]:
        """The entries that are among the fields, and the needed ones that are missing.

        The others are reported; what one of them may have meant is not missing too. If
        that is `repeat`, none is known: they may depend on it.
        """
        needless = NEEDLESS if type in OPERATORS else {}
        meant = {n: argument_meant(n, fields) for n in entries if n not in fields}
        taken = {*entries, *meant.values()}
        missing = [name for name in needed if name not in taken]
        for name in meant:
            advice = needless.get(name) or argument_advice(name, fields, missing)
            self.reports.add(
                errors.UnknownArgument,
                entries[name].key.span,
                type=type,
                name=name[:64],
                advice_text=advice,
            )
        if any(not found and name not in needless for name, found in meant.items()):
            missing = []
        if "repeat" in meant.values():
            return {}, []
        return {n: entry for n, entry in entries.items() if n in fields}, missing

    def missing(self, type: str, name: str, kind: Any, span: Span) -> None:
        """Report a field that needs a value and has none."""
        described = kind.description if isinstance(kind, Kind) else str(kind)
        self.reports.add(
            errors.MissingArgument,
            span,
            type=type,
            name=name,
            expected=described,
            example=_example(kind),
        )

    def argument(self, tree: Tree, kind: Kind, env: Env, type: str, name: str) -> Any:
        """One argument's value, or MISSING if it is wrong or unknown."""

        def wrong(error: KindError) -> None:
            self.wrong(tree, type, name, error, self.reader.given(tree, env))

        return self.reader.settled(tree, kind, env, wrong, words=_has_words(kind))

    def wrong(
        self,
        tree: Tree,
        type: str,
        name: str,
        error: KindError,
        given: tuple[Label, ...],
    ) -> None:
        """Report a value that is not of its kind."""
        tree = at_fault(tree, error)
        self.reports.add(
            errors.WrongArgument,
            tree.span.head,
            type=type,
            name=name,
            reason=str(error),
            advice_text=value_advice(tree, error),
            given=given,
        )

    # Params -----------------------------------------------------------------------

    def params(
        self, block: Block, site: Site, span: Span
    ) -> tuple[dict[str, Any], bool]:
        """The values of a block's params for one use, and whether all is well.

        Defaults are filled in, and a value that is wrong is MISSING. Types are named
        in the user's scope, those of defaults in the block's own.
        """
        decls, entries = block.decl.params, site.decl.arguments
        self.budget.spend(span, len(decls))
        needed = [name for name, decl in decls.items() if decl.default is None]
        known, missing = self.known(block.name, entries, decls, needed)
        values: dict[str, Any] = {}
        for name, decl in decls.items():
            value = MISSING
            if name in known:
                tree, scope = known[name].value, site.body.scope
                value = self.param(decl, tree, site.env, scope, block.name)
            elif decl.default is not None:
                before = Env(values, {}, later=decls.keys() - values.keys())
                value = self.param(decl, decl.default, before, block.scope, block.name)
            elif name in missing:
                self.missing(block.name, name, kind_of(decl), span)
            values[name] = value
        wrong = missing or len(known) < len(entries) or MISSING in values.values()
        return values, not wrong

    def param(
        self,
        decl: ParamDecl,
        tree: Tree,
        env: Env,
        scope: Scope,
        what: str,
        places: tuple[Label, ...] = (),
    ) -> Any:
        """A param's value, or MISSING; what is wrong is told with further places."""

        def wrong(error: KindError) -> None:
            given = (*places, *self.reader.given(tree, env))
            self.wrong(tree, what, decl.name, error, given)

        if decl.kind == "block":
            if isinstance(tree, Scalar) and isinstance(tree.value, str):
                return find_type(tree, env, scope, self.reader) or MISSING
            wrong(KindError("expected the name of an operator or a block"))
            return MISSING
        kind = PARAM_KINDS[decl.kind]
        value = self.reader.settled(tree, kind, env, wrong)
        self.budget.spend(tree.span, len(decl.choices) // 8)
        if value is MISSING or not decl.choices or value in decl.choices:
            return value
        wrong(Choice(*map(str, decl.choices)).refuse(value))
        return MISSING


def kind_of(decl: ParamDecl) -> Kind | str:
    """The kind of a param's values; of types there is only a word."""
    return PARAM_KINDS.get(decl.kind, f"a {decl.kind}")


def _has_words(kind: Kind) -> bool:
    return isinstance(kind, OneOf) and bool(kind.words)


def _example(kind: Any) -> str:
    match kind:
        case Integer():
            return str(kind.minimum if kind.minimum and kind.minimum > 1 else 64)
        case Integers():
            return "3"
        case Number():
            return "0.5"
        case Choice():
            return kind.words[0]
        case OneOf():
            return _example(kind.kinds[0])
        case Boolean():
            return "true"
        case _:
            return "…"
