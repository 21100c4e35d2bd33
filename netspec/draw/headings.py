"""What units of several nodes, and outputs of several values, are called."""

from netspec.draw.folding import Unit
from netspec.draw.model import Item, Row
from netspec.graph import Node


def wrapped(title: Row, item: Item) -> Item:
    """A repeat and the one child that is drawn of it as one item."""
    child = item.head
    if item.kind == "layers" and item.title is None and len(item.rows) == 1:
        return item._replace(rows=(child._replace(name=title.name, path=title.path),))
    heading = title._replace(
        type=child.type, arguments=child.arguments, details=child.details,
        doc=title.doc or child.doc, parameters=child.parameters, macs=child.macs,
    )  # fmt: skip
    name = title.path if item.children else item.id
    return item._replace(id=name, title=heading)


def names(unit: Unit) -> str:
    """The names of the first and the last of a run: `1…5`."""
    return f"{unit.first.name}…{unit.last.name}"


def output_name(node: Node, position: int) -> str:
    """What one of several outputs is called."""
    if node.operator is not None:
        return node.operator.output_names[position] or str(position)
    assert node.body is not None
    return node.body.outputs[position].name
