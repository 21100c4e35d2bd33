"""Products of tensors that all flow in: no weights of their own."""

from typing import Annotated

from netspec.dimensions import batch, product
from netspec.kinds import Bool, Number, Str, optional
from netspec.operators.base import (
    Assumptions,
    Call,
    Category,
    Code,
    Dim,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
)
from netspec.operators.rules import broadcast, meet

MaybeFloat = Annotated[float | None, optional(Number())]


def same_dtype(inputs: Inputs) -> None:
    """Refuse inputs of several dtypes: products do not promote."""
    for position, tensor in enumerate(inputs):
        if tensor.dtype != inputs[0].dtype:
            raise OperatorError(
                f"{inputs[0]} and {tensor} differ in dtype", input=position
            )


class MatMul(Operator):
    """The matrix product over the last two dimensions; those before broadcast."""

    category = Category.LINEAR
    torch = "torch.matmul"
    form = Form.FUNCTION
    arity = (2, 2)
    accepts = "number"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        same_dtype(inputs)
        first, second = inputs
        rows, columns = first.sizes, second.sizes
        if first.rank == 0 or second.rank == 0:
            raise OperatorError(
                f"cannot multiply {first} by {second}: one is no matrix"
            )
        if second.rank == 1:
            columns = (*columns, 1)
        if first.rank == 1:
            rows = (1, *rows)
        self._check(rows, columns, inputs, assume)
        front = broadcast(
            (first.with_sizes(rows[:-2]), second.with_sizes(columns[:-2])),
            assume,
            "cannot multiply",
        )
        kept = (rows[-2:-1] if first.rank > 1 else ()) + (
            columns[-1:] if second.rank > 1 else ()
        )
        return first.with_sizes((*front, *kept))

    def _check(
        self,
        rows: tuple[Dim, ...],
        columns: tuple[Dim, ...],
        inputs: Inputs,
        assume: Assumptions,
    ) -> None:
        mixed = batch() in (rows[-1], columns[-2]) or (
            rows[-2] == batch() and len(columns) > 2
        )
        if mixed or not meet(rows[-1], columns[-2], assume):
            reason = "samples would mix" if mixed else "the inner sizes differ"
            raise OperatorError(f"cannot multiply {inputs[0]} by {inputs[1]}: {reason}")

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        return product(outputs[0].shape) * inputs[0].sizes[-1]


class Einsum(Operator):
    """A sum of products by Einstein's notation, such as `bij,bjk->bik`.

    One or two inputs; the batch has a letter of its own, which leads the result.
    """

    category = Category.LINEAR
    torch = "torch.einsum"
    form = Form.FUNCTION
    arity = (1, 2)
    accepts = "number"
    fresh = False

    equation: Str

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        same_dtype(inputs)
        terms, result = self._terms(inputs)
        sizes: dict[str, Dim] = {}
        for position, (term, tensor) in enumerate(zip(terms, inputs, strict=True)):
            for letter, size in zip(term, tensor.sizes, strict=True):
                known = sizes.setdefault(letter, size)
                if not meet(known, size, assume):
                    raise self._refuse(f"`{letter}` is {known} and {size}", position)
        self._check_batch(terms, result, sizes)
        return inputs[0].with_sizes(sizes[letter] for letter in result)

    def _refuse(self, reason: str, input: int | None = None) -> OperatorError:
        return OperatorError(
            f"`{self.equation}`: {reason}", argument="equation", input=input
        )

    def _terms(self, inputs: Inputs) -> tuple[list[str], str]:
        """The letters of each input and of the result."""
        left, arrow, result = self.equation.replace(" ", "").partition("->")
        terms = left.split(",")
        letters = "".join((*terms, result))
        if not arrow or not letters.isascii() or not letters.isalpha():
            raise self._refuse("expected letters, as in `bij,bjk->bik`")
        if len(set(result)) < len(result) or not set(result) <= set("".join(terms)):
            raise self._refuse("each letter of the result comes once, from an input")
        if len(terms) != len(inputs):
            raise self._refuse(f"it has {len(terms)} terms for {len(inputs)} inputs")
        for position, (term, tensor) in enumerate(zip(terms, inputs, strict=True)):
            if len(term) != tensor.rank:
                raise self._refuse(
                    f"`{term}` does not fit {tensor}: it has {tensor.rank} dimensions, "
                    "the batch counted",
                    position,
                )
        return terms, result

    def _check_batch(
        self, terms: list[str], result: str, sizes: dict[str, Dim]
    ) -> None:
        batched = {letter for letter, size in sizes.items() if size == batch()}
        if batched and (len(batched) > 1 or not result or result[0] not in batched):
            raise self._refuse("one letter is the batch's, and leads the result")

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        """Every combination of letters that are not summed within one input."""
        terms, result = self._terms(inputs)
        if len(terms) == 1:
            return 0
        shared = set(terms[0]) & set(terms[1])
        if shared <= set(result):
            return 0  # nothing is summed over both: an ordinary product
        kept = shared | set(result)
        sizes = {
            letter: size
            for term, tensor in zip(terms, inputs, strict=True)
            for letter, size in zip(term, tensor.sizes, strict=True)
        }
        return product(n for k, n in sizes.items() if k in kept and n != batch())

    def call(self, inputs: Inputs) -> Call:
        operands = (Code(f'"{self.equation}"'), *range(len(inputs)))
        return Call(self.torch, (), self.form, operands)


class ScaledDotProductAttention(Operator):
    """softmax(Q K' / sqrt(E)) V over [..., T, E], [..., S, E] and [..., S, F].

    A fourth input is a boolean mask [..., T, S], True where a key may be seen.
    """

    category = Category.ATTENTION
    torch = "nn.functional.scaled_dot_product_attention"
    form = Form.FUNCTION
    arity = (3, 4)
    accepts = "any"
    fresh = False

    is_causal: Bool = False
    scale: MaybeFloat = None

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        query, key, value = inputs[:3]
        same_dtype(inputs[:3])
        if not query.is_floating:
            raise OperatorError(f"expected floating-point numbers, found {query}")
        fits = (
            query.rank == key.rank == value.rank
            and query.rank >= 3
            and meet(query.sizes[-1], key.sizes[-1], assume)
            and meet(key.sizes[-2], value.sizes[-2], assume)
            and all(map(meet, query.sizes[:-2], key.sizes[:-2], [assume] * 8))
            and all(map(meet, query.sizes[:-2], value.sizes[:-2], [assume] * 8))
        )
        if not fits:
            raise OperatorError(
                f"expected [..., T, E], [..., S, E] and [..., S, F], found {query}, "
                f"{key} and {value}"
            )
        if len(inputs) == 4:
            self._check_mask(query, key, inputs[3], assume)
        return query.with_sizes((*query.sizes[:-1], value.sizes[-1]))

    def _check_mask(
        self, query: TensorType, key: TensorType, mask: TensorType, assume: Assumptions
    ) -> None:
        if self.is_causal:
            raise OperatorError("`is_causal` takes no mask", argument="is_causal")
        wanted = (*query.sizes[:-2], query.sizes[-2], key.sizes[-2])
        fits = 2 <= mask.rank <= len(wanted) and all(
            size == 1 or meet(size, want, assume)
            for size, want in zip(mask.sizes[::-1], wanted[::-1], strict=False)
        )
        if not fits or mask.dtype != "bool":
            raise OperatorError(f"expected a bool mask, found {mask.in_full}", input=3)

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        query, key, value = inputs[:3]
        scores = product(query.shape[:-1]) * key.sizes[-2]
        return scores * (query.sizes[-1] + value.sizes[-1])
