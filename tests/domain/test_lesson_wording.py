"""Pictures without a text, half-width print and copied statutes in a lesson."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lawlab.domain.lesson import IMPORT, Lesson, read_lesson
from lawlab.domain.lesson_wording import lesson_quotation_faults, lesson_wording_faults
from lawlab.domain.statute import Article, Law, LawInfo
from lawlab.errors import NotFound

DAY = dt.date(2020, 1, 1)
TEXT = "任何单位和个人不得在桥上堆放柴草、晾晒粮食、停放车辆或者摆摊设点。"
COPY = "任何单位和个人不得在桥上堆放柴草、晾晒粮食。"


def find_law(name: str) -> Law:
    if name != "某镇爱护桥梁条例":
        raise NotFound("no_law", f"没有找到“{name}”。")
    info = LawInfo("x", name, "条例", "某镇", "现行有效", DAY, DAY, DAY)
    return Law(info, (Article((1, 0), "第一条", TEXT),))


def make_lesson(prose: str = "正文。", *calls: str) -> Lesson:
    def code(number: int, source: str) -> dict[str, Any]:
        return {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source}

    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "m1", "metadata": {}, "source": f"# 题目\n\n{prose}"}
    ]
    cells += [code(n, source) for n, source in enumerate((IMPORT, *calls), 2)]
    return read_lesson({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})[0]


@pytest.mark.parametrize("picture", ["![](media/qiao.png)", "![ ](qiao.png)", "![][qiao]"])
def test_a_picture_needs_a_text(picture: str) -> None:
    (fault,) = lesson_wording_faults(make_lesson(f"看图：\n\n{picture}\n\n这是桥。"))
    assert fault.startswith("第 1 格（m1）：图片 ![")
    assert "没有文字说明" in fault


def test_a_picture_with_a_text_is_kept() -> None:
    assert lesson_wording_faults(make_lesson('看图：![一座桥](qiao.png "桥")')) == []


@pytest.mark.parametrize(
    ("prose", "calls", "place"),
    [
        ("要报警,不要等。", (), "第 1 格（m1）里的“要报警,不要等"),
        ("![桥,和路](a.png)", (), "第 1 格（m1）里的"),
        ("正文。", ('lesson.steps("先报警", "再等(不要走)")',), "第 3 格（c3）里的"),
        ("正文。", ('lesson.unconfirmed("可以打电话。", source="某单位,待核")',), "第 3 格（c3）"),
    ],
)
def test_half_width_print_is_found_in_prose_and_calls(
    prose: str, calls: tuple[str, ...], place: str
) -> None:
    (fault,) = lesson_wording_faults(make_lesson(prose, *calls))
    assert fault.startswith(place)


def test_code_and_names_of_laws_are_no_prose() -> None:
    lesson = make_lesson("输入`说(话)`。", 'lesson.article("某镇爱护桥梁条例", 1)')
    assert lesson_wording_faults(lesson) == []


@pytest.mark.parametrize(
    ("prose", "calls", "place"),
    [
        (COPY, (), "第 1 格（m1）："),
        ("正文。", (f'lesson.staff("记住：{COPY}")',), "第 3 格（c3）："),
        ("正文。", (f'lesson.takeaway("一。", "{COPY}", "三。")',), "第 3 格（c3）："),
    ],
)
def test_a_copied_statute_is_found(prose: str, calls: tuple[str, ...], place: str) -> None:
    (fault,) = lesson_quotation_faults(
        make_lesson(prose, *calls), ["《某镇爱护桥梁条例》"], find_law
    )
    assert fault.startswith(place)
    assert "有 20 个字和《某镇爱护桥梁条例》的条文一样" in fault


def test_a_law_that_is_not_there_is_left_to_others() -> None:
    laws = ["没有的法", "某镇爱护桥梁条例"]
    assert len(lesson_quotation_faults(make_lesson(COPY), laws, find_law)) == 1
    assert lesson_quotation_faults(make_lesson(COPY), laws[:1], find_law) == []
