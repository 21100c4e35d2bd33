"""Themes: what the things in a drawing look like.

Categories are told apart by hue *and* lightness, so they differ for colour-blind eyes
and in greyscale too; and every box names its type, so colour is never the only sign.
"""

from collections.abc import Mapping
from typing import NamedTuple

FONT = "Roboto"
FAMILIES = "Roboto, Helvetica, Arial, sans-serif"


class Theme(NamedTuple):
    """Colours as `#rrggbb`.

    Attributes:
        name: what `--theme` calls it.
        background: behind everything.
        text: the types and arguments in boxes, and headings.
        faint: names and costs in boxes.
        muted: labels of edges, and what stands beside a heading.
        line: the borders of boxes.
        edge: the edges.
        cluster: behind an open block.
        inner: behind an open block in an open block, and so on in turn.
        border: the border of an open block.
        block: behind the heading of a block.
        cold: the low end of the heat scale.
        hot: its high end.
        fills: behind operators, by category.
    """

    name: str
    background: str
    text: str
    faint: str
    muted: str
    line: str
    edge: str
    cluster: str
    inner: str
    border: str
    block: str
    cold: str
    hot: str
    fills: Mapping[str, str]

    def heat(self, share: float) -> str:
        """The colour of a share from 0 to 1 of the heat scale."""
        pairs = zip(_rgb(self.cold), _rgb(self.hot), strict=True)
        mixed = (round(low + (high - low) * share) for low, high in pairs)
        return "#" + "".join(f"{part:02x}" for part in mixed)


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[start : start + 2], 16) for start in (1, 3, 5))


LIGHT_FILLS = {
    "convolution": "#99cafe",
    "linear": "#f3aa67",
    "normalization": "#c7eac7",
    "activation": "#fcec9d",
    "pooling": "#f58c7f",
    "dropout": "#d3d3d3",
    "embedding": "#b095e0",
    "recurrent": "#75d0c1",
    "attention": "#f593c3",
    "padding": "#d0ccc1",
    "resampling": "#c8e580",
    "join": "#ffffff",
    "shape": "#f9f5ec",
    "reduction": "#bc927c",
    "arithmetic": "#c4edf7",
    "tensor": "#cbcbf0",
}

DARK_FILLS = {
    "convolution": "#2b5986",
    "linear": "#825222",
    "normalization": "#314f32",
    "activation": "#4e4303",
    "pooling": "#96544c",
    "dropout": "#4f4f4f",
    "embedding": "#756099",
    "recurrent": "#01655a",
    "attention": "#8b4e6c",
    "padding": "#56534a",
    "resampling": "#42520f",
    "join": "#393939",
    "shape": "#413e37",
    "reduction": "#8d6650",
    "arithmetic": "#264b54",
    "tensor": "#4f4f6d",
}

PRINT_FILLS = {
    "convolution": "#c6c6c6",
    "linear": "#bababa",
    "normalization": "#e1e1e1",
    "activation": "#ebebeb",
    "pooling": "#a9a9a9",
    "dropout": "#d3d3d3",
    "embedding": "#a2a2a2",
    "recurrent": "#c0c0c0",
    "attention": "#b1b1b1",
    "padding": "#cccccc",
    "resampling": "#d9d9d9",
    "join": "#ffffff",
    "shape": "#f5f5f5",
    "reduction": "#9b9b9b",
    "arithmetic": "#e6e6e6",
    "tensor": "#cecece",
}

LIGHT = Theme(
    name="light",
    background="#ffffff",
    text="#1b1f24",
    faint="#2f353c",
    muted="#57606a",
    line="#57606a",
    edge="#24292f",
    cluster="#f4f6f8",
    inner="#ffffff",
    border="#d0d7de",
    block="#ffffff",
    cold="#fff7ec",
    hot="#ee7b63",
    fills=LIGHT_FILLS,
)
DARK = Theme(
    name="dark",
    background="#0d1117",
    text="#f0f3f6",
    faint="#e2e6ea",
    muted="#a4acb5",
    line="#8b949e",
    edge="#c9d1d9",
    cluster="#161b22",
    inner="#1f262e",
    border="#30363d",
    block="#21262d",
    cold="#2a2320",
    hot="#a63a29",
    fills=DARK_FILLS,
)
PRINT = Theme(
    name="print",
    background="#ffffff",
    text="#000000",
    faint="#000000",
    muted="#303030",
    line="#000000",
    edge="#000000",
    cluster="#ffffff",
    inner="#ffffff",
    border="#808080",
    block="#ffffff",
    cold="#ffffff",
    hot="#909090",
    fills=PRINT_FILLS,
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}
