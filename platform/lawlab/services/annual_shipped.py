"""Makes the shipped template of the yearly report: `python -m lawlab.services.annual_shipped`.

A town edits a copy in Word; only who changes the shipped text needs this. It is laid out as
official letters are: 仿宋, three centimetres of air, 28 points a line.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from lawlab.services.annual_template import SHIPPED

TITLE = "{{ town }}{{ year }}年度普法学习情况报告"
OVERVIEW = (
    "{{ year }}年，{{ town }}按照大学习、大练兵、大比武的安排，组织干部职工和法律明白人学习法律。"
    "截至{{ day }}，参加学习的有{{ people }}，其中干部职工{{ staff }}、法律明白人{{ villagers }}，"
    "来自{{ departments }}部门、{{ villages }}村（社区）。"
    "{% if meetings %}全年举办学习活动{{ meetings }}，其中{{ organizers }}。"
    "{% if online_meetings %}这些活动里，线上举办的有{{ online_meetings }}。{% endif %}"
    "参加学习{{ person_times }}，至少参加一次的有{{ attended }}。"
    "{% else %}本年度没有举办学习活动。{% endif %}"
)
LESSONS = (
    "{% if lessons %}在平台上学完课时{{ lessons }}，涉及{{ lesson_people }}。"
    "{% else %}本年度没有人在平台上学完课时。{% endif %}"
)
QUIZZES = (
    "{% if quizzes %}组织测验{{ quizzes }}，交卷{{ quiz_takers }}"
    "{% if quiz_average %}，平均{{ quiz_average }}，及格率{{ pass_rate }}{% endif %}。"
    "{% else %}本年度没有公布成绩的测验。{% endif %}"
)
ATTENDANCE = (
    "{% if expected_times %}全年应到{{ expected_times }}，实到{{ expected_there }}"
    "（其中迟到{{ late }}），出勤率{{ attendance_rate }}；请假{{ leave }}，缺勤{{ absent }}。"
    "{% else %}本年度没有应到的人次，不计出勤率。{% endif %}"
    "{% if guests %}另有{{ guests }}旁听。{% endif %}"
)
UNITS = (
    "{% if expected_times %}"
    "{% if leading_units %}出勤率在九成以上的单位有{{ leading_units }}。"
    "{% else %}没有单位的出勤率达到九成。{% endif %}"
    "{% if lagging_units %}出勤率不到七成的单位有{{ lagging_units }}，请逐一了解原因。"
    "{% else %}没有单位的出勤率低于七成。{% endif %}"
    "{% else %}本年度没有可以比较的单位出勤率。{% endif %}"
)
PROBLEMS = "【请填写：主要问题两到三条，写清表现在哪里、涉及哪些单位。】"
NEXT = "【请填写：下一年的安排，写清做什么、谁负责、什么时候完成。】"


def phase(key: str, name: str) -> str:
    """The sentence on the meetings of one phase."""
    return (
        f"{{% if {key}_meetings %}}举办{name}活动{{{{ {key}_meetings }}}}，"
        f"参加{{{{ {key}_times }}}}，内容有{{{{ {key}_titles }}}}。"
        f"{{% else %}}本年度没有举办{name}活动。{{% endif %}}"
    )


def shipped_template() -> bytes:
    """The content of the template."""
    document = Document()
    _layout(document)
    _line(document, TITLE, "Title")
    _line(document, "一、总体情况", "Heading 1")
    _line(document, OVERVIEW)
    _line(document, "二、开展情况", "Heading 1")
    _line(document, "（一）大学习", "Heading 2")
    _line(document, phase("learn", "大学习") + LESSONS)
    _line(document, "（二）大练兵", "Heading 2")
    _line(document, phase("drill", "大练兵") + QUIZZES)
    _line(document, "（三）大比武", "Heading 2")
    _line(document, phase("compete", "大比武"))
    _line(document, "三、出勤情况", "Heading 1")
    _line(document, ATTENDANCE)
    _line(document, "{%p if chart %}")
    _line(document, "{{ chart }}", "Caption")
    _line(document, "各月出勤率（全年{{ attendance_rate }}）", "Caption")
    _line(document, "{%p endif %}")
    _line(document, UNITS)
    _line(document, "四、存在的问题", "Heading 1")
    _line(document, PROBLEMS)
    _line(document, "五、下一步打算", "Heading 1")
    _line(document, NEXT)
    _line(document, "文中数字的算法和依据见脚注，逐人逐场的明细见附件。")
    for text in ("{{ town }}", "{{ made }}"):
        _line(document, text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    about = document.core_properties
    about.title, about.author, about.comments = "年度普法学习情况报告", "", ""
    about.language = "zh-CN"
    about.created = about.modified = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - Word's are naive
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _layout(document: Any) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(35)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    for name, font, size in (
        ("Normal", "仿宋", 16),
        ("Title", "宋体", 22),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体", 16),
        ("Caption", "仿宋", 12),
    ):
        style = document.styles[name]
        looks = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(looks.attrib):
            del looks.attrib[key]
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            looks.set(qn(f"w:{script}"), font)
        style.font.size, style.font.bold, style.font.italic = Pt(size), name == "Title", False
        style.font.color.rgb = None
        lines = style.paragraph_format
        lines.space_before = lines.space_after = Pt(0)
        # A picture grows beyond an exact line only where the line may grow.
        lines.line_spacing = 1.0 if name == "Caption" else Pt(28)
    centred = WD_ALIGN_PARAGRAPH.CENTER
    document.styles["Title"].paragraph_format.alignment = centred
    document.styles["Title"].paragraph_format.space_after = Pt(28)
    document.styles["Caption"].paragraph_format.alignment = centred
    for border in document.styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break


def _line(document: Any, text: str, style: str = "Normal") -> Any:
    line = document.add_paragraph(text, style)
    if style in ("Normal", "Heading 1", "Heading 2"):
        line.paragraph_format.first_line_indent = Pt(32)
    return line


if __name__ == "__main__":
    SHIPPED.parent.mkdir(exist_ok=True)
    SHIPPED.write_bytes(shipped_template())
