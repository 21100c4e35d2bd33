"""What a `type:` names: an operator, a block, or a class of the user's own."""

from netspec.diagnostics import Label
from netspec.elaborate.reader import Reader
from netspec.elaborate.scope import Env
from netspec.elaborate.values import TypeValue
from netspec.elaborate.words import type_advice
from netspec.errors.elaborate import UnknownType
from netspec.errors.python import BadPythonType
from netspec.expressions import show
from netspec.link import Scope
from netspec.operators import OPERATORS
from netspec.operators.python import SCHEME, python_type
from netspec.record import MISSING
from netspec.reports import Reports
from netspec.source import Scalar


def find_type(
    scalar: Scalar, env: Env, scope: Scope, reader: Reader
) -> TypeValue | None:
    """The type of that name, or in that param; None, and reported, if there is none."""
    if "$" not in scalar.text:
        return _named(scalar.text, scalar, env, scope, reader.reports)
    value = reader.attempt(reader.evaluate, scalar, env)
    if isinstance(value, TypeValue):
        return value
    if isinstance(value, str):
        return _named(value, scalar, env, scope, reader.reports)
    if value is not MISSING:
        advice = f"this is {show(value)}, not a type"
        given = reader.given(scalar, env)
        _unknown(scalar.text, scalar, advice, reader.reports, given)
    return None


def _named(
    name: str, scalar: Scalar, env: Env, scope: Scope, reports: Reports
) -> TypeValue | None:
    if name.startswith(SCHEME):
        return _own(name, scalar, reports)
    found = scope.get(name) or OPERATORS.get(name)
    if found is None and scope.is_whole:  # else it may be of a file that was not read
        advice = type_advice(name, [*scope, *OPERATORS], env.values)
        _unknown(name, scalar, advice, reports)
    return TypeValue(found) if found is not None else None


def _own(name: str, scalar: Scalar, reports: Reports) -> TypeValue | None:
    found = python_type(name)
    if found is None:
        reports.add(BadPythonType, scalar.span, name=name[:64])
    return TypeValue(found) if found is not None else None


def _unknown(
    name: str,
    scalar: Scalar,
    advice: str | None,
    reports: Reports,
    given: tuple[Label, ...] = (),
) -> None:
    fields = {"name": name[:64], "advice_text": advice, "given": given}
    reports.add(UnknownType, scalar.span, **fields)
