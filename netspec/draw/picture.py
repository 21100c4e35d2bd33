"""From a network and options to a picture in any format."""

from netspec.draw import levels, render
from netspec.draw.asked import choose, option, refuse
from netspec.draw.build import build
from netspec.draw.dot import Look, to_dot
from netspec.draw.model import Drawing
from netspec.draw.options import Options
from netspec.errors.draw import NotDrawn
from netspec.graph import Elaborated

FORMATS = ("svg", "png", "pdf", "dot")


def picture(elaborated: Elaborated, format: str, options: Options) -> str | bytes:
    """The picture of a network. Raises SpecError."""
    choose("format", format, FORMATS)
    drawing = select(elaborated, options)
    look = Look(
        direction=options.direction,
        show=frozenset(options.show),
        title=options.title,
        dpi=options.dpi if format == "png" else None,
    )
    dot = to_dot(drawing, look)
    if format == "dot":
        return dot
    try:
        data = render.render(dot, format, time_limit=options.time_limit)
    except render.RenderError as error:
        advice = "draw less of it with --depth, --collapse or --focus"
        raise refuse(
            NotDrawn(
                span=option("format", format), reason=str(error), advice_text=advice
            )
        ) from None
    return data.decode() if format == "svg" else data


def select(elaborated: Elaborated, options: Options) -> Drawing:
    """The drawing cut to the levels asked for."""
    drawing = build(
        elaborated, unfold=options.unfold, symbolic="symbols" in options.show
    )
    return levels.cut(drawing, levels.opened(drawing, options))
