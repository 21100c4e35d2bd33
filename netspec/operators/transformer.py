"""Transformer layers, the batch always first (Vaswani et al. 2017)."""

from typing import Annotated, Any, ClassVar

from netspec.kinds import Bool, Choice, NonNegativeFloat, PositiveInt, Probability
from netspec.operators.attention import (
    MultiheadAttention,
    causal_mask,
    check_heads,
    dense,
    need_sequences,
)
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Dim,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    Weight,
)
from netspec.operators.normalization import affine
from netspec.operators.rules import features, meet

Activation = Annotated[str, Choice("relu", "gelu")]


class TransformerLayer(Operator):
    """What encoder and decoder layers share; `causal` hides later positions."""

    abstract = True
    category = Category.ATTENTION
    accepts = "float32"
    fresh = False
    positional = ("nhead",)
    attentions: ClassVar[tuple[str, ...]]
    mask: ClassVar[str]

    nhead: PositiveInt
    dim_feedforward: PositiveInt = 2048
    dropout: Probability = 0.1
    activation: Activation = "relu"
    layer_norm_eps: NonNegativeFloat = 1e-05
    norm_first: Bool = False
    bias: Bool = True
    causal: Bool = False

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"d_model": features(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        need_sequences(inputs)
        check_heads(features(inputs), self.nhead, "nhead")
        return inputs[0]

    def _attention(self) -> MultiheadAttention:
        return MultiheadAttention(num_heads=self.nhead, bias=self.bias)

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        size, wide = features(inputs), self.dim_feedforward
        state = {
            f"{name}.{key}": weight
            for name in self.attentions
            for key, weight in self._attention().state(inputs[:1]).items()
        }
        state |= dense("linear1", wide, size, self.bias)
        state |= dense("linear2", size, wide, self.bias)
        for number in range(1, len(self.attentions) + 2):
            norm = affine((size,), bias=self.bias)
            state |= {f"norm{number}.{key}": weight for key, weight in norm.items()}
        return state

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        """The attentions and the two layers of the feed-forward network."""
        size, steps = features(inputs), inputs[0].sizes[1]
        sources = (inputs[:1], inputs)[: len(self.attentions)]
        attentions = [self._attention().macs(given, outputs) for given in sources]
        return sum(attentions, steps * (2 * size * self.dim_feedforward))

    def call(self, inputs: Inputs) -> Call:
        call = super().call(inputs)
        given = [argument for argument in call.arguments if argument.field != "causal"]
        given.append(Argument("batch_first", True, "batch_first"))
        mask = (Argument(self.mask, causal_mask(0), "causal"),) if self.causal else ()
        return call._replace(arguments=tuple(given), forward=mask)


class TransformerEncoderLayer(TransformerLayer):
    """Self-attention and a feed-forward network over [T, F]."""

    torch = "nn.TransformerEncoderLayer"
    attentions = ("self_attn",)
    mask = "src_mask"


class TransformerDecoderLayer(TransformerLayer):
    """Self-attention, attention to a memory [S, F] and a feed-forward network.

    Its inputs are the target [T, F] and the memory.
    """

    torch = "nn.TransformerDecoderLayer"
    arity = (2, 2)
    attentions = ("self_attn", "multihead_attn")
    mask = "tgt_mask"

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        target, memory = inputs
        super().infer(inputs, assume)
        if not meet(memory.sizes[-1], target.sizes[-1], assume):
            raise OperatorError(
                f"the memory {memory} differs from the target {target} in its features",
                input=1,
            )
        return target
