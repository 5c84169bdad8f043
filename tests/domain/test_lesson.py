"""Each rule of a lesson notebook, with a notebook that breaks it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lawlab.domain.lesson import (
    IMPORT,
    Unconfirmed,
    read_call,
    read_lesson,
    reference_faults,
)
from lawlab.domain.statute import Article, Law, LawInfo
from lawlab.errors import NotFound

CALLS = [
    "lesson.begin()",
    'lesson.article("试验法", 31)',
    'lesson.check("tst-001")',
    'lesson.check("tst-002")',
    'lesson.check("tst-003")',
    'lesson.unconfirmed(\n    "可以打某热线。",\n    source="某单位",\n)',
    "lesson.finish()",
]


def make_cells(*sources: str, title: str = "# 题目\n\n正文") -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": title}
    ]
    for number, source in enumerate(sources):
        cells.append(
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": []},
                "source": source.splitlines(keepends=True),
                "outputs": [],
                "execution_count": None,
            }
        )
    return cells


def make_notebook(cells: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "cells": make_cells(IMPORT, *CALLS) if cells is None else cells,
        "metadata": {"kernelspec": {"name": "python3"}, "lawlab": {"page": "once"}},
        "nbformat": 4,
        "nbformat_minor": 5,
        **changes,
    }


def faults_with(*calls: str) -> list[str]:
    """Faults of a right lesson whose `article` call is replaced by `calls`."""
    return read_lesson(make_notebook(make_cells(IMPORT, CALLS[0], *calls, *CALLS[2:])))[1]


def test_a_right_lesson_says_what_it_holds() -> None:
    lesson, faults = read_lesson(make_notebook())
    assert faults == []
    assert lesson.title == "题目"
    assert lesson.cards == ("tst-001", "tst-002", "tst-003")
    assert [str(ref) for ref in lesson.articles] == ["试验法#31"]
    assert lesson.unconfirmed == (Unconfirmed("可以打某热线。", "某单位"),)


def test_what_an_editor_leaves_behind_does_not_change_the_canonical_form() -> None:
    other = make_notebook(metadata={"kernelspec": {"name": "python3"}, "toc": 1}, nbformat_minor=9)
    other["cells"][1]["source"] = "".join(other["cells"][1]["source"])
    other["cells"][1]["metadata"] = {"scrolled": True}
    assert read_lesson(other)[0].notebook == read_lesson(make_notebook())[0].notebook


def test_the_canonical_form_is_a_once_page_with_its_title() -> None:
    notebook = read_lesson(make_notebook())[0].notebook
    assert notebook["metadata"]["lawlab"] == {"page": "once", "title": "题目"}
    assert read_lesson(notebook) == read_lesson(make_notebook())


@pytest.mark.parametrize(
    "call",
    [
        'lesson.article("刑法", "133之1")',
        'lesson.steps("一", "二")',
        'lesson.takeaway("一", "二", "三")',
        'lesson.staff("内容")',
        'lesson.staff(\n    "分两行"\n    "写的内容"\n)',
        '# 注释\nlesson.unconfirmed("内容", source="来源")',
    ],
)
def test_every_call_of_the_list_may_be_made(call: str) -> None:
    assert faults_with(call) == []


@pytest.mark.parametrize(
    "call",
    [
        "import os",
        "",
        "# 只有注释",
        'lesson.staff("甲");lesson.staff("乙")',
        'x = lesson.staff("甲")',
        '__import__("os").system("id")',
        'print("甲")',
        "lesson.staff",
        'lesson.staff.__call__("甲")',
        'lesson.staff("甲").show()',
        '[lesson.staff("甲")]',
    ],
)
def test_only_one_call_on_lesson_stands_in_a_cell(call: str) -> None:
    assert faults_with(call) == ["第 4 格（c2）：一格只写一句 lesson.…() 调用。"]


@pytest.mark.parametrize(
    "call",
    [
        "lesson.staff()",
        'lesson.staff("甲", "乙")',
        'lesson.staff("  ")',
        "lesson.staff(3)",
        'lesson.staff(f"{1}")',
        'lesson.staff("甲" + "乙")',
        'lesson.staff(open("x").read())',
        'lesson.staff(*["甲"])',
        'lesson.staff("甲", **{})',
        'lesson.staff(text="甲")',
        'lesson.staff("甲", open("x"))',
        'lesson.staff(b"x")',
    ],
)
def test_arguments_are_written_out_and_fit(call: str) -> None:
    assert faults_with(call) == [
        '第 4 格（c2）：应写成 lesson.staff("给执法人员的内容")，内容直接写在引号里。'
    ]


@pytest.mark.parametrize(
    ("call", "form"),
    [
        ("lesson.begin(1)", "lesson.begin()"),
        ('lesson.article("刑法")', "lesson.article("),
        ('lesson.article("刑法", True)', "lesson.article("),
        ('lesson.article("刑法", 1.5)', "lesson.article("),
        ("lesson.check()", "lesson.check("),
        ('lesson.steps("一")', "lesson.steps("),
        ('lesson.takeaway("一", "二")', "lesson.takeaway("),
        ('lesson.unconfirmed("内容")', "lesson.unconfirmed("),
        ('lesson.unconfirmed("内容", "来源")', "lesson.unconfirmed("),
        ('lesson.unconfirmed("内容", source="")', "lesson.unconfirmed("),
        ('lesson.unconfirmed("内容", source="来源", x="1")', "lesson.unconfirmed("),
    ],
)
def test_each_call_has_one_form(call: str, form: str) -> None:
    found, fault = read_call(call, "某格")
    assert found is None
    assert fault.startswith(f"某格：应写成 {form}")


def test_an_unknown_call_is_told_the_known_ones() -> None:
    assert faults_with("lesson.play()") == [
        "第 4 格（c2）：没有 lesson.play。可用的有："
        "begin、article、check、steps、takeaway、unconfirmed、staff、finish。"
    ]


def test_broken_python_is_named() -> None:
    assert faults_with('lesson.staff("甲') == [
        "第 4 格（c2）：不是有效的 Python 语句，请检查引号和括号。"
    ]


def test_a_number_that_is_no_article_is_named() -> None:
    (fault,) = faults_with('lesson.article("刑法", "三一条条")')
    assert fault.startswith("第 4 格（c2）：“三一条条”不是条号")


def without(index: int) -> list[str]:
    return [call for n, call in enumerate(CALLS) if n != index]


@pytest.mark.parametrize(
    ("sources", "fault"),
    [
        (CALLS, f"第一个代码格应只写 {IMPORT}。"),
        (["import os", *CALLS], f"第一个代码格应只写 {IMPORT}。"),
        ([IMPORT, *without(0)], "lesson.begin() 应有且只有一次"),
        ([IMPORT, *CALLS[:1], *CALLS], "lesson.begin() 应有且只有一次"),
        ([IMPORT, CALLS[1], CALLS[0], *CALLS[2:]], "lesson.begin() 应有且只有一次"),
        ([IMPORT, *without(6)], "lesson.finish() 应有且只有一次"),
        ([IMPORT, *without(6)[:4], CALLS[6], *CALLS[4:6]], "lesson.finish() 应有且只有一次"),
        ([IMPORT, *without(2)], "3 到 5 道练习题，现在有 2 道"),
        (
            [IMPORT, CALLS[0], *(f'lesson.check("tst-{n}")' for n in range(6)), CALLS[6]],
            "3 到 5 道练习题，现在有 6 道",
        ),
        ([IMPORT, *CALLS[:4], CALLS[3], *CALLS[4:]], "练习题 tst-002 用了 2 次。"),
        ([IMPORT, CALLS[0], IMPORT, *CALLS[1:]], "一格只写一句"),
    ],
)
def test_the_frame_of_a_lesson_is_complete(sources: list[str], fault: str) -> None:
    faults = read_lesson(make_notebook(make_cells(*sources)))[1]
    assert any(fault in found for found in faults), faults


def changed_cell(**changes: Any) -> dict[str, Any]:
    notebook = make_notebook()
    notebook["cells"][2] |= changes
    return notebook


@pytest.mark.parametrize(
    ("notebook", "fault"),
    [
        ("x", "不是 nbformat 4 的笔记本文件"),
        ({}, "不是 nbformat 4 的笔记本文件"),
        (make_notebook([{"cell_type": "code"}]), "不是 nbformat 4 的笔记本文件"),
        (make_notebook(nbformat_minor=4), "nbformat 4.5 以上"),
        (make_notebook(nbformat=3), "nbformat 4.5 以上"),
        (make_notebook(metadata={}), "内核应为 python3，现在是 空的"),
        (make_notebook(metadata={"kernelspec": {"name": "ir"}}), "内核应为 python3，现在是 ir"),
        (
            make_notebook(metadata={"kernelspec": {"name": "python3"}, "lawlab": {"page": "live"}}),
            "lawlab.page 应为 once",
        ),
        (make_notebook(make_cells(IMPORT, *CALLS, title="没有标题")), "以“# 标题”开头"),
        (make_notebook(make_cells(IMPORT, *CALLS, title="# " + "长" * 81)), "不能超过 80 个字"),
        (make_notebook(make_cells(IMPORT, *CALLS)[1:]), "第一格应为文字格"),
        (make_notebook(make_cells(IMPORT, *CALLS, title="# 甲\n<b>乙</b>")), "不能写 HTML"),
        (make_notebook(make_cells(IMPORT, *CALLS, title="# 甲\x00")), "看不见的控制字符"),
        (make_notebook(make_cells(IMPORT, *CALLS, title="# 甲\n\ud800")), "看不见的控制字符"),
        *(
            (make_notebook(make_cells(IMPORT, *CALLS, title=f"# 甲\n[点这里]({link})")), "不能用")
            for link in (
                "javascript:alert(1)",
                " JavaScript:alert(1)",
                "data:text/html,x",
                "//elsewhere.example",
                "/\\elsewhere.example",
                "http://elsewhere.example",
                "java&#115;cript:alert(1)",
            )
        ),
        (
            make_notebook(make_cells(IMPORT, *CALLS, title="# 甲\n\n[a]: javascript:alert(1)")),
            "不要把地址另写一行",
        ),
        (changed_cell(id="c0"), "id 重复"),
        (changed_cell(id=""), "第 3 格：缺少格子的 id"),
        (changed_cell(outputs=[{"output_type": "stream"}]), "带有运行结果"),
        (changed_cell(execution_count=1), "带有运行结果"),
    ],
)
def test_a_faulty_notebook_is_refused(notebook: Any, fault: str) -> None:
    faults = read_lesson(notebook)[1]
    assert any(fault in found for found in faults), faults


@pytest.mark.parametrize(
    "link", ["https://flk.npc.gov.cn/", "/services/learn/law/民法典#1042", "#a"]
)
def test_a_lesson_may_link_to_this_site_and_to_secure_ones(link: str) -> None:
    notebook = make_notebook(make_cells(IMPORT, *CALLS, title=f"# 甲\n[条文]({link})"))
    assert read_lesson(notebook)[1] == []


@pytest.mark.parametrize("escape", [r"\0", r"\ud800", r"\x1b"])
def test_an_escape_in_a_call_brings_no_control_character(escape: str) -> None:
    call, fault = read_call(f'lesson.staff("甲{escape}乙")', "第 3 格")
    assert call is None
    assert fault == "第 3 格：有看不见的控制字符，请删掉重新输入。"


def test_a_raw_cell_is_refused() -> None:
    cells = [*make_cells(IMPORT, *CALLS), {"cell_type": "raw", "id": "r", "source": "x"}]
    assert read_lesson(make_notebook(cells))[1] == ["第 10 格（r）：只能用文字格和代码格。"]


def find_law(name: str) -> Law:
    if name != "试验法":
        raise NotFound("no_law", f"没有{name}。")
    day = dt.date(2020, 1, 1)
    info = LawInfo("x", name, "法律", "某机关", "现行有效", day, day, day)
    return Law(info, (Article((31, 0), "第三十一条", "甲"),))


def test_cards_and_articles_must_exist() -> None:
    calls = ['lesson.article("试验法", 32)', 'lesson.article("别的法", 1)', *CALLS[2:]]
    lesson, _ = read_lesson(make_notebook(make_cells(IMPORT, CALLS[0], *calls)))
    assert reference_faults(lesson, {"tst-001", "tst-003"}, find_law) == [
        "题库里没有题目 tst-002。",
        "引用的 试验法#32 不可用：试验法共 1 条，没有第 32 条。",
        "引用的 别的法#1 不可用：没有别的法。",
    ]


def test_existing_cards_and_articles_are_no_fault() -> None:
    lesson, _ = read_lesson(make_notebook())
    assert reference_faults(lesson, {"tst-001", "tst-002", "tst-003"}, find_law) == []
