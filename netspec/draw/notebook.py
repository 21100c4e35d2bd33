"""The interactive page in a notebook: blocks fold where the network is shown."""

from html import escape
from typing import Any

from netspec.draw import draw
from netspec.draw.build import build
from netspec.draw.levels import automatic, boxes
from netspec.graph import Elaborated

ROW = 44  # pixels that a box takes, roughly
LEAST, MOST = 320, 860


class Page:
    """Shows a network as its page, as high as it needs, up to a screen.

    The page stands in a frame of its own, which can neither read nor change the
    notebook. `options` are those of `draw`.
    """

    def __init__(self, elaborated: Elaborated, **options: Any) -> None:
        self.elaborated = elaborated
        self.options = options

    @property
    def height(self) -> int:
        """The frame's height in pixels."""
        drawing = build(self.elaborated)
        return min(max(ROW * boxes(drawing, automatic(drawing)), LEAST), MOST)

    def _repr_html_(self) -> str:
        page = str(draw(self.elaborated, format="html", **self.options))
        return (
            f'<iframe srcdoc="{escape(page)}" sandbox="allow-scripts" '
            f'title="{escape(self.elaborated.name)}" width="100%" '
            f'height="{self.height}" style="border: 1px solid #d0d7de"></iframe>'
        )
