"""Charts as SVG text: no script, no file, words drawn with the device's own Chinese font."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK_BLUE, RED, QUIET = "#1F4E79", "#A4262C", "#57606A"
LINES, EMPTY = "#E3E1DC", "#F4F3F0"
FONTS = ["PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Noto Sans CJK SC"]
ROW, WIDTH, END, LETTER = 26, 300, 262, 12
"""A bar with the gap to the next, a chart of bars, where its bars end at most, and a character. So
wide that letters are large enough where a phone makes the chart narrower."""
MOST_LABEL = 144
DARK = 0.55
"""From this share on a cell of a heat table is so dark that its figure is white."""


class _Drawing:
    """A figure of one chart; `svg` once it is drawn."""

    def __init__(self, width: float, height: float, box: tuple[float, float, float, float]) -> None:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(width, height))
        FigureCanvasSVG(self.figure)
        self.axes: Axes = self.figure.add_axes(box)
        self.svg = ""

    def finish(self, title: str) -> None:
        file = io.StringIO()
        self.figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        svg = file.getvalue()
        self.svg = svg[svg.index("<svg") :].replace(
            "<svg", f'<svg role="img" aria-label="{title}"', 1
        )


@contextmanager
def _drawing(
    title: str, width: float, height: float, box: tuple[float, float, float, float]
) -> Iterator[_Drawing]:
    from matplotlib import rc_context

    # Fonts are the browser's business: missing ones here only change how wide a label seems.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.CRITICAL)
    style: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "lawlab",
        "font.family": [*FONTS, "DejaVu Sans"],
    }
    with rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Glyph .* missing from font", category=UserWarning
        )
        drawing = _Drawing(width, height, box)
        yield drawing
        drawing.finish(title)


def bars(
    labels: Sequence[str], values: Sequence[float], *, title: str, marked: str | None = None
) -> str:
    """Horizontal bars, best on top, each labelled with its value; the bar of `marked` is red,
    and so are those that go below zero.

    Returns an `<svg>` element that scales to the width of its box; `title` is its text alternative.
    Every live page draws one, so it is written here: matplotlib would take 30 ms and 10 MB of each
    kernel for a few rectangles.
    """
    height = ROW * max(1, len(labels)) + 8
    low, high = min([*values, 0]) * 1.08, max([*values, 1]) * 1.08
    begin = 8 + min(MOST_LABEL, max((_wide(label) for label in labels), default=0))

    def across(value: float) -> float:
        return begin + (END - begin) * (value - low) / (high - low)

    parts = []
    for row, (label, value) in enumerate(zip(labels, values, strict=True)):
        middle = 4 + ROW * (row + 0.5)
        colour = RED if label == marked or value < 0 else INK_BLUE
        start, end = sorted((across(0), across(value)))
        parts += [
            f'<rect x="{start:.1f}" y="{middle - 8:.1f}" width="{end - start:.1f}" height="16"'
            f' fill="{colour}"/>',
            f'<text x="{begin - 8:.1f}" y="{middle + 4:.1f}" text-anchor="end">{escape(label)}'
            "</text>",
            f'<text x="{end + 5:.1f}" y="{middle + 4:.1f}" fill="{QUIET}">{value:g}</text>',
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}pt"'
        f' role="img" aria-label="{escape(title)}" font-size="{LETTER}"'
        f' font-family="{", ".join(FONTS)}, sans-serif">{"".join(parts)}</svg>'
    )


def _wide(label: str) -> float:
    """How much room a label takes: Latin letters and figures are narrower than Chinese ones."""
    return sum(LETTER if ord(one) > 0x2E80 else 0.62 * LETTER for one in label)


def line(labels: Sequence[str], values: Sequence[float | None], *, title: str) -> str:
    """Shares from 0 to 1 in the order of time, each point labelled in percent; None is a gap.

    Returns an `<svg>` element as `bars` does.
    """
    with _drawing(title, 6.4, 2.6, (0.09, 0.16, 0.89, 0.7)) as drawing:
        axes = drawing.axes
        heights = [float("nan") if value is None else value for value in values]
        axes.plot(range(len(labels)), heights, color=INK_BLUE, marker="o", linewidth=2)
        for position, value in enumerate(values):
            if value is not None:
                axes.annotate(
                    f"{value:.0%}",
                    (position, value),
                    xytext=(0, 8),
                    textcoords="offset points",
                    ha="center",
                    fontsize=11,
                    color=QUIET,
                )
        axes.set_xticks(range(len(labels)), labels, fontsize=11)
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"], fontsize=10, color=QUIET)
        axes.grid(axis="y", color=LINES)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_ylim(-0.04, 1.12)
        axes.set_xlim(-0.6, max(len(labels) - 0.4, 0.6))
    return drawing.svg


def heat(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    title: str,
) -> str:
    """A table of shares from 0 to 1, a row of `values` for each of `rows`: the higher the darker,
    each cell with its percent; None stays empty.

    Returns an `<svg>` element as `bars` does.
    """
    inches, top = 0.32, 0.4
    height = top + inches * max(1, len(rows)) + 0.1
    box = (0.22, 0.1 / height, 0.76, (height - top - 0.1) / height)
    with _drawing(title, 7.2, height, box) as drawing:
        axes = drawing.axes
        for row, (label, shares) in enumerate(zip(rows, values, strict=True)):
            axes.text(-0.6, row, label, va="center", ha="right", fontsize=11)
            for column, share in enumerate(shares):
                colour = EMPTY if share is None else INK_BLUE
                axes.barh(
                    row,
                    0.94,
                    left=column - 0.47,
                    height=0.88,
                    color=colour,
                    alpha=1 if share is None else 0.08 + 0.87 * share,
                )
                if share is not None:
                    axes.text(
                        column,
                        row,
                        f"{share:.0%}",
                        va="center",
                        ha="center",
                        fontsize=9,
                        color="white" if share >= DARK else "black",
                    )
        for column, label in enumerate(columns):
            axes.text(column, -0.75, label, va="center", ha="center", fontsize=11)
        axes.set_xlim(-0.5, max(len(columns), 1) - 0.5)
        axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        axes.axis("off")
    return drawing.svg
