"""How a lesson may be worded: pictures say what they show, print is full-width, statute text is
left to the buttons that open it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from lawlab.domain.lesson import IMPORT, Lesson, read_call
from lawlab.domain.quotation import quotation_faults
from lawlab.domain.statute import Law, short_name
from lawlab.domain.wording import punctuation_faults
from lawlab.errors import LawlabError

_PICTURE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_CODE = re.compile(r"`[^`\n]*`")
_REFERENCES = ("article", "check")
"""Calls whose arguments are names, not prose."""


def lesson_wording_faults(lesson: Lesson) -> list[str]:
    """Pictures without a text and half-width punctuation, each with its cell."""
    faults = []
    for place, text in prose_of(lesson):
        for picture in _PICTURE.finditer(text):
            if not picture[1].strip():
                faults.append(
                    f"{place}：图片 {picture[0]} 没有文字说明，"
                    "请写成 ![图上画的是什么](文件名)，看不见图的人靠它听课。"
                )
        plain = _CODE.sub("", _PICTURE.sub(lambda picture: picture[1], text))
        faults += [f"{place}{fault}" for fault in punctuation_faults(plain)]
    return faults


def lesson_quotation_faults(
    lesson: Lesson, names: Iterable[str], find_law: Callable[[str], Law]
) -> list[str]:
    """Statute text that was copied into the lesson from one of these laws. A law that is not there
    is another check's business."""
    laws = []
    for name in dict.fromkeys(map(short_name, names)):
        with suppress(LawlabError):
            laws.append(find_law(name))
    return [
        f"{place}：{fault}"
        for place, text in prose_of(lesson)
        for fault in quotation_faults([text], laws)
    ]


def prose_of(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Every text a learner reads in the lesson's own words, with the name of its cell."""
    for number, cell in enumerate(lesson.notebook.get("cells", []), 1):
        place = f"第 {number} 格" + (f"（{cell['id']}）" if cell.get("id") else "")
        if cell["cell_type"] == "markdown":
            yield place, cell["source"]
        elif cell["cell_type"] == "code" and cell["source"].strip() != IMPORT:
            call, _ = read_call(cell["source"], place)
            if call and call.name not in _REFERENCES:
                for text in filter(None, (*map(str, call.texts), call.source)):
                    yield place, text
