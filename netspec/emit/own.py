"""Modules of the user's own: run only where allowed, held to what the spec states."""

from collections.abc import Sequence
from importlib import import_module

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from netspec.diagnostics import SpecError
from netspec.emit.imports import own_nodes
from netspec.errors import python as errors
from netspec.graph import Elaborated, Node
from netspec.tensors import TensorType


def need_allowed(network: Elaborated, allowed: Sequence[str]) -> None:
    """Raises SpecError for a module not allowed, or a class that is not there."""
    for _, node in own_nodes(network):
        path = node.call.function
        module = path.rpartition(".")[0]
        if module not in allowed and module.partition(".")[0] not in allowed:
            span = node.origin.span
            raise SpecError(
                errors.PythonNotAllowed(span=span, path=path, module=module)
            )
        _need_class(node, path)


def _need_class(node: Node, path: str) -> None:
    """The class must be there, and take the arguments that the spec gives."""
    module, _, name = path.rpartition(".")
    given = {argument.field: argument.value for argument in node.call.arguments}
    try:
        found = getattr(import_module(module), name)
        if not (isinstance(found, type) and issubclass(found, nn.Module)):
            raise TypeError("it is no nn.Module")
        with torch.device("meta"):
            found(**given)
    except Exception as error:  # a user's own code may raise anything
        raise SpecError(_failed(node, error)) from None


def _failed(node: Node, error: Exception) -> errors.PythonFailed:
    reason = f"{type(error).__name__}: {error}".split("\n")[0]
    path = node.call.function
    return errors.PythonFailed(span=node.origin.span, path=path, reason=reason)


def need_as_stated(network: Elaborated, module: nn.Module) -> None:
    """Run the network once at its example sizes. Raises SpecError if one differs."""
    nodes = dict(own_nodes(network))
    symbols = {name for port in network.graph.inputs for name in port.type.symbols()}
    if not nodes or not symbols <= network.sizes.keys():
        return
    held = [_Held(network, path, node) for path, node in nodes.items()]
    hooks = [hook for one in held for hook in one.watch(module)]
    training = module.training
    module.eval()
    try:
        with torch.inference_mode():
            module(*(_sample(port.type, network) for port in network.graph.inputs))
    except SpecError:
        raise
    except Exception as error:
        running = next((one.node for one in held if one.is_running), None)
        if running is None:
            raise
        raise SpecError(_failed(running, error)) from None
    finally:
        module.train(training)
        for hook in hooks:
            hook.remove()


def _sample(type: TensorType, network: Elaborated) -> torch.Tensor:
    dtype = getattr(torch, type.dtype)
    return torch.zeros(2, *type.at(network.sizes), dtype=dtype)


class _Held:
    """Compares what a module gives with what its node states."""

    def __init__(self, network: Elaborated, path: str, node: Node) -> None:
        self.network = network
        self.path = path
        self.node = node
        self.is_running = False

    def watch(self, module: nn.Module) -> list[RemovableHandle]:
        """Hook the module; the handles take the hooks off again."""
        own = module.get_submodule(self.path)
        return [
            own.register_forward_pre_hook(self.before),
            own.register_forward_hook(self.after),
        ]

    def before(self, module: nn.Module, given: object) -> None:
        self.is_running = True

    def after(self, module: nn.Module, given: object, result: object) -> None:
        self.is_running = False
        stated = self.node.outputs[0]
        shape = (2, *stated.at(self.network.sizes))
        if not isinstance(result, torch.Tensor):
            found = f"a {type(result).__name__}"
        elif tuple(result.shape) == shape and str(result.dtype)[6:] == stated.dtype:
            return
        else:
            found = f"{list(result.shape[1:])} {str(result.dtype)[6:]}"
        sizes = ", ".join(f"{n} = {s}" for n, s in self.network.sizes.items())
        raise SpecError(
            errors.StatedOther(
                span=self.node.origin.span,
                path=self.node.call.function,
                found=found,
                stated=f"{list(shape[1:])} {stated.dtype}",
                sizes=sizes or "the sizes of the spec",
            )
        )
