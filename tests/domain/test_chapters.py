"""Laws in pieces to read: every article is in one piece, whatever its headings."""

from __future__ import annotations

import datetime as dt

from lawlab.domain.chapters import (
    MOST_ARTICLES,
    Chapter,
    Part,
    chapter_of,
    chapters,
    outline,
    section_of,
)
from lawlab.domain.statute import Appendix, Article, Law, LawInfo, number_title

DAY = dt.date(2022, 1, 1)
INFO = LawInfo("b", "某镇爱护桥梁条例", "条例", "某镇", "现行有效", DAY, DAY, DAY)


def make_law(*runs: tuple[int, tuple[str, ...]], appendices: tuple[Appendix, ...] = ()) -> Law:
    """A law of so many articles below each path, numbered through."""
    paths = [path for count, path in runs for _ in range(count)]
    articles = [
        Article((n, 0), number_title((n, 0)), f"第{n}条的文字。", path)
        for n, path in enumerate(paths, 1)
    ]
    return Law(INFO, tuple(articles), appendices)


def shape(found: tuple[Chapter, ...]) -> list[tuple[str, int]]:
    return [(chapter.title, len(chapter.articles)) for chapter in found]


def drawn(parts: tuple[Part, ...]) -> list[object]:
    return [
        part.chapter.number if part.chapter else (part.title, drawn(part.parts)) for part in parts
    ]


def test_a_law_with_chapters_is_read_by_chapters_and_keeps_short_sections_together() -> None:
    law = make_law(
        (2, ("第一章 总则",)),
        (3, ("第二章 桥面", "第一节 行人")),
        (4, ("第二章 桥面", "第二节 车辆")),
    )
    found = chapters(law)
    assert shape(found) == [("第一章 总则", 2), ("第二章 桥面", 7)]
    assert [section_of(found[1], article) for article in found[1].articles[2:4]] == [
        "第一节 行人",
        "第二节 车辆",
    ]
    assert drawn(outline(found)) == [1, 2]


def test_a_long_chapter_is_read_by_its_sections() -> None:
    law = make_law(
        (1, ("第一章 总则",)),
        (1, ("第二章 桥面",)),
        (MOST_ARTICLES, ("第二章 桥面", "第一节 行人")),
        (2, ("第二章 桥面", "第二节 车辆")),
    )
    found = chapters(law)
    assert shape(found) == [
        ("第一章 总则", 1),
        ("第二章 桥面", 1),
        ("第一节 行人", MOST_ARTICLES),
        ("第二节 车辆", 2),
    ]
    assert [part.title for part in outline(found)] == ["第一章 总则", "第二章 桥面"]
    assert drawn(outline(found)) == [1, ("第二章 桥面", [2, 3, 4])]


def test_a_long_chapter_without_sections_stays_whole() -> None:
    assert shape(chapters(make_law((MOST_ARTICLES + 3, ("第一章 总则",))))) == [("第一章 总则", 53)]


def test_books_and_parts_are_folds_over_their_chapters() -> None:
    law = make_law(
        (1, ("第一编 总则", "第一章 一般规定")),
        (1, ("第一编 总则", "第二章 桥梁")),
        (2, ("第二编 合同", "第一分编 通则", "第一章 一般规定")),
        (1, ("第三编 责任",)),
        (1, ("附则",)),
    )
    found = chapters(law)
    assert drawn(outline(found)) == [
        ("第一编 总则", [1, 2]),
        ("第二编 合同", [("第一分编 通则", [3])]),
        4,
        5,
    ]
    assert outline(found)[0].chapters == found[:2]
    assert chapter_of(found, (4, 0)) == found[2]
    assert chapter_of(found, (99, 0)) is None


def test_a_law_without_headings_is_one_piece_and_what_stands_before_the_first_is_another() -> None:
    assert shape(chapters(make_law((3, ())))) == [("全文", 3)]
    assert drawn(outline(chapters(make_law((3, ()))))) == [1]
    assert shape(chapters(make_law((1, ("第一章 总则",)), (2, ())))) == [
        ("第一章 总则", 1),
        ("开头部分", 2),
    ]
    assert chapters(make_law()) == ()


def test_appendices_come_last_with_their_text() -> None:
    law = make_law((1, ("第一章 总则",)), appendices=(Appendix("附件1", "桥梁名录\n甲桥"),))
    last = chapters(law)[-1]
    assert (last.number, last.title, last.articles, last.text) == (2, "附件1", (), "桥梁名录\n甲桥")
    assert drawn(outline(chapters(law))) == [1, 2]
