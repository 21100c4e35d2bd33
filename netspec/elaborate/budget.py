"""What a spec may cost, counted before it is spent."""

from netspec.diagnostics import Span
from netspec.errors.source import TooLarge
from netspec.limits import Limits
from netspec.reports import Reports


class Budget:
    """The limits with what is used of them; what goes over one is reported."""

    def __init__(self, reports: Reports, limits: Limits) -> None:
        self.reports = reports
        self.limits = limits
        self.steps = 0

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
