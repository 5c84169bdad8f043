from __future__ import annotations

from typing import Any

import pytest

from lawlab.domain.course_order import merged_order
from lawlab.domain.lesson_diff import Change, lesson_changes

Cells = list[tuple[str, str]]


def notebook(cells: Cells) -> dict[str, Any]:
    return {"cells": [{"cell_type": kind, "source": source} for kind, source in cells]}


def touched(before: Cells, after: Cells) -> list[tuple[str, str, str]]:
    found = lesson_changes(notebook(before), notebook(after))
    return [(c.state, c.kind, c.text) for c in found if c.state != "same"]


BASE: Cells = [
    ("markdown", "# 标题\n\n第一段话，说的是桥。\n\n第二段话，说的是路。"),
    ("code", "from lawlab.ui import lesson"),
    ("code", "lesson.begin()"),
    ("code", 'lesson.article("宪法", 1)'),
    ("code", 'lesson.check("brg-001")'),
    ("markdown", "- 甲项\n- 乙项"),
    ("code", 'lesson.takeaway("一。", "二。", "三。")'),
    ("code", "lesson.finish()"),
]


def changed(place: int, source: str) -> Cells:
    return [(kind, source if n == place else old) for n, (kind, old) in enumerate(BASE)]


def test_equal_lessons_differ_in_nothing() -> None:
    assert touched(BASE, BASE) == []
    assert touched(BASE, [(kind, f"{source}\n") for kind, source in BASE]) == []


def test_a_rewritten_paragraph_is_marked_word_by_word() -> None:
    after = changed(0, BASE[0][1].replace("说的是路", "说的是小路"))
    found = lesson_changes(notebook(BASE), notebook(after))
    (change,) = [change for change in found if change.state != "same"]
    assert change == Change(
        "changed",
        "text",
        (("same", "第二段话，说的是"), ("new", "小"), ("same", "路。")),
    )


def test_cards_and_articles_come_and_go_whole() -> None:
    assert touched(BASE, changed(4, 'lesson.check("brg-002")')) == [
        ("added", "check", "brg-002"),
        ("removed", "check", "brg-001"),
    ]
    assert touched(BASE, changed(3, 'lesson.article("宪法", "2")')) == [
        ("added", "article", "《宪法》第 2 条"),
        ("removed", "article", "《宪法》第 1 条"),
    ]


def test_lists_sentences_and_sources_are_read_one_by_one() -> None:
    assert touched(BASE, changed(5, "- 甲项\n- 丙丁戊\n- 乙项")) == [("added", "text", "- 丙丁戊")]
    sentence = changed(6, 'lesson.takeaway("一。", "二。", "换过的第三句。")')
    assert touched(BASE, sentence) == [("changed", "takeaway", "换过的第三句。")]
    note = [*BASE, ("code", 'lesson.unconfirmed("电话 123。", source="公告")')]
    other = [*BASE, ("code", 'lesson.unconfirmed("电话 123。", source="镇志")')]
    assert touched(note, other) == [("changed", "unconfirmed", "电话 123。（来源：镇志）")]


def test_what_cannot_be_read_is_shown_as_it_is() -> None:
    assert touched(BASE, [*BASE, ("code", "lesson.chek(1)")]) == [
        ("added", "other", "lesson.chek(1)")
    ]
    assert touched([], BASE[:1])[0] == ("added", "heading", "标题")


@pytest.mark.parametrize(
    ("wanted", "shown", "there", "order"),
    [
        ("ab", "ab", "ab", "ab"),
        ("ba", "ab", "ab", "ba"),
        ("abc", "ab", "ab", "ab"),
        ("ac", "abc", "abc", "abc"),
        ("ca", "abc", "abc", "cab"),
        ("bn", "abc", "abcn", "abcn"),
        ("n", "", "n", "n"),
        ("", "ab", "ab", "ab"),
    ],
)
def test_lessons_that_are_not_named_keep_their_place(
    wanted: str, shown: str, there: str, order: str
) -> None:
    assert "".join(merged_order(list(wanted), list(shown), set(there))) == order
