"""What can be asked of a drawing: the options of `draw` and of `netspec draw`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from netspec.draw.asked import choose

DIRECTIONS = ("TB", "LR")
SHOW = ("names", "shapes", "params", "macs", "dtype", "symbols")


class Options(NamedTuple):
    """The options of a drawing.

    Attributes:
        depth: how many levels of blocks are open; by default as many as read well.
        expand: paths of blocks to open, as in `layer2.0`.
        collapse: paths of blocks to close.
        direction: "TB" or "LR": top to bottom, or left to right.
        show: which facts are shown, of `SHOW`.
        title: the title, by default the network's name; "" for none.
        dpi: the resolution of a PNG.
        unfold: draw equal neighbours one by one.
        time_limit: seconds that laying it out may take.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    collapse: tuple[str, ...] = ()
    direction: str = "TB"
    show: tuple[str, ...] = ("names", "shapes", "params")
    title: str | None = None
    dpi: int = 192
    unfold: bool = False
    time_limit: float = 30.0

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Options from keywords. Raises TypeError or SpecError for wrong ones."""
        options = cls(**given)
        choose("direction", options.direction, DIRECTIONS)
        for word in options.show:
            choose("show", word, SHOW)
        return options
