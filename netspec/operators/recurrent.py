"""Recurrent layers. Sequences and states have the batch first, inputs and outputs."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from netspec.kinds import Bool, Choice, Few, NonNegativeInt, PositiveInt, Probability
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
from netspec.operators.rules import features, meet, need_rank

Nonlinearity = Annotated[str, Choice("tanh", "relu")]


class Recurrent(Operator):
    """The shared rule of recurrent layers, [T, F] to [T, hidden] and final states."""

    abstract = True
    category = Category.RECURRENT
    accepts = "float32"
    arity: ClassVar[tuple[int, int | None]] = (1, 2)
    outputs: ClassVar[tuple[str, ...]] = ("output", "hidden")
    fresh = False
    positional = ("hidden_size",)
    gates: ClassVar[int] = 1  # rows of the weights, in hidden sizes

    hidden_size: PositiveInt
    num_layers: Few = 1
    bias: Bool = True
    dropout: Probability = 0.0
    bidirectional: Bool = False

    @property
    def projected(self) -> int:
        """The size of what a layer puts out."""
        return self.hidden_size

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _state_sizes(self) -> tuple[int, ...]:
        return (self.projected,)

    def inferred(self, inputs: Inputs) -> dict[str, Any]:
        return {"input_size": features(inputs)}

    def infer(self, inputs: Inputs, assume: Assumptions) -> tuple[TensorType, ...]:
        need_rank(inputs[0], [3], "[T, features], a sequence")
        features(inputs)
        batch, steps, _ = inputs[0].sizes
        output = TensorType((batch, steps, self._directions * self.projected))
        layers = self._directions * self.num_layers
        states = [TensorType((batch, layers, n)) for n in self._state_sizes]
        for position, given in enumerate(inputs[1:], 1):
            wanted = states[position - 1]
            need_rank(given, [3], str(wanted), position)
            if not all(map(meet, given.sizes, wanted.sizes, [assume] * 3)):
                raise OperatorError(
                    f"expected an initial state of {wanted}, found {given}",
                    input=position,
                )
        return (output, *states)

    def _layers(self, inputs: Inputs) -> Iterator[tuple[str, int]]:
        """Each layer's and direction's name and number of input features."""
        size = features(inputs)
        for layer in range(self.num_layers):
            for suffix in ("", "_reverse")[: self._directions]:
                yield f"l{layer}{suffix}", size
            size = self.projected * self._directions

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        state: dict[str, Weight] = {}
        rows = self.gates * self.hidden_size
        for name, size in self._layers(inputs):
            state[f"weight_ih_{name}"] = Weight((rows, size))
            state[f"weight_hh_{name}"] = Weight((rows, self.projected))
            if self.bias:
                state[f"bias_ih_{name}"] = Weight((rows,))
                state[f"bias_hh_{name}"] = Weight((rows,))
            if self.projected != self.hidden_size:
                state[f"weight_hr_{name}"] = Weight((self.projected, self.hidden_size))
        return state

    def macs(self, inputs: Inputs, outputs: Inputs) -> Dim:
        """Every weight is used once a step."""
        matrices = [w.shape for n, w in self.state(inputs).items() if "weight" in n]
        return inputs[0].sizes[1] * sum(rows * columns for rows, columns in matrices)

    def call(self, inputs: Inputs) -> Call:
        call = super().call(inputs)
        arguments = (*call.arguments, Argument("batch_first", True, "batch_first"))
        states = [
            f"{{{i}}}.transpose(0, 1).contiguous()" for i in range(1, len(inputs))
        ]
        given = f"({', '.join(states)})" if len(states) > 1 else "".join(states)
        operands = (0, Code(given)) if states else (0,)
        results = (Result(0), self._taken_apart())
        return call._replace(arguments=arguments, operands=operands, results=results)

    def _taken_apart(self) -> Any:
        return Result(1, ("transpose", (0, 1)))


class RNN(Recurrent):
    """Elman network over [T, F]: h' = tanh(W x + U h + b).

    Gives `output` [T, hidden] and `hidden` [layers, hidden], where directions count
    as layers; a second input is the initial state, like `hidden`.
    """

    torch = "nn.RNN"

    hidden_size: PositiveInt
    num_layers: Few = 1
    nonlinearity: Nonlinearity = "tanh"
    bias: Bool = True
    dropout: Probability = 0.0
    bidirectional: Bool = False


class GRU(Recurrent):
    """Gated recurrent units over [T, F] (Cho et al. 2014).

    Gives `output` [T, hidden] and `hidden` [layers, hidden], where directions count
    as layers; a second input is the initial state, like `hidden`.
    """

    torch = "nn.GRU"
    gates = 3


class LSTM(Recurrent):
    """Long short-term memory over [T, F] (Hochreiter and Schmidhuber 1997).

    Gives `output` [T, hidden], `hidden` and `cell` [layers, hidden], where directions
    count as layers; a second and a third input are the initial `hidden` and `cell`.
    """

    torch = "nn.LSTM"
    arity = (1, 3)
    outputs = ("output", "hidden", "cell")
    gates = 4

    proj_size: NonNegativeInt = 0

    @property
    def projected(self) -> int:
        return self.proj_size or self.hidden_size

    @property
    def _state_sizes(self) -> tuple[int, ...]:
        return (self.projected, self.hidden_size)

    def infer(self, inputs: Inputs, assume: Assumptions) -> tuple[TensorType, ...]:
        if self.proj_size >= self.hidden_size:
            raise OperatorError(
                f"`proj_size` {self.proj_size} must be below `hidden_size` "
                f"{self.hidden_size}",
                argument="proj_size",
            )
        if len(inputs) == 2:
            raise OperatorError(
                "an initial state is two inputs, hidden and cell", input=1
            )
        return super().infer(inputs, assume)

    def _taken_apart(self) -> Any:
        turn = ("transpose", (0, 1))
        return (Result(1, turn), Result(2, turn))
