"""Attention, the batch always first."""

from collections.abc import Iterator
from typing import Any

from netspec.kinds import Bool, PositiveInt, Probability
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Code,
    Dim,
    Inputs,
    Operator,
    OperatorError,
    Result,
    TensorType,
    Weight,
)
from netspec.operators.rules import features, fixed, floating, meet, need_rank


def causal_mask(input: int) -> Code:
    """The boolean mask of an input [T, F]: True hides a later position."""
    steps, device = f"{{{input}}}.shape[1]", f"{{{input}}}.device"
    ones = f"torch.ones({steps}, {steps}, dtype=torch.bool, device={device})"
    return Code(f"{ones}.triu(1)")


def need_sequences(inputs: Inputs) -> None:
    """Refuse what is no sequence of one batch, [T, features]."""
    for position, tensor in enumerate(inputs):
        need_rank(tensor, [3], "[T, features], a sequence", position)
        if tensor.sizes[0] != inputs[0].sizes[0]:
            raise OperatorError(f"{inputs[0]} and {tensor} differ in their batch")


def check_heads(size: int, heads: int, argument: str) -> None:
    """Refuse features that the heads do not share evenly."""
    if size % heads:
        raise OperatorError(
            f"`{argument}` {heads} does not divide the input's {size} features",
            argument=argument,
            input=0,
        )


class MultiheadAttention(Operator):
    """Attention of [T, F] to itself, or of a query to a key and a value.

    With two inputs the second is both key and value; a fourth is a boolean [S] that is
    True where a key is padding. `need_weights: true` adds the output `weights`.
    """

    category = Category.ATTENTION
    torch = "nn.MultiheadAttention"
    accepts = "any"
    arity = (1, 4)
    fresh = False
    positional = ("num_heads",)

    num_heads: PositiveInt
    dropout: Probability = 0.0
    bias: Bool = True
    add_bias_kv: Bool = False
    add_zero_attn: Bool = False
    need_weights: Bool = False
    average_attn_weights: Bool = True
    causal: Bool = False

    @property
    def output_names(self) -> tuple[str, ...]:
        return ("output", "weights") if self.need_weights else ("output",)

    def _sources(self, inputs: Inputs) -> tuple[TensorType, TensorType, TensorType]:
        """Query, key and value."""
        query, key, value = self._positions(inputs)
        return inputs[query], inputs[key], inputs[value]

    def _positions(self, inputs: Inputs) -> tuple[int, int, int]:
        last = min(len(inputs), 3) - 1
        return 0, min(1, last), min(2, last)

    def _sizes(self, inputs: Inputs) -> tuple[int, int, int]:
        query, key, value = (
            fixed(tensor.sizes[-1], "the number of features")
            for tensor in self._sources(inputs)
        )
        return query, key, value

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"embed_dim": features(inputs)}

    def infer(
        self, inputs: Inputs, assume: Assumptions
    ) -> TensorType | tuple[TensorType, ...]:
        query, key, _ = self._sources(inputs)
        self._check(inputs, assume)
        keys = key.sizes[1] + self.add_bias_kv + self.add_zero_attn
        output = TensorType(query.sizes)
        heads = () if self.average_attn_weights else (self.num_heads,)
        weights = TensorType((query.sizes[0], *heads, query.sizes[1], keys))
        return (output, weights) if self.need_weights else output

    def _check(self, inputs: Inputs, assume: Assumptions) -> None:
        for position, tensor in enumerate(inputs[:3]):
            if tensor.dtype != "float32":
                raise OperatorError(f"expected float32, found {tensor}", input=position)
        need_sequences(inputs[:3])
        query, key, value = self._sources(inputs)
        check_heads(self._sizes(inputs)[0], self.num_heads, "num_heads")
        if not meet(key.sizes[1], value.sizes[1], assume):
            raise OperatorError(f"key {key} and value {value} differ in length")
        if self.causal and not meet(query.sizes[1], key.sizes[1], assume):
            raise OperatorError(
                f"`causal` needs as many keys as queries: {query} and {key}",
                argument="causal",
            )
        if len(inputs) == 4:
            self._check_padding(key, inputs[3], assume)

    def _check_padding(
        self, key: TensorType, padding: TensorType, assume: Assumptions
    ) -> None:
        same = padding.rank == 2 and all(
            map(meet, padding.sizes, key.sizes, [assume] * 2)
        )
        if not same or padding.dtype != "bool":
            raise OperatorError(
                f"expected a bool for each key of {key}, found {padding}", input=3
            )

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        size, key, value = self._sizes(inputs)
        if key == value == size:
            state = floating(("in_proj_weight", (3 * size, size)))
        else:
            state = floating(
                ("q_proj_weight", (size, size)),
                ("k_proj_weight", (size, key)),
                ("v_proj_weight", (size, value)),
            )
        if self.bias:
            state["in_proj_bias"] = Weight((3 * size,))
        if self.add_bias_kv:
            state |= floating(("bias_k", (1, 1, size)), ("bias_v", (1, 1, size)))
        return state | dense("out_proj", size, size, self.bias)

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        """Three projections in, one out, and a row of keys and values a query."""
        size, key_size, value_size = self._sizes(inputs)
        query, key, _ = (tensor.sizes[1] for tensor in self._sources(inputs))
        keys = key + self.add_bias_kv + self.add_zero_attn
        projections = query * (2 * size) + key * (key_size + value_size)
        return (projections + query * keys * 2) * size

    def call(self, inputs: Inputs) -> Call:
        size, key, value = self._sizes(inputs)
        arguments = [
            Argument(None, size, "embed_dim"),
            Argument(None, self.num_heads, "num_heads"),
        ]
        arguments += [
            Argument(name, getattr(self, name), name)
            for name in ("dropout", "bias", "add_bias_kv", "add_zero_attn")
            if not self.is_default(name)
        ]
        arguments += [
            Argument(name, given, name)
            for name, given in (("kdim", key), ("vdim", value))
            if given != size
        ]
        arguments.append(Argument("batch_first", True, "batch_first"))
        return Call(
            self.torch,
            tuple(arguments),
            operands=(*self._positions(inputs), *((3,) if len(inputs) == 4 else ())),
            forward=tuple(self._options()),
            results=(Result(0), Result(1 if self.need_weights else None)),
        )

    def _options(self) -> Iterator[Argument]:
        """The arguments of the module's own call."""
        if self.causal:
            yield Argument("attn_mask", causal_mask(0), "causal")
        if not self.need_weights:
            yield Argument("need_weights", False, "need_weights")
        elif not self.average_attn_weights:
            yield Argument("average_attn_weights", False, "average_attn_weights")


def dense(name: str, rows: int, columns: int, bias: bool) -> dict[str, Weight]:
    """The parameters of an inner Linear."""
    state = {f"{name}.weight": Weight((rows, columns))}
    return state | ({f"{name}.bias": Weight((rows,))} if bias else {})
