"""A certificate as a .docx: one A4 page, ready to print."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import segno
from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from lawlab.domain.contest_awards import chinese_date, grouped
from lawlab.store.statutes import china_day
from lawlab.store.tables import Certificate

SEAL = "seal.png"
"""In the data folder: the town's seal as a picture."""
MOST_SEAL_BYTES = 2_000_000
RED = RGBColor(0xA4, 0x26, 0x2C)
FONT = "Noto Serif CJK SC"


def certificate_file(row: Certificate, contest: str, town: str, address: str, seal: Path) -> bytes:
    """The document. `address` is where a code is checked, without the code; a seal that is missing,
    too large or no picture is left out."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(35)
    section.top_margin, section.bottom_margin = Mm(24), Mm(16)
    _line(document, "荣 誉 证 书", 48, colour=RED, bold=True, after=18)
    _line(document, f"{row.holder}：", 26, bold=True, align=WD_ALIGN_PARAGRAPH.LEFT, after=12)
    text = f"在“{contest}”中获得{row.award}（第 {row.rank} 名）。特发此证，以资鼓励。"
    _line(document, text, 24, align=WD_ALIGN_PARAGRAPH.LEFT, indent=Mm(17), after=16)
    right = WD_ALIGN_PARAGRAPH.RIGHT
    if picture := _seal(seal):
        paragraph = document.add_paragraph()
        paragraph.alignment = right
        paragraph.add_run().add_picture(picture, height=Mm(36))
    _line(document, town, 20, align=right, after=2)
    _line(document, chinese_date(china_day(row.made_at)), 20, align=right, after=10)
    code = io.BytesIO()
    segno.make_qr(f"{address}/{row.code}", error="m").save(code, kind="png", scale=6)
    code.seek(0)
    paragraph = document.add_paragraph()
    paragraph.add_run().add_picture(code, height=Mm(20))
    short = address.partition("://")[2]
    _run(paragraph, f"  证书编号 {grouped(row.code)}，可以在 {short} 查验", 11)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Several documents in one file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return content.getvalue()


def _seal(file: Path) -> io.BytesIO | None:
    if not file.is_file() or file.stat().st_size > MOST_SEAL_BYTES:
        return None
    picture = io.BytesIO(file.read_bytes())
    try:
        Document().add_picture(picture)
    except (UnrecognizedImageError, ValueError, KeyError):
        return None
    picture.seek(0)
    return picture


def _line(
    document: DocumentObject,
    text: str,
    points: int,
    *,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.CENTER,
    colour: RGBColor | None = None,
    bold: bool = False,
    indent: Mm | None = None,
    after: int = 0,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(after)
    paragraph.paragraph_format.first_line_indent = indent
    _run(paragraph, text, points, colour=colour, bold=bold)


def _run(
    paragraph: object, text: str, points: int, *, colour: RGBColor | None = None, bold: bool = False
) -> None:
    run = paragraph.add_run(text)  # type: ignore[attr-defined]
    run.font.size, run.font.bold, run.font.name = Pt(points), bold, FONT
    if colour is not None:
        run.font.color.rgb = colour
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
