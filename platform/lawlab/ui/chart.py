"""Charts as SVG text: no script, no file, words drawn with the device's own Chinese font."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence
from typing import Any

INK_BLUE, RED, QUIET = "#1F4E79", "#A4262C", "#57606A"
FONTS = ["PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Noto Sans CJK SC"]


def bars(
    labels: Sequence[str], values: Sequence[float], *, title: str, marked: str | None = None
) -> str:
    """Horizontal bars, best on top, each labelled with its value; the bar of `marked` is red,
    and so are those that go below zero.

    Returns an `<svg>` element that scales to the width of its box; `title` is its text alternative.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

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
        figure = Figure(figsize=(4.6, 0.2 + 0.36 * max(1, len(labels))))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.46, 0.02, 0.42, 0.96))
        positions = range(len(labels))
        colours = [
            RED if label == marked or value < 0 else INK_BLUE
            for label, value in zip(labels, values, strict=True)
        ]
        axes.barh(positions, values, color=colours, height=0.62)
        for position, label, value in zip(positions, labels, values, strict=True):
            axes.annotate(
                f"{value:g}",
                (max(value, 0), position),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=12,
                color=QUIET,
            )
            axes.annotate(
                label,
                (0, position),
                xycoords=("axes fraction", "data"),
                xytext=(-8, 0),
                textcoords="offset points",
                va="center",
                ha="right",
                fontsize=12,
            )
        axes.set_xlim(min([*values, 0]) * 1.08, max([*values, 1]) * 1.08)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.axis("off")
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    svg = file.getvalue()
    return svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
