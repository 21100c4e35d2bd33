"""How wide text is in this package's fonts, which a viewer of an SVG may not have."""

import struct
from functools import cache

from netspec.draw.render import FONTS


def width(text: str, size: float, *, bold: bool = False) -> float | None:
    """The width of a line of text; None where the font lacks one of its letters."""
    glyphs, advances, unit = _font("Roboto-Bold" if bold else "Roboto-Regular")
    found = [glyphs.get(ord(letter)) for letter in text]
    if None in found:
        return None
    last = len(advances) - 1  # which goes for all glyphs after it
    return size * sum(advances[min(glyph or 0, last)] for glyph in found) / unit


@cache
def _font(name: str) -> tuple[dict[int, int], tuple[int, ...], int]:
    """The glyph of each letter, the advance of each glyph, and the units of an em."""
    data = (FONTS / f"{name}.ttf").read_bytes()
    (count,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * i) for i in range(count))
    tables = {tag: data[start : start + size] for tag, _, start, size in records}
    (unit,) = struct.unpack_from(">H", tables[b"head"], 18)
    (metrics,) = struct.unpack_from(">H", tables[b"hhea"], 34)
    advances = struct.unpack_from(">" + "H2x" * metrics, tables[b"hmtx"])
    return _glyphs(tables[b"cmap"]), advances, unit


def _glyphs(cmap: bytes) -> dict[int, int]:
    """The glyph of each letter, from the subtable of format 4 that these fonts have."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    starts = (struct.unpack_from(">4xI", cmap, 4 + 8 * i)[0] for i in range(count))
    table = next(cmap[at:] for at in starts if cmap[at : at + 2] == b"\x00\x04")
    (twice,) = struct.unpack_from(">H", table, 6)
    parts = (14, 16 + twice, 16 + 2 * twice, 16 + 3 * twice)
    columns = [struct.unpack_from(f">{twice // 2}H", table, at) for at in parts]
    found = {}
    for index, (end, start, delta, offset) in enumerate(zip(*columns, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if offset:
                at = parts[3] + 2 * index + offset + 2 * (code - start)
                (glyph,) = struct.unpack_from(">H", table, at)
            found[code] = (glyph + delta) % 0x10000
    return found
