"""Embeddings: integers to learnt vectors."""

from typing import Annotated

from netspec.kinds import Bool, Choice, Float, Integer, Number, PositiveInt, optional
from netspec.operators.base import (
    Assumptions,
    Call,
    Category,
    Code,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    Weight,
)
from netspec.operators.rules import meet, need_rank

MaybeIndex = Annotated[int | None, optional(Integer())]
MaybeNorm = Annotated[float | None, optional(Number())]
Mode = Annotated[str, Choice("sum", "mean", "max")]


class Table(Operator):
    """What embeddings share: a table of `num_embeddings` rows."""

    abstract = True
    category = Category.EMBEDDING
    positional = ("num_embeddings", "embedding_dim")

    num_embeddings: PositiveInt
    embedding_dim: PositiveInt
    scale_grad_by_freq: Bool = False
    sparse: Bool = False

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        return {"weight": Weight((self.num_embeddings, self.embedding_dim))}

    def _check(self, tensor: TensorType, padding_idx: int | None) -> None:
        if self.sparse and self.scale_grad_by_freq:
            raise OperatorError(
                "`sparse` gradients cannot be scaled: the backward pass would fail",
                argument="sparse",
            )
        if tensor.dtype not in ("int32", "int64"):
            raise OperatorError(
                f"expected int64 or int32, found {tensor.in_full}", input=0
            )
        rows = self.num_embeddings
        if padding_idx is not None and not -rows <= padding_idx < rows:
            raise OperatorError(
                f"`padding_idx` {padding_idx} is no row of {rows}",
                argument="padding_idx",
            )


class Embedding(Table):
    """A learnt vector for each integer, [...] to [..., embedding_dim]."""

    torch = "nn.Embedding"
    accepts = "integral"

    num_embeddings: PositiveInt
    embedding_dim: PositiveInt
    padding_idx: MaybeIndex = None
    max_norm: MaybeNorm = None
    norm_type: Float = 2.0
    scale_grad_by_freq: Bool = False
    sparse: Bool = False

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        self._check(inputs[0], self.padding_idx)
        return TensorType((*inputs[0].sizes, self.embedding_dim))


class EmbeddingBag(Table):
    """The sum, mean or maximum of a bag's vectors, [T] to [embedding_dim].

    A second input [T] weighs them, for `mode: sum`.
    """

    torch = "nn.EmbeddingBag"
    accepts = "number"
    arity = (1, 2)

    num_embeddings: PositiveInt
    embedding_dim: PositiveInt
    max_norm: MaybeNorm = None
    norm_type: Float = 2.0
    scale_grad_by_freq: Bool = False
    mode: Mode = "mean"
    sparse: Bool = False
    padding_idx: MaybeIndex = None

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        self._check(inputs[0], self.padding_idx)
        need_rank(inputs[0], [2], "[T], a bag of integers")
        if self.mode == "max" and (self.sparse or self.scale_grad_by_freq):
            which = "sparse" if self.sparse else "scale_grad_by_freq"
            raise OperatorError(f"`mode: max` has no `{which}`", argument=which)
        if len(inputs) == 2:
            self._check_weights(inputs[0], inputs[1], assume)
        return TensorType((inputs[0].sizes[0], self.embedding_dim))

    def _check_weights(
        self, bag: TensorType, weights: TensorType, assume: Assumptions
    ) -> None:
        if self.mode != "sum":
            raise OperatorError("weights need `mode: sum`", argument="mode", input=1)
        same = bag.rank == weights.rank and all(
            map(meet, bag.sizes, weights.sizes, [assume] * bag.rank)
        )
        if not same or weights.dtype != "float32":
            raise OperatorError(
                f"expected a float32 weight for each of {bag}, found {weights}", input=1
            )

    def call(self, inputs: Inputs) -> Call:
        call = super().call(inputs)
        if len(inputs) == 1:
            return call
        return call._replace(operands=(0, Code("None"), 1))  # None: no offsets
