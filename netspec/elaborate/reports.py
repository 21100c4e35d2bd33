"""What elaboration finds, each with the way that led there."""

from collections.abc import Iterable
from typing import Any

from netspec.diagnostics import ERRORS_KEPT, Finding, Span, SpecError, Use, suggest
from netspec.elaborate.values import Failure
from netspec.errors import elaborate as errors


class Reports:
    """Collects findings; each gets the trail of block uses that led to it.

    The same finding at the same place is kept once, however many uses lead there.
    """

    def __init__(self) -> None:
        self.findings: dict[tuple[Any, ...], Finding] = {}
        self.trail: tuple[Use, ...] = ()

    def add(self, kind: type[Finding], span: Span, **fields: Any) -> None:
        finding = kind(span=span, trail=self.trail, **fields)
        self.findings.setdefault((kind, span.key), finding)
        if finding.severity == "error" and len(self.findings) >= ERRORS_KEPT:
            self.stop()

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
            errors.BadExpression, span, reason=error.reason, advice_text=error.advice
        )
