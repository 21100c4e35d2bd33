"""Whether a network and its data fit each other, judged before the first step."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netspec.diagnostics import Label
from netspec.dimensions import substitute, symbol, symbols
from netspec.errors.training import DataMismatch
from netspec.tensors import TensorType

if TYPE_CHECKING:
    from netspec.network import Network

CHANGE = "change {what}, or the spec's input"
CHANGE_OUTPUT = "change the transforms, or what the spec gives"


def need_fit(
    network: "Network",
    given: TensorType,
    wanted: TensorType,
    sized_by: str = "data",
    **blame: Any,
) -> None:
    """Check that the network takes a sample's type and gives the one wanted for it.

    `sized_by` is the field that gives a sample its size, `blame` the fields of the
    error if the network gives another type. Raises DataMismatch.
    """
    sizes = need_taken(network, given, sized_by)
    graph = network.graph
    ref = graph.outputs[0].ref
    found = graph.type_of(ref)
    if not _meet(found, wanted, sizes):
        reason = f"the network's `{ref}` gives {found}, and the data needs {wanted}"
        node, inputs = graph.by_name.get(ref.source), network.spec.document.inputs
        span = node.origin.span if node is not None else inputs[0].span
        place = Label(span, f"gives {found}")
        usual = {"advice": CHANGE_OUTPUT, "note": f"needs {wanted}"}
        raise DataMismatch(reason=reason, places=(place,), **{**usual, **blame})


def need_taken(
    network: "Network", given: TensorType, sized_by: str = "data"
) -> Mapping[str, int]:
    """Check that the network takes a sample's type; the sizes of its symbols then.

    Raises DataMismatch.
    """
    sample = f"a sample is {given}"
    by_data = sized_by.partition(".")[0] == "data"
    change = CHANGE.format(what="the transforms" if by_data else f"`{sized_by}`")
    inputs, graph = network.spec.document.inputs, network.graph
    if len(inputs) != 1:
        listed = ", ".join(f"`{port.name}`" for port in inputs)
        reason = f"it has the inputs {listed}, and a sample is one tensor"
        place = Label(inputs[1].span, "a second input")
        raise _mismatch(reason, "train a network with one input", sample, place)
    port = graph.inputs[0]
    taken = Label(inputs[0].span, f"takes {port.type}")
    sizes = {
        name: size
        for dim, size in zip(port.type.shape, given.shape, strict=False)
        for name in symbols(dim)
        if dim == symbol(name) and isinstance(size, int)
    }
    if not _meet(port.type, given, sizes):
        reason = f"{sample}, and `{port.name}` takes {port.type}"
        raise _mismatch(reason, change, sample, taken, sized_by)
    for needed in network.constraints:
        if needed.symbols() <= sizes.keys() and not needed.holds(sizes):
            reason = f"{sample}, and the network needs {needed}"
            raise _mismatch(reason, change, sample, taken, sized_by)
    return sizes


def _mismatch(
    reason: str, advice: str, note: str, place: Label, field: str = "data"
) -> DataMismatch:
    """The error, at the data and at the place in the spec that it does not fit."""
    return DataMismatch(
        field=field, reason=reason, advice=advice, note=note, places=(place,)
    )


def _meet(stated: TensorType, given: TensorType, sizes: Mapping[str, int]) -> bool:
    """Whether a type is the given one at these sizes; what stays unknown may be."""
    pairs = zip(stated.shape, given.shape, strict=False)
    known = [(substitute(dim, sizes), size) for dim, size in pairs]
    return (
        stated.dtype == given.dtype
        and len(stated.shape) == len(given.shape)
        and all(dim == size for dim, size in known if isinstance(dim, int))
    )
