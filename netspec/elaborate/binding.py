"""Binds what a spec writes to what is declared: arguments and params."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from netspec.declarations import NodeDecl, ParamDecl
from netspec.diagnostics import Span, did_you_mean, suggest
from netspec.elaborate.reports import Reports
from netspec.elaborate.values import Env, Failure, Reader, Row, TypeValue, Unknown
from netspec.errors import elaborate as errors
from netspec.errors.python import BadPythonType
from netspec.errors.source import TooLarge
from netspec.expressions import show
from netspec.grammar import NODE_KEYS
from netspec.kinds import (
    Boolean,
    Choice,
    Integer,
    Integers,
    Kind,
    KindError,
    Number,
    OneOf,
    Text,
)
from netspec.limits import Limits
from netspec.link import Scope
from netspec.operators import OPERATORS, Operator
from netspec.operators.python import SCHEME, python_type
from netspec.record import MISSING
from netspec.source import Entry, Scalar, Tree

PARAM_KINDS: dict[str, Kind] = {
    "int": Integer(),
    "float": Number(),
    "bool": Boolean(),
    "str": Text(),
    "pair": Integers(2),
}


class Binder:
    """Reads types and arguments in an environment; what fails is reported once."""

    def __init__(self, reports: Reports, limits: Limits) -> None:
        self.reports = reports
        self.reader = Reader(limits, self.spend)
        self.limits = limits
        self.steps = 0

    # Types ------------------------------------------------------------------------

    def find_type(self, scalar: Scalar, env: Env, scope: Scope) -> TypeValue | None:
        """The operator or block that a `type:` names."""
        if "$" in scalar.text:
            try:
                value = self.reader.evaluate(scalar, env)
            except Failure as failure:
                self.reports.failure(failure)
                return None
            except Unknown:
                return None
            if isinstance(value, TypeValue):
                return value
            if not isinstance(value, str):
                self.not_a_type(scalar, f"this is {value!r}, not a type")
                return None
            return self.named_type(value, scalar, scope)
        return self.named_type(scalar.text, scalar, scope)

    def named_type(self, name: str, scalar: Scalar, scope: Scope) -> TypeValue | None:
        if name.startswith(SCHEME):
            return self.own_type(name, scalar)
        if name in scope:
            return TypeValue(scope[name])
        if name in OPERATORS:
            return TypeValue(OPERATORS[name])
        self.not_a_type(scalar, did_you_mean(name, [*scope, *OPERATORS]), name)
        return None

    def own_type(self, name: str, scalar: Scalar) -> TypeValue | None:
        found = python_type(name)
        if found is None:
            self.reports.add(BadPythonType, scalar.span, name=name[:64])
        return TypeValue(found) if found is not None else None

    def not_a_type(
        self, scalar: Scalar, advice: str | None, name: str | None = None
    ) -> None:
        self.reports.add(
            errors.UnknownType,
            scalar.span,
            name=(name or scalar.text)[:64],
            advice_text=advice,
        )

    # Operators --------------------------------------------------------------------

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
        try:
            return kind.accept(self.reader.value(tree, kind, env))
        except Failure as failure:
            word = failure.scalar.text
            if isinstance(kind, OneOf) and kind.words and word.isidentifier():
                self.wrong(tree, type, name, str(kind.refuse(word)))
            else:
                self.reports.failure(failure)
        except Unknown:
            pass
        except KindError as error:
            self.wrong(tree, type, name, str(error))
        return MISSING

    def wrong(self, tree: Tree, type: str, name: str, reason: str) -> None:
        advice = None
        if " one of " in reason and isinstance(tree, Scalar):
            words = re.findall("`(.+?)`", reason.partition(", found")[0])
            advice = did_you_mean(tree.text, words)
        self.reports.add(
            errors.WrongArgument,
            tree.span.head,
            type=type,
            name=name,
            reason=reason,
            advice_text=advice,
        )

    # Params -----------------------------------------------------------------------

    def params(
        self,
        what: str,
        decls: Mapping[str, ParamDecl],
        entries: Mapping[str, Entry],
        env: Env,
        scope: Scope,
        home: Scope,
        span: Span,
    ) -> dict[str, Any] | None:
        """The values of a block's params for one use, defaults filled in.

        Types are named in the user's `scope`, those of defaults in the block's `home`.
        """
        self.spend(span, len(decls))
        known = self.known(what, entries, decls)
        values: dict[str, Any] = {}
        sound = len(known) == len(entries)
        meant = {suggest(name, decls) for name in entries if name not in known}
        for decl in decls.values():
            if decl.name in known:
                value = self.param(decl, known[decl.name].value, env, scope, what)
            elif decl.default is not None:
                before = Env(values, {}, later=decls.keys() - values.keys())
                value = self.param(decl, decl.default, before, home, what)
            elif decl.name in meant:
                value = MISSING
            else:
                self.missing(
                    what, decl.name, PARAM_KINDS.get(decl.kind, f"a {decl.kind}"), span
                )
                value = MISSING
            sound = sound and value is not MISSING
            values[decl.name] = value
        return values if sound else None

    def param(
        self, decl: ParamDecl, tree: Tree, env: Env, scope: Scope, what: str
    ) -> Any:
        """A param's value, or MISSING."""
        if decl.kind == "block":
            return self.block_param(decl, tree, env, scope, what)
        kind = PARAM_KINDS.get(decl.kind)
        try:
            value = self.reader.value(tree, kind, env)
            value = kind.accept(value) if kind else _collection(decl.kind, value)
            self.short(tree, value)
        except Failure as failure:
            word = failure.scalar.text
            if word.isidentifier() and not env.symbols and kind is not None:
                self.wrong(tree, what, decl.name, str(kind.refuse(word)))
            else:
                self.reports.failure(failure)
            return MISSING
        except Unknown:
            return MISSING
        except KindError as error:
            self.wrong(tree, what, decl.name, str(error))
            return MISSING
        if decl.choices and value not in decl.choices:
            choice = Choice(*(str(choice) for choice in decl.choices))
            self.wrong(tree, what, decl.name, str(choice.refuse(value)))
            return MISSING
        return value

    def block_param(
        self, decl: ParamDecl, tree: Tree, env: Env, scope: Scope, what: str
    ) -> Any:
        if not isinstance(tree, Scalar) or not isinstance(tree.value, str):
            self.wrong(
                tree, what, decl.name, "expected the name of an operator or a block"
            )
            return MISSING
        return self.find_type(tree, env, scope) or MISSING

    # Nodes ------------------------------------------------------------------------

    def condition(self, scalar: Scalar, env: Env, what: str) -> bool | None:
        """The truth of a `when`; None if it is wrong or unknown."""
        try:
            value = self.reader.evaluate(scalar, env)
        except Failure as failure:
            self.reports.failure(failure)
            return None
        except Unknown:
            return None
        if isinstance(value, bool):
            return value
        self.reports.add(
            errors.WrongCondition,
            scalar.span,
            what=f"{what} must be true or false",
            reason=f"this is {show(value)}",
            advice_text=_comparison(scalar, value),
        )
        return None

    def elements(self, node: NodeDecl, env: Env) -> tuple[Any, ...] | None:
        """What a `repeat` runs over: the elements of a list, or 0 … count - 1."""
        assert node.repeat is not None
        tree = node.repeat.over
        try:
            value = self.reader.value(tree, Integer(0), env)
        except Failure as failure:
            self.reports.failure(failure)
            return None
        except Unknown:
            return None
        count = len(value) if isinstance(value, tuple) else value
        if type(count) is not int or not count >= 0:
            self.reports.add(
                errors.WrongCondition,
                tree.span,
                what="`repeat` needs a count or a list",
                reason=f"this is {show(value)}",
                advice_text=None,
            )
            return None
        if not self.within(tree.span, "the times a node is repeated", count, "repeat"):
            return None
        return value if isinstance(value, tuple) else tuple(range(count))

    def short(self, tree: Tree, value: Any) -> None:
        """Report a list, where it is written, that is too long to be handed on."""
        if isinstance(value, tuple | Row) and not isinstance(tree, Scalar):
            what = "the length of a list"
            self.within(tree.span.head, what, _count(value), "list_length")

    def spend(self, span: Span, steps: int) -> None:
        """Count work. Raises SpecError where it is too much; trials count too."""
        self.steps += steps
        if not self.within(span, "steps of expressions", self.steps, "steps"):
            self.reports.stop()

    def within(self, span: Span, what: str, found: int, name: str) -> bool:
        """Whether `found` is within the limit of that name; if not, it is reported."""
        limit: int = getattr(self.limits, name)
        if found > limit:
            self.reports.keep(TooLarge.of(span, what, self.limits, name, found))
        return found <= limit


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


def _comparison(scalar: Scalar, value: Any) -> str | None:
    return f"compare it: `{scalar.text} != 0`" if type(value) is int else None


def _count(value: Any) -> int:
    """How many values a list or row holds, those within them counted too."""
    if isinstance(value, Row):
        value = tuple(value.values())
    return sum(map(_count, value)) + len(value) if isinstance(value, tuple) else 0


def _collection(kind: str, value: Any) -> Any:
    if kind == "list" and not isinstance(value, tuple):
        raise KindError(f"expected a list, found {show(value)}")
    if kind == "row" and not isinstance(value, Row):
        raise KindError(f"expected a row (a mapping), found {show(value)}")
    return value


def _example(kind: Any) -> str:
    match kind:
        case Integer():
            return str(kind.minimum if kind.minimum and kind.minimum > 1 else 64)
        case Integers():
            return "3"
        case Number():
            return "0.5"
        case Choice():
            return kind.choices[0]
        case OneOf():
            return _example(kind.kinds[0])
        case Boolean():
            return "true"
        case _:
            return "…"
