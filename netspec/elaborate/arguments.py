"""What a node's type is given: arguments of operators, values of params."""

from collections.abc import Iterable, Mapping
from typing import Any

from netspec.declarations import ParamDecl
from netspec.diagnostics import Span, did_you_mean, suggest
from netspec.elaborate.body import Site
from netspec.elaborate.reader import Reader
from netspec.elaborate.scope import Env
from netspec.elaborate.types import find_type
from netspec.errors import elaborate as errors
from netspec.grammar import NODE_KEYS
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
        known = self.known(type.__name__, entries, type.fields)
        values: dict[str, Any] = {}
        sound = len(known) == len(entries)
        meant = {suggest(name, type.fields) for name in entries if name not in known}
        for field in type.fields.values():
            if field.name in known:
                value = self.argument(
                    known[field.name].value, field.kind, env, type.__name__, field.name
                )
                sound = sound and value is not MISSING
                values[field.name] = value
            elif field.required and field.name in meant:
                sound = False
            elif field.required:
                self.missing(type.__name__, field.name, field.kind, span)
                sound = False
        return type(**values) if sound else None

    def known(
        self, type: str, entries: Mapping[str, Entry], fields: Iterable[str]
    ) -> dict[str, Entry]:
        """The entries that are among the fields; the others are reported."""
        fields = list(fields)
        for name, entry in entries.items():
            if name not in fields:
                listed = ", ".join(f"`{field}`" for field in fields) or "no arguments"
                key = did_you_mean(name, NODE_KEYS, f"it takes {listed}")
                advice = did_you_mean(name, fields, key)
                self.reports.add(
                    errors.UnknownArgument,
                    entry.key.span,
                    type=type,
                    name=name[:64],
                    advice_text=_inferred(type, name) or advice,
                )
        return {name: entry for name, entry in entries.items() if name in fields}

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
            self.wrong(tree, type, name, error)

        return self.reader.settled(tree, kind, env, wrong, words=_has_words(kind))

    def wrong(self, tree: Tree, type: str, name: str, error: KindError) -> None:
        """Report a value that is not of its kind."""
        advice = None
        if error.words and isinstance(tree, Scalar):
            advice = did_you_mean(tree.text, error.words)
        self.reports.add(
            errors.WrongArgument,
            tree.span.head,
            type=type,
            name=name,
            reason=str(error),
            advice_text=advice,
        )

    # Params -----------------------------------------------------------------------

    def params(self, block: Block, site: Site, span: Span) -> dict[str, Any] | None:
        """The values of a block's params for one use, defaults filled in.

        Types are named in the user's scope, those of defaults in the block's own.
        """
        decls, entries = block.decl.params, site.decl.arguments
        self.budget.spend(span, len(decls))
        known = self.known(block.name, entries, decls)
        values: dict[str, Any] = {}
        sound = len(known) == len(entries)
        meant = {suggest(name, decls) for name in entries if name not in known}
        for name, decl in decls.items():
            value = MISSING
            if name in known:
                tree, scope = known[name].value, site.body.scope
                value = self.param(decl, tree, site.env, scope, block.name)
            elif decl.default is not None:
                before = Env(values, {}, later=decls.keys() - values.keys())
                value = self.param(decl, decl.default, before, block.scope, block.name)
            elif name not in meant:
                self.missing(block.name, name, kind_of(decl), span)
            values[name] = value
            sound = sound and value is not MISSING
        return values if sound else None

    def param(
        self, decl: ParamDecl, tree: Tree, env: Env, scope: Scope, what: str
    ) -> Any:
        """A param's value, or MISSING."""

        def wrong(error: KindError) -> None:
            self.wrong(tree, what, decl.name, error)

        if decl.kind == "block":
            if isinstance(tree, Scalar) and isinstance(tree.value, str):
                return find_type(tree, env, scope, self.reader) or MISSING
            wrong(KindError("expected the name of an operator or a block"))
            return MISSING
        kind = PARAM_KINDS[decl.kind]
        value = self.reader.settled(tree, kind, env, wrong, words=not env.symbols)
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


_GRAPH_KNOWS = {
    "in_channels", "in_features", "num_features", "input_size", "embed_dim", "d_model",
    "normalized_shape", "batch_first",
}  # fmt: skip


def _inferred(type: str, name: str) -> str | None:
    """Advice for an argument of PyTorch's that the graph already knows."""
    if type not in OPERATORS:
        return None
    if name in _GRAPH_KNOWS:
        return f"leave it out: `{name}` is known from the graph"
    if name == "inplace":
        return "leave it out: activations run in place where that is provably safe"
    return None


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
