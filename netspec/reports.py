"""What elaboration and the checks find, each with the way that led there."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from netspec.diagnostics import ERRORS_KEPT, Finding, Label, Span, SpecError, Use
from netspec.errors import elaborate as errors
from netspec.errors.led import Led
from netspec.expressions import ExpressionError, UnknownName
from netspec.source import Scalar
from netspec.spelling import suggest


class Failure(Exception):
    """An expression at a place that failed: for a caller to report."""

    def __init__(
        self, scalar: Scalar, error: ExpressionError, given: tuple[Label, ...] = ()
    ) -> None:
        super().__init__(error.reason)
        self.scalar = scalar
        self.error = error
        self.given = given


class Reports:
    """Collects findings; each gets the trail of block uses that led to it.

    Of what one mistake leads to, the first is kept. `explained` adds to a finding what
    is known of its causes.
    """

    def __init__(
        self, explained: Callable[[Finding], Finding] = lambda finding: finding
    ) -> None:
        self.findings: dict[tuple[Any, ...], Finding] = {}
        self.trail: tuple[Use, ...] = ()
        self.explained = explained
        self.led: dict[Any, tuple[Any, ...]] = {}  # the first that a mistake led to
        self.joined = 0  # how many are shown at such a first one

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What was found that a comment does not silence, where nothing is wrong."""
        return tuple(f for f in self.findings.values() if not f.is_silenced)

    def add(self, kind: type[Finding], span: Span, **fields: Any) -> None:
        """Add a finding. Raises SpecError once there are `ERRORS_KEPT`."""
        finding = self.explained(kind(span=span, trail=self.trail, **fields))
        key = _mistake(finding)
        if key not in self.findings and not self.join(finding, key):
            self.findings[key] = finding
        found = len(self.findings) + self.joined
        if finding.severity == "error" and found >= ERRORS_KEPT:
            self.stop()

    def join(self, finding: Finding, key: tuple[Any, ...]) -> bool:
        """Show the place at the first finding of the same mistake, if there is one."""
        if not isinstance(finding, Led) or finding.same is None:
            return False
        same = (type(finding), finding.same)
        known = self.led.get(same, key)
        first = self.findings.get(known)
        if not isinstance(first, Led):
            self.led[same] = key
            return False
        self.findings[known] = first.also(finding.span)
        self.joined += 1
        return True

    @contextmanager
    def within(self, *uses: Use) -> Iterator[None]:
        """Add steps to the trail of what is found meanwhile."""
        trail = self.trail
        self.trail = (*trail, *uses)
        try:
            yield
        finally:
            self.trail = trail

    def suggest(self, name: str, known: Iterable[str]) -> str | None:
        """As `suggest`, while there are few enough findings for anyone to read it."""
        return suggest(name, known) if len(self.findings) < ERRORS_KEPT else None

    def stop(self) -> None:
        """End here if an error was found. Raises SpecError."""
        wrong = [f for f in self.findings.values() if f.severity == "error"]
        if wrong:
            raise SpecError(*wrong)

    def keep(self, finding: Finding) -> None:
        """Take in a finding made elsewhere."""
        fields = {k: v for k, v in finding.items() if k not in ("span", "trail")}
        self.add(type(finding), finding.span, **fields)

    def failure(self, failure: Failure) -> None:
        """Report an expression that could not be read or evaluated."""
        error, scalar = failure.error, failure.scalar
        span = scalar.span
        if error.end and span.end_line == span.line:
            shift = 1 if scalar.quoted else 0
            span = span.part(error.start + shift, error.end + shift)
        self.add(
            errors.BadExpression,
            span,
            reason=error.reason,
            advice_text=error.advice,
            given=failure.given,
            is_unknown=isinstance(error, UnknownName),
        )


def _mistake(finding: Finding) -> tuple[Any, ...]:
    """What is the same for findings of one mistake.

    Its place, however many uses lead there; the use of a shipped block that it is
    within; or what was set from outside.
    """
    call = finding.call
    if finding.causes:
        return type(finding), *(cause.span.key for cause in finding.causes)
    return (type(finding), finding.span.key) if call is None else (call.span.key,)
