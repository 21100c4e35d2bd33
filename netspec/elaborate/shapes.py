"""Asks operators for the types of their outputs; adds places to what they say."""

from collections.abc import Mapping
from typing import NamedTuple

from netspec.constraints import Assumptions
from netspec.diagnostics import Span
from netspec.dimensions import BATCH, TooComplex, product
from netspec.elaborate.body import Producer
from netspec.elaborate.budget import Budget
from netspec.elaborate.remedies import Remedy
from netspec.errors import elaborate as errors
from netspec.operators import Operator, OperatorError
from netspec.source import Entry
from netspec.tensors import TensorType

Types = tuple[TensorType | None, ...]


class Asked(NamedTuple):
    """Where an operator is asked, where its arguments and its inputs are written."""

    span: Span
    arguments: Mapping[str, Entry]
    producers: tuple[Producer, ...]


class Shapes:
    """The shape and dtype rules of all operators, with what they refuse reported."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.reports = budget.reports

    def infer(
        self, operator: Operator, types: Types, assume: Assumptions, asked: Asked
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
            distinct = tuple(dict.fromkeys(outputs))  # of many, most are alike
            for output in distinct:
                self.whole(known, output)
            fits = self.size(operator, known, distinct, asked.span)
            return outputs if fits else unknown
        except OperatorError as error:
            refused = error
        except TooComplex as error:
            refused = OperatorError(f"its shape needs {error}")
        self.refused(operator, refused, known, asked, assume)
        return unknown

    def whole(self, inputs: tuple[TensorType, ...], output: TensorType) -> None:
        """The batch must stay first: nothing may mix or lose samples."""
        mixed = not output.is_batched or BATCH in output.symbols()
        if any(tensor.is_batched for tensor in inputs) and mixed:
            raise OperatorError("the batch would not stay the first dimension")

    def refused(
        self,
        operator: Operator,
        error: OperatorError,
        types: tuple[TensorType, ...],
        asked: Asked,
        assume: Assumptions,
    ) -> None:
        """Point at the argument or input at fault, and at what produced the inputs."""
        name, (span, arguments, producers) = type(operator).__name__, asked
        if error.argument is not None and error.argument in arguments:
            span = arguments[error.argument].value.span.head
        elif error.input is not None and error.input < len(producers):
            written = producers[error.input].written
            span = written.span if written is not None else span
        found = (p.label(t) for p, t in zip(producers, types, strict=False))
        labels = tuple(label for label in found if label is not None)
        advice = error.advice or Remedy(operator, types, producers, assume).find(error)
        shown = " and ".join(map(str, types))
        self.reports.add(
            errors.Mismatch,
            span,
            reason=f"`{name}`: {error.reason}",
            note_text=f"`{name}` gets {shown}" if shown and not labels else "",
            producers=labels,
            advice_text=advice,
        )

    def size(
        self,
        operator: Operator,
        inputs: tuple[TensorType, ...],
        outputs: tuple[TensorType, ...],
        span: Span,
    ) -> bool:
        """Whether everything the node makes is within the limits."""
        for output in outputs:
            numbers = [size for size in output.shape if isinstance(size, int)]
            for what, found, limit in (
                ("dimensions of a tensor", len(output.shape), "rank"),
                ("one dimension", max(numbers, default=0), "dimension"),
                ("the elements of a tensor", product(numbers), "elements"),
            ):
                if isinstance(found, int) and not self.budget.within(
                    span, what, found, limit
                ):
                    return False
        total = sum(_count(weight.shape) for weight in operator.state(inputs).values())
        return self.budget.within(span, "parameters", total, "parameters")


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
