"""Curves of runs as one SVG: loss and score over epochs, a colour a run."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, MARGIN = 420, 260, 48
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555")

Lines = Sequence[Mapping[str, Any]]
Points = list[tuple[float, float]]


def curves(runs: Mapping[str, Lines], score: str) -> str:
    """An SVG with a panel for the loss and one for the score of each run."""
    metrics = ["loss"] + ([score] if score != "loss" else [])
    panels = [_panel(runs, metric, i * WIDTH) for i, metric in enumerate(metrics)]
    legend = [
        f'<text x="{MARGIN}" y="{HEIGHT + 18 * (i + 1)}" fill="{_color(i)}">'
        f"{escape(name)}</text>"
        for i, name in enumerate(runs)
    ]
    width, height = WIDTH * len(metrics), HEIGHT + 18 * len(runs) + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">\n'
        '<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join([*panels, *legend])
        + "\n</svg>\n"
    )


def _panel(runs: Mapping[str, Lines], metric: str, left: float) -> str:
    splits = {"train": "4 3", "heldout": ""}  # dashed and solid
    series = {
        (number, split): _points(lines, metric, split)
        for number, lines in enumerate(runs.values())
        for split in splits
    }
    everything = [point for points in series.values() for point in points]
    if not everything:
        return ""
    frame = _Frame(everything, left)
    drawn = [
        f'<polyline fill="none" stroke="{_color(number)}" stroke-width="1.5" '
        f'stroke-dasharray="{splits[split]}" points="{frame.place(points)}"/>'
        for (number, split), points in series.items()
        if points
    ]
    return "\n".join([frame.axes(metric), *drawn])


def _points(lines: Lines, metric: str, split: str) -> Points:
    found = [
        line
        for line in lines
        if line.get("split") == split and line.get(metric) is not None
    ]
    return [(float(line["step"]), float(line[metric])) for line in found]


def _color(number: int) -> str:
    return COLORS[number % len(COLORS)]


class _Frame:
    """Where numbers lie on the page."""

    def __init__(self, points: Points, left: float) -> None:
        xs, ys = zip(*points, strict=True)
        self.left = left + MARGIN
        self.x = (min(xs), max(max(xs), min(xs) + 1))
        self.y = (min(ys), max(ys) if max(ys) > min(ys) else min(ys) + 1)

    def place(self, points: Points) -> str:
        across, down = WIDTH - MARGIN - 12, HEIGHT - 2 * MARGIN
        (x0, x1), (y0, y1) = self.x, self.y
        return " ".join(
            f"{self.left + (x - x0) / (x1 - x0) * across:.1f},"
            f"{MARGIN + (y1 - y) / (y1 - y0) * down:.1f}"
            for x, y in points
        )

    def axes(self, metric: str) -> str:
        low, high = HEIGHT - MARGIN, MARGIN
        right = self.left + WIDTH - MARGIN - 12
        beside = f'x="{self.left - 4}" text-anchor="end"'
        return "".join(
            [
                f'<path d="M{self.left} {high}V{low}H{right}" ',
                'fill="none" stroke="#888"/>',
                f'<text x="{self.left}" y="{high - 12}">{escape(metric)}</text>',
                f'<text {beside} y="{high + 4}">{self.y[1]:.3g}</text>',
                f'<text {beside} y="{low}">{self.y[0]:.3g}</text>',
                f'<text x="{right}" y="{low + 16}" text-anchor="end">',
                f"step {self.x[1]:.0f}</text>",
            ]
        )
