"""Inputs for a network, made up: what self-checks, comparisons and exports run on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from netspec.errors.export import NoSize
from netspec.graph import Graph, walk
from netspec.tensors import TensorType

if TYPE_CHECKING:
    from netspec.network import Network


def example_inputs(
    network: "Network",
    *,
    batch: int = 2,
    sizes: Mapping[str, int] | None = None,
    seed: int = 0,
) -> tuple[Tensor, ...]:
    """Random inputs at the example sizes, those of `sizes` going first.

    Raises NoSize.
    """
    generator = torch.Generator().manual_seed(seed)
    known = {**network.sizes, **(sizes or {})}
    bounds = _indices(network.graph)
    try:
        shapes = [(batch, *port.type.at(known)) for port in network.graph.inputs]
    except KeyError as error:
        raise _no_size(network, error.args[0]) from None
    return tuple(
        _tensor(port.type, shape, bounds, generator)
        for port, shape in zip(network.graph.inputs, shapes, strict=True)
    )


def _no_size(network: "Network", symbol: str) -> NoSize:
    """The error, at the size of an input that is written with the symbol."""
    inputs = network.spec.document.inputs
    spans = [size.span for port in inputs for size in port.shape if symbol in size.text]
    return NoSize(symbol=symbol, span=next(iter(spans), None))


def _tensor(
    type: TensorType, shape: tuple[int, ...], bound: int, generator: torch.Generator
) -> Tensor:
    dtype: torch.dtype = getattr(torch, type.dtype)
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(shape, dtype=dtype, generator=generator)
    high = 2 if dtype is torch.bool else bound
    return torch.randint(high, shape, generator=generator).to(dtype)


def _indices(graph: Graph) -> int:
    """A bound below which every integer is an index that each table has."""
    tables: list[int] = [
        _table(node.operator.__dict__)
        for _, node, _ in walk(graph)
        if node.operator is not None and "num_embeddings" in node.operator.fields
    ]
    return min(tables, default=2)


def _table(arguments: Mapping[str, Any]) -> int:
    return int(arguments["num_embeddings"])
