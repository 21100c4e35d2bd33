"""Drawings of networks, straight from the spec: no weights and no forward pass.

>>> import netspec
>>> svg = netspec.compile("specs/resnet50.yaml").draw()
>>> svg[:5]
'<?xml'
"""

from typing import Any

from netspec.draw.options import Options
from netspec.draw.picture import FORMATS, picture
from netspec.graph import Elaborated

__all__ = ["FORMATS", "Options", "draw"]


def draw(elaborated: Elaborated, *, format: str = "svg", **options: Any) -> str | bytes:
    """A drawing: text for svg and dot, bytes for png and pdf.

    `format` is one of `FORMATS`; the options are the fields of `Options`. Raises
    SpecError for an option that cannot be met, or a drawing too large to lay out.
    """
    return picture(elaborated, format, Options.of(options))
