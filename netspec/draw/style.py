"""Themes: what the things in a drawing look like.

Categories are told apart by hue *and* lightness, so they differ for colour-blind eyes
and in greyscale too; and every box names its type, so colour is never the only sign.
"""

from collections.abc import Mapping
from typing import NamedTuple

from netspec.operators.base import Category

FONT = "Roboto"


class Theme(NamedTuple):
    """Colours as `#rrggbb`; `fills` are by category."""

    name: str
    background: str
    text: str
    muted: str
    line: str
    edge: str
    side: str
    clusters: tuple[str, ...]  # by nesting; the last goes on
    cluster_line: str
    block: str
    door: str
    mark: str
    fills: Mapping[str, str]


C = Category
LIGHT_FILLS = {
    C.CONVOLUTION: "#9ec9f0",
    C.LINEAR: "#f2b880",
    C.NORMALIZATION: "#d9eed2",
    C.ACTIVATION: "#fbe79d",
    C.POOLING: "#e8968c",
    C.DROPOUT: "#e3e3e3",
    C.EMBEDDING: "#c3a9e0",
    C.RECURRENT: "#7fc4b0",
    C.ATTENTION: "#e49ac8",
    C.PADDING: "#cfcfcf",
    C.RESAMPLING: "#aed581",
    C.JOIN: "#ffffff",
    C.SHAPE: "#f3f0ea",
    C.REDUCTION: "#d7b8a8",
    C.ARITHMETIC: "#cfe3ec",
    C.TENSOR: "#bdbdd9",
}

LIGHT = Theme(
    name="light",
    background="#ffffff",
    text="#1b1f24",
    muted="#57606a",
    line="#57606a",
    edge="#24292f",
    side="#8c6d1f",
    clusters=("#f6f8fa", "#ffffff"),
    cluster_line="#afb8c1",
    block="#ffffff",
    door="#ffffff",
    mark="#ffffff",
    fills={category.value: fill for category, fill in LIGHT_FILLS.items()},
)

THEMES = {"light": LIGHT}
