"""A block's own diagram: the block as if it were a network."""

from netspec.diagnostics import SpecError
from netspec.draw import text
from netspec.draw.asked import option
from netspec.errors.draw import UnknownPath
from netspec.graph import Elaborated, Graph, walk
from netspec.spelling import did_you_mean


def own_diagram(elaborated: Elaborated, name: str) -> Elaborated:
    """The block of this name as the network first uses it. Raises SpecError."""
    found: dict[str, Graph] = {}
    for _, node, _ in walk(elaborated.graph):
        if node.body is not None and node.body.kind == "block":
            found.setdefault(node.body.name, node.body)
            if node.body.name == name:
                break
    if name not in found:
        known = f"it uses {', '.join(found)}" if found else "it uses none"
        advice = did_you_mean(name, found, known)
        span = option("block", name)
        raise SpecError(
            UnknownPath(span=span, what="block", name=name, advice_text=advice)
        )
    body = found[name]
    values = ", ".join(f"{k}={text.value(v)}" for k, v in body.arguments.items())
    title = f"{name}({values})" if values else name
    return elaborated._replace(name=title, doc=body.doc, graph=body)
