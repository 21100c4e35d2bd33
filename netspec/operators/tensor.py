"""Tensors that a graph owns itself: class tokens, position tables, layer scales."""

from typing import Annotated

from netspec.fills import Fill, FillKind
from netspec.kinds import Integer, ListOf
from netspec.operators.base import (
    Argument,
    Assumptions,
    Call,
    Category,
    Form,
    Inputs,
    Operator,
    OperatorError,
    TensorType,
    Weight,
)

LiteralShape = Annotated[tuple[int, ...], ListOf(Integer(1))]
FillValue = Annotated[Fill, FillKind()]


class OwnedTensor(Operator):
    """The shared rule: no input; the value is the tensor itself, without a batch."""

    abstract = True
    category = Category.TENSOR
    form = Form.TENSOR
    arity = (0, 0)
    fresh = False
    learnt = True

    shape: LiteralShape
    init: FillValue = Fill("zeros_")

    def infer(self, inputs: Inputs, assume: Assumptions) -> TensorType:
        misfit = self.init.misfit(len(self.shape))
        if misfit:
            raise OperatorError(misfit, argument="init")
        return TensorType(self.shape)

    def state(self, inputs: Inputs) -> dict[str, Weight]:
        return {"": Weight(self.shape, learnt=self.learnt)}

    def call(self, inputs: Inputs) -> Call:
        return Call(self.torch, (Argument(None, self.shape, "shape"),), Form.TENSOR)


class Parameter(OwnedTensor):
    """A learnt tensor of a literal shape, by default zeros; its key is its path."""

    torch = "nn.Parameter"
    page = "torch.nn.parameter.Parameter"


class Buffer(OwnedTensor):
    """A tensor that is saved and moved with the network, and not learnt."""

    torch = "nn.Buffer"
    page = "torch.nn.parameter.Buffer"
    learnt = False
