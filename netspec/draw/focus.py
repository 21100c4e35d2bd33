"""A part of a drawing: what lies within so many steps of one place."""

from netspec.draw.model import Drawing, Item


def focus(drawing: Drawing, center: str, radius: int) -> Drawing:
    """The items at most `radius` edges from the item `center`, or inside it."""
    near = {item.id for item in drawing.walk() if _inside(drawing, item.id, center)}
    for _ in range(radius):
        near |= {
            end
            for edge in drawing.edges
            if edge.source in near or edge.target in near
            for end in (edge.source, edge.target)
        }
    items = tuple(kept for item in drawing.items if (kept := _keep(item, near)))
    edges = tuple(e for e in drawing.edges if e.source in near and e.target in near)
    return drawing._replace(items=items, edges=edges)


def _inside(drawing: Drawing, name: str, center: str) -> bool:
    return name == center or name.startswith((f"{center}.", f"{center}+"))


def _keep(item: Item, near: set[str]) -> Item | None:
    if not item.children:
        return item if item.id in near else None
    children = tuple(kept for child in item.children if (kept := _keep(child, near)))
    return item._replace(children=children) if children else None
