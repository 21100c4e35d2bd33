"""What can be asked of a drawing: the options of `draw` and of `netspec draw`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from netspec.draw.asked import choose

DIRECTIONS = ("TB", "LR")
SHOW = ("names", "shapes", "params", "macs", "dtype", "symbols")
HEATS = ("params", "macs")


class Options(NamedTuple):
    """The options of a drawing.

    Attributes:
        depth: how many levels of blocks are open; by default as many as read well.
        expand: paths of blocks to open, as in `layer2.0`.
        collapse: paths of blocks to close.
        beside: paths of blocks to draw open beside the network, closed in it.
        unfold: draw equal neighbours one by one.
        block: draw this block's own diagram, as the network first uses it.
        focus: draw only what is near this path,
        radius: at most so many edges away.
        direction: "TB" or "LR": top to bottom, or left to right.
        theme: "light", "dark", "print", or a YAML file of colours.
        heat: colour by "params" or "macs" instead of by category.
        show: which facts are shown, of `SHOW`.
        title: the title, by default the network's name; "" for none.
        link: the address a node links to, over `{path}` and `{line}` of its spec.
        dpi: the resolution of a PNG.
        time_limit: seconds that laying it out may take.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    collapse: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    unfold: bool = False
    block: str | None = None
    focus: str | None = None
    radius: int = 2
    direction: str = "TB"
    theme: str = "light"
    heat: str | None = None
    show: tuple[str, ...] = ("names", "shapes", "params")
    title: str | None = None
    link: str = "{path}#L{line}"
    dpi: int = 192
    time_limit: float = 30.0

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Options from keywords. Raises TypeError or SpecError for wrong ones."""
        options = cls(**given)
        choose("direction", options.direction, DIRECTIONS)
        for word in options.show:
            choose("show", word, SHOW, what="fact to show")
        if options.heat is not None:
            choose("heat", options.heat, HEATS, what="cost to colour by")
        return options
