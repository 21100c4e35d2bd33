"""How a drawing is to look: what every output format is told."""

from typing import NamedTuple

from netspec.draw.style import LIGHT, Theme

SHOWN = frozenset({"names", "shapes", "params"})


class Look(NamedTuple):
    """The options that change a picture but not what is in it; see `Options`."""

    theme: Theme = LIGHT
    direction: str = "TB"
    show: frozenset[str] = SHOWN
    title: str | None = None
    heat: str | None = None
    link: str = ""
    dpi: int | None = None


DEFAULT = Look()
