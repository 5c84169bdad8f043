"""The chart of the yearly report, as a picture with a Chinese font of this machine."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress

from lawlab.domain.annual_report import Month
from lawlab.domain.annual_rows import rounded
from lawlab.errors import LawlabError

FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # how the first face of the same file calls itself
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "SimSun",
)
PACKAGE = "fonts-noto-cjk"
INK, BLUE, LINE = "#1F2328", "#1F4E79", "#E3E1DC"


def chinese_font() -> str:
    """The file of a font that has Chinese. Raises LawlabError `no_font`."""
    # matplotlib takes half a second to import, and only a report needs it here.
    from matplotlib import font_manager

    def installed() -> str | None:
        fonts = font_manager.fontManager.ttflist
        # The last one of a name stays: the regular one, where there is one.
        fonts = sorted(fonts, key=lambda one: one.weight in (400, "normal", "regular"))
        files = {one.name: one.fname for one in fonts}
        return next((files[name] for name in FONTS if name in files), None)

    found = installed()
    if found is None:
        # The list is kept between runs: a font may have come since.
        for file in font_manager.findSystemFonts():
            with suppress(OSError, RuntimeError):
                font_manager.fontManager.addfont(file)
        found = installed()
    if found is None:
        raise no_font()
    return found


def no_font() -> LawlabError:
    """Said where no font has Chinese."""
    return LawlabError(
        "no_font",
        "这台机器上没有中文字体，图里的字画不出来，没有生成报告。"
        f"找过的字体：{'、'.join(FONTS)}。"
        f"请管理员安装其中一种，例如运行 apt-get install {PACKAGE}，然后再来一次。",
        fonts=list(FONTS),
        package=PACKAGE,
    )


def draw_chart(months: Sequence[Month], font: str) -> bytes:
    """The attendance rate of each month as a PNG; months without a meeting stay empty."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    words = FontProperties(fname=font, size=9)
    figure = Figure(figsize=(6.3, 2.8), dpi=200, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    shares = {one.month: 100 * one.there / one.expected for one in months}
    axes.bar(list(shares), list(shares.values()), width=0.55, color=BLUE)
    for month, share in shares.items():
        label = f"{rounded(share)}%"
        axes.text(month, share + 2, label, ha="center", color=INK, fontproperties=words)
    year = range(1, 13)
    axes.set_xticks(year, [f"{month}月" for month in year], fontproperties=words)
    axes.set_yticks([0, 50, 100], ["0%", "50%", "100%"], fontproperties=words)
    axes.set_ylim(0, 115)
    axes.set_xlim(0.4, 12.6)
    axes.grid(axis="y", color=LINE)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()
