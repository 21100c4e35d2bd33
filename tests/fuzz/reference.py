"""Networks run node by node, and what an emitted module must have in common with them.

Nothing here is emitted: every node is made on its own from what its operator says of
its call, bodies are never merged, no variable is taken over, nothing runs in place. So
whatever emission makes of classes, loops and variables, the values must be these.
"""

import math
import warnings
from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor, nn

from netspec.compiler import compile
from netspec.diagnostics import SpecError
from netspec.graph import Elaborated, Graph, Node, Output, Ref
from netspec.link import loads
from netspec.network import Network
from netspec.operators.base import Argument, Code, Form, Result, Results

INFIX = {
    "torch.add": torch.add,
    "torch.sub": torch.sub,
    "torch.mul": torch.mul,
    "torch.div": torch.div,
}
ROOTS = {"torch": torch, "nn": nn, "math": math}
BATCH = 2
MODES = (True, False)  # training, then evaluation


class Reference(nn.Module):
    """A graph as a module whose `forward` goes from node to node."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._graph = graph
        for node in graph.present:
            if node.share is None:
                self._own(node)

    def _own(self, node: Node) -> None:
        if node.body is not None:
            self.add_module(node.name, Reference(node.body))
        elif node.call.form is Form.TENSOR:
            empty = torch.empty(node.outputs[0].sizes)
            setattr(self, node.name, found(node.call.function)(empty))
        elif node.call.form is Form.MODULE:
            self.add_module(node.name, _called(node, node.call.function))

    def forward(self, *given: Tensor) -> list[Tensor]:
        graph = self._graph
        ports = [Ref(port.name) for port in graph.inputs]
        values: dict[Ref, Any] = dict(zip(ports, given, strict=True))
        for node in graph.nodes:
            if self.training or not node.train_only:
                results = self._run(node, [values[ref] for ref in node.inputs])
                values |= {Ref(node.name, i): value for i, value in enumerate(results)}
        return [values[output.ref] for output in returned(graph, self.training)]

    def _run(self, node: Node, inputs: list[Tensor]) -> Sequence[Any]:
        name = node.share or node.name
        if node.is_absent:
            return inputs[:1]
        if node.body is not None:
            return self.get_submodule(name)(*inputs)
        if node.call.form is Form.TENSOR:
            return [getattr(self, name)]
        if node.call.form is Form.MODULE:
            given, named = passed(node, node.call.forward, inputs)
            return parts(node, self.get_submodule(name)(*given, *named[0], **named[1]))
        return parts(node, function(node, inputs))


def returned(graph: Graph, training: bool) -> list[Output]:
    """The outputs in the order they are returned: those of training last."""
    outputs = [o for o in graph.outputs if training or o.mode is None]
    return sorted(outputs, key=lambda output: output.mode is not None)


def found(path: str) -> Any:
    """What a dotted name such as `nn.functional.relu` stands for."""
    root, *steps = path.split(".")
    return reduce(getattr, steps, ROOTS[root])


Named = tuple[list[Any], dict[str, Any]]


def _called(node: Node, path: str) -> Any:
    given, named = split(node.call.arguments, [])
    return found(path)(*given, **named)


def split(arguments: Sequence[Argument], inputs: list[Tensor]) -> Named:
    """Positional arguments, and those with keywords."""
    values = [(a.keyword, worked_out(a.value, inputs)) for a in arguments]
    named = {keyword: value for keyword, value in values if keyword is not None}
    return [value for keyword, value in values if keyword is None], named


def passed(
    node: Node, arguments: Sequence[Argument], inputs: list[Tensor]
) -> tuple[list[Any], Named]:
    """What a call is given: its operands, and its arguments."""
    wanted = node.call.operands
    if wanted is None:
        return list(inputs), split(arguments, inputs)
    operands = [inputs[o] if type(o) is int else worked_out(o, inputs) for o in wanted]
    return operands, split(arguments, inputs)


def worked_out(value: Any, inputs: list[Tensor]) -> Any:
    """An argument; one that is code is about the inputs."""
    if not isinstance(value, Code):
        return value
    names = {f"value{i}": tensor for i, tensor in enumerate(inputs)}
    return eval(value.template.format(*names), {**ROOTS, **names})  # an operator's text


def function(node: Node, inputs: list[Tensor]) -> Any:
    """A call that is no module's."""
    call = node.call
    operands, (given, named) = passed(node, call.arguments, inputs)
    match call.form:
        case Form.INFIX:
            return reduce(INFIX[call.function], operands)
        case Form.INDEX:
            return operands[0][tuple(given)]
        case Form.METHOD:
            return getattr(operands[0], call.function)(*operands[1:], *given, **named)
        case Form.LIST:
            return found(call.function)(operands, *given, **named)
    return found(call.function)(*operands, *given, **named)


def parts(node: Node, value: Any) -> list[Any]:
    """A call's value as the outputs of its node."""
    count = len(node.outputs)
    if node.call.results is None:
        return list(value) if count > 1 else [value]
    taken: dict[int, Any] = {}
    _take(node.call.results, value, taken)
    return [taken.get(i) for i in range(count)]


def _take(results: Results, values: Any, taken: dict[int, Any]) -> None:
    for result, value in zip(results, values, strict=False):
        if not isinstance(result, Result):
            _take(result, value, taken)
        elif result.output is not None:
            then = result.then
            taken[result.output] = getattr(value, then[0])(*then[1]) if then else value


# What must agree ----------------------------------------------------------------------


def judge(text: str) -> str:
    """A spec is refused with findings, or its module is its graph."""
    try:
        network = compile(loads(text))
    except SpecError:
        return "refused"
    agree(network)
    return "accepted"


def agree(network: Network) -> None:
    """The keys, and in both modes outputs, gradients and buffers; inputs stay.

    In double precision, so that the order of a sum's terms does not matter.
    """
    module, reference = network.to_module().double(), Reference(network.graph).double()
    owned = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    assert list(owned.items()) == list(network.state.items())
    assert sum(p.numel() for p in module.parameters()) == network.parameters
    _tie(network.elaborated, reference)
    reference.load_state_dict(module.state_dict(), strict=True)
    for training in MODES:
        found = outcome(module.train(training), network)
        wanted = outcome(reference.train(training), network)
        assert len(found[0]) == len(returned(network.graph, training))
        for ours, theirs in zip(found, wanted, strict=True):
            torch.testing.assert_close(ours, theirs, equal_nan=True)


def _tie(network: Elaborated, reference: nn.Module) -> None:
    for path, to in network.ties:
        owner, _, name = path.rpartition(".")
        setattr(reference.get_submodule(owner), name, reference.get_parameter(to))


def outcome(module: nn.Module, network: Network) -> tuple[Any, ...]:
    """Outputs, the gradients of inputs and parameters, and the state after it."""
    torch.manual_seed(0)
    leaves = [sample(network, i) for i in range(len(network.graph.inputs))]
    given = [leaf * 1 for leaf in leaves]  # which a module could overwrite
    before = [value.detach().clone() for value in given]
    module.zero_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = module(*given)
    outputs = [result] if isinstance(result, Tensor) else flat(result)
    for value, kept in zip(given, before, strict=True):
        assert torch.equal(value, kept), "an input is overwritten"
    weighted = [
        (torch.linspace(-1, 1, value.numel()).view_as(value) * value).sum()
        for value in outputs
        if value.requires_grad
    ]
    if weighted:
        torch.stack(weighted).sum().backward()
    owned = dict(module.named_parameters())
    gradients = {name: _or_zero(p) for name, p in owned.items()}
    state = {key: value.clone() for key, value in module.state_dict().items()}
    return outputs, [_or_zero(leaf) for leaf in leaves], gradients, state


def flat(result: Any) -> list[Tensor]:
    """The tensors that are returned; an output of training may be None."""
    return [value for value in result if value is not None]


def _or_zero(tensor: Tensor) -> Tensor:
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad.clone()


def sample(network: Network, position: int) -> Tensor:
    """A batch of one input at its example sizes."""
    type = network.graph.inputs[position].type
    shape = (BATCH, *type.at(network.sizes))
    if not type.is_floating:
        return torch.ones(shape, dtype=getattr(torch, type.dtype))
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)
