"""A certificate as a .docx: one A4 page, ready to print, which the town may still change."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

import segno
from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from lawlab.services.certificate_words import TITLE, Printed

RED = RGBColor(0xA4, 0x26, 0x2C)
FONT = "Noto Serif CJK SC"


def certificate_file(words: Printed, seal: bytes | None) -> bytes:
    """The document, with the seal's picture when there is one."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(35)
    section.top_margin, section.bottom_margin = Mm(24), Mm(16)
    _line(document, TITLE, 48, colour=RED, bold=True, after=18)
    _line(document, f"{words.holder}：", 26, bold=True, align=WD_ALIGN_PARAGRAPH.LEFT, after=12)
    left, right = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
    _line(document, words.text, 24, align=left, indent=Mm(17), after=16)
    if seal:
        paragraph = document.add_paragraph()
        paragraph.alignment = right
        paragraph.add_run().add_picture(io.BytesIO(seal), height=Mm(36))
    _line(document, words.town, 20, align=right, after=2)
    _line(document, words.date, 20, align=right, after=10)
    code = io.BytesIO()
    segno.make_qr(words.scanned, error="m").save(code, kind="png", scale=6)
    code.seek(0)
    paragraph = document.add_paragraph()
    paragraph.add_run().add_picture(code, height=Mm(20))
    _run(paragraph, f"  {words.check}", 11)
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
