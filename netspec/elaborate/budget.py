"""What a spec may cost, counted before it is spent."""

from collections.abc import Mapping
from typing import Any

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

    def short(self, span: Span, value: Any) -> bool:
        """Whether a list or row, with those within it, is short and flat enough."""
        count, depth = _measured(value, self.limits.list_length)
        return self.within(
            span.head, "the length of a list", count, "list_length"
        ) and self.within(span.head, "the levels of nesting", depth, "yaml_depth")

    def within(self, span: Span, what: str, found: int, name: str) -> bool:
        """Whether `found` is within the limit of that name; if not, it is reported."""
        limit: int = getattr(self.limits, name)
        if found > limit:
            self.reports.keep(TooLarge.of(span, what, self.limits, name, found))
        return found <= limit


def _measured(value: Any, most: int) -> tuple[int, int]:
    """How many values a list or row holds, up to just over `most`, and how deep.

    A list may hold another many times over, so this ends where it is too long.
    """
    count, deepest, waiting = 0, 0, [(value, 1)]
    while waiting and count <= most:
        inner, depth = waiting.pop()
        items = tuple(inner.values()) if isinstance(inner, Mapping) else inner
        if isinstance(items, tuple):
            count, deepest = count + len(items), max(deepest, depth)
            waiting += [(item, depth + 1) for item in items]
    return count, deepest


def weight(values: Mapping[str, Any]) -> int:
    """What it takes to compare values, in steps; lists weigh by their length."""
    lists = [value for value in values.values() if isinstance(value, tuple)]
    return (len(values) + sum(map(len, lists))) // 8
