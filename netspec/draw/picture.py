"""From a network and options to a picture in any format."""

import json

from netspec.diagnostics import SpecError
from netspec.draw import levels, mermaid, render, svg
from netspec.draw.asked import choose, option
from netspec.draw.beside import beside
from netspec.draw.blocks import own_diagram
from netspec.draw.build import build
from netspec.draw.dot import to_dot
from netspec.draw.focus import focus
from netspec.draw.html import page
from netspec.draw.look import Look
from netspec.draw.merge import changed_blocks, merge
from netspec.draw.model import Drawing
from netspec.draw.options import Options
from netspec.draw.themes import theme
from netspec.errors.draw import NotDrawn
from netspec.graph import Elaborated

FORMATS = ("svg", "png", "pdf", "dot", "html", "mmd", "json")


def picture(elaborated: Elaborated, format: str, options: Options) -> str | bytes:
    """The picture of a network: bytes for png and pdf, else text. Raises SpecError."""
    choose("format", format, FORMATS)
    whole = model(elaborated, options)
    if format == "html":
        return page(whole, levels.opened(whole, options), look_of(options))
    return shown(select(whole, options), format, options)


def difference(
    before: Elaborated, after: Elaborated, format: str, options: Options
) -> str | bytes:
    """The picture of what turns one network into another. Raises SpecError."""
    choose("format", format, FORMATS)
    whole = merge(model(before, options), model(after, options))
    opened = changed_blocks(whole)
    if format == "html":
        return page(whole, opened, look_of(options))
    return shown(levels.cut(whole, opened), format, options)


def shown(drawing: Drawing, format: str, options: Options) -> str | bytes:
    """A drawing that was cut to what is to be seen, in any format but html."""
    look = look_of(options)
    match format:
        case "json":
            data = json.dumps(drawing.to_json(), indent=1, ensure_ascii=False)
            return data.encode(errors="replace").decode() + "\n"
        case "mmd":
            return mermaid.to_mermaid(drawing, look)
        case "dot":
            return to_dot(drawing, look)
        case "png":
            look = look._replace(dpi=options.dpi)
    return rendered(drawing, look, format, options.time_limit)


def rendered(
    drawing: Drawing, look: Look, format: str, time_limit: float
) -> str | bytes:
    """A drawing as svg, png or pdf. Raises SpecError where that takes too long."""
    try:
        data = render.render(to_dot(drawing, look), format, time_limit=time_limit)
    except render.RenderError as error:
        raise SpecError(
            NotDrawn(
                span=option("format", format),
                reason=str(error),
                advice_text="draw less of it with --depth, --collapse or --focus",
            )
        ) from None
    return svg.finish(data.decode(), drawing) if format == "svg" else data


def model(elaborated: Elaborated, options: Options) -> Drawing:
    """The drawing model of all that was asked for, every block open."""
    if options.block is not None:
        elaborated = own_diagram(elaborated, options.block)
    return build(elaborated, unfold=options.unfold, symbolic="symbols" in options.show)


def select(drawing: Drawing, options: Options) -> Drawing:
    """The drawing cut to what was asked for. Raises SpecError."""
    opened = levels.opened(drawing, options)
    apart = [levels.find(drawing, path, "beside") for path in options.beside]
    center = options.focus and levels.place(drawing, options.focus)
    for name in (*apart, center):
        opened |= levels.around(drawing, name) if name else set()
    shown = levels.cut(drawing, opened - set(apart))
    if center:
        shown = focus(shown, center, options.radius)
    return beside(shown, levels.cut(drawing, opened | set(apart)), apart)


def look_of(options: Options) -> Look:
    """How the options want it to look. Raises SpecError for a bad theme."""
    return Look(
        theme=theme(options.theme),
        direction=options.direction,
        show=frozenset(options.show),
        title=options.title,
        heat=options.heat,
        link=options.link,
    )
