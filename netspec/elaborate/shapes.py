"""Asks operators for the types of their outputs, and attaches places to what they say."""

from collections.abc import Mapping

from netspec.diagnostics import Label, Span
from netspec.dimensions import Assumptions, product
from netspec.elaborate.binding import Reports
from netspec.errors import elaborate as errors
from netspec.errors.source import TooLarge
from netspec.limits import Limits
from netspec.operators import Operator, OperatorError
from netspec.source import Entry
from netspec.tensors import TensorType

Types = tuple[TensorType | None, ...]


class Shapes:
    """The shape and dtype rules of all operators, with what they refuse reported."""

    def __init__(self, reports: Reports, limits: Limits) -> None:
        self.reports = reports
        self.limits = limits

    def infer(
        self,
        operator: Operator,
        types: Types,
        assume: Assumptions,
        span: Span,
        arguments: Mapping[str, Entry],
        producers: tuple[Span | None, ...],
        sources: tuple[Span, ...],
    ) -> Types:
        """The outputs' types; None for each where that cannot be known."""
        unknown: Types = (None,) * len(operator.output_names)
        known = tuple(type for type in types if type is not None)
        if len(known) < len(types):
            return unknown
        try:
            operator.admit(known)
            found = operator.infer(known, assume)
            outputs = (
                found
                if isinstance(found, tuple) and not isinstance(found, TensorType)
                else (found,)
            )
            for output in outputs:
                self.whole(known, output)
        except OperatorError as error:
            self.refused(operator, error, known, span, arguments, producers, sources)
            return unknown
        return outputs if self.size(operator, known, outputs, span) else unknown

    def whole(self, inputs: tuple[TensorType, ...], output: TensorType) -> None:
        """The batch must stay first: nothing may mix or lose samples."""
        if any(tensor.is_batched for tensor in inputs) and not output.is_batched:
            raise OperatorError("the batch would not stay the first dimension")

    def refused(
        self,
        operator: Operator,
        error: OperatorError,
        types: tuple[TensorType, ...],
        span: Span,
        arguments: Mapping[str, Entry],
        producers: tuple[Span | None, ...],
        sources: tuple[Span, ...],
    ) -> None:
        """Point at the argument or input at fault, and at what produced the inputs."""
        name = type(operator).__name__
        if error.argument is not None and error.argument in arguments:
            span = arguments[error.argument].value.span
            if span.end_line != span.line:
                span = span._replace(end_line=span.line, end_column=span.column + 1)
        elif error.input is not None and error.input < len(sources):
            span = sources[error.input]
        labels = [
            Label(place, f"gives {tensor}")
            for place, tensor in zip(producers, types, strict=False)
            if place is not None
        ]
        shown = types[error.input or 0] if types else None
        note = f"`{name}` gets {shown}" if shown is not None and not labels else ""
        if len(types) > 1 and not labels:
            note = f"`{name}` gets {' and '.join(map(str, types))}"
        self.reports.add(
            errors.Mismatch,
            span,
            reason=f"`{name}`: {error.reason}",
            note_text=note,
            producers=tuple(labels),
            advice_text=error.advice,
        )

    def size(
        self,
        operator: Operator,
        inputs: tuple[TensorType, ...],
        outputs: tuple[TensorType, ...],
        span: Span,
    ) -> bool:
        """Whether everything the node makes is within the limits."""
        limits = self.limits
        for output in outputs:
            numbers = [size for size in output.shape if isinstance(size, int)]
            for what, found, limit in (
                ("dimensions of a tensor", len(output.shape), limits.rank),
                ("one dimension", max(numbers, default=0), limits.dimension),
                ("the elements of a tensor", product(numbers), limits.elements),
            ):
                if isinstance(found, int) and found > limit:
                    self.too_large(span, what, limit, found)
                    return False
        total = sum(_count(weight.shape) for weight in operator.state(inputs).values())
        if total > limits.parameters:
            self.too_large(span, "parameters", limits.parameters, total)
        return total <= limits.parameters

    def too_large(self, span: Span, what: str, limit: int, found: int) -> None:
        self.reports.add(
            TooLarge, span, what=what, limit=f"{limit:,}", found=f"{found:,}"
        )


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
