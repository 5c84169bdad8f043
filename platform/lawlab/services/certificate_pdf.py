"""Certificates as PDF, a page each: looks the same everywhere and cannot be changed by accident.

The font is one that every PDF reader for Chinese brings; none is shipped.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import segno
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from lawlab.services.certificate_words import TITLE, Printed

FONT = "STSong-Light"
RED = (0xA4 / 255, 0x26 / 255, 0x2C / 255)
WIDTH, HEIGHT = landscape(A4)
SIDE = 35 * mm
ROOM = WIDTH - 2 * SIDE
TOP, BOTTOM = HEIGHT - 66 * mm, 62 * mm
"""The name and the text stand between these."""
SIZES = (24, 20, 16, 12)
NOT_FIRST, NOT_LAST = "，。；：！？、）》”’…", "（《“‘"
"""Signs with which no line begins, or ends."""

registerFont(UnicodeCIDFont(FONT))


def certificate_pages(all_words: Iterable[Printed], title: str, seal: bytes | None) -> bytes:
    """All of them in one file, with the seal's picture when there is one."""
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    canvas.setTitle(title)
    picture = ImageReader(io.BytesIO(seal)) if seal else None
    for words in all_words:
        _page(canvas, words, picture)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def _page(canvas: Canvas, words: Printed, seal: ImageReader | None) -> None:
    canvas.setStrokeColorRGB(*RED)
    for inset, width in ((10 * mm, 3), (12.5 * mm, 1)):
        canvas.setLineWidth(width)
        canvas.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)
    canvas.setFillColorRGB(*RED)
    canvas.setFont(FONT, 48)
    canvas.drawCentredString(WIDTH / 2, HEIGHT - 46 * mm, TITLE)
    canvas.setFillColorRGB(0, 0, 0)
    _text(canvas, words)
    canvas.setFont(FONT, 20)
    canvas.drawRightString(WIDTH - SIDE, 52 * mm, words.town)
    canvas.drawRightString(WIDTH - SIDE, 41 * mm, words.date)
    if seal:
        place = (WIDTH - SIDE - 38 * mm, 34 * mm, 36 * mm, 36 * mm)
        canvas.drawImage(seal, *place, mask="auto", preserveAspectRatio=True)
    _code(canvas, words.scanned, SIDE, 20 * mm, 22 * mm)
    canvas.setFont(FONT, 11)
    canvas.drawString(SIDE + 26 * mm, 22 * mm, words.check)


def _text(canvas: Canvas, words: Printed) -> None:
    """The name and what it got, as large as there is room for."""
    for size in SIZES:
        name = lines_of(f"{words.holder}：", size + 2, ROOM)
        text = lines_of(f"　　{words.text}", size, ROOM)
        if (len(name) + len(text)) * size * 1.7 <= TOP - BOTTOM + size:
            break
    top = TOP
    for line, points in [*((one, size + 2) for one in name), *((one, size) for one in text)]:
        canvas.setFont(FONT, points)
        canvas.drawString(SIDE, top, line)
        top -= size * 1.7


def lines_of(text: str, size: int, room: float) -> list[str]:
    """The text in lines as wide as `room`, broken as Chinese is; no number is torn."""
    lines, line = [], ""
    for sign in text:
        if stringWidth(line + sign, FONT, size) > room:
            whole, keep = line + sign, len(line)
            while keep > 1 and _held(whole[keep - 1], whole[keep]):
                keep -= 1
            lines.append(line[:keep])
            line = line[keep:]
        line += sign
    return [*lines, line]


def _held(before: str, after: str) -> bool:
    number = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
    return number or after in NOT_FIRST or before in NOT_LAST


def _code(canvas: Canvas, scanned: str, left: float, bottom: float, side: float) -> None:
    rows = segno.make_qr(scanned, error="m").matrix
    step = side / len(rows)
    for line, row in enumerate(rows):
        for column, dark in enumerate(row):
            if dark:
                at = (left + column * step, bottom + side - (line + 1) * step)
                canvas.rect(*at, step, step, stroke=0, fill=1)
