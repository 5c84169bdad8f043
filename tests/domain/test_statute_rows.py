"""Building a law from rows, with the defects that the data file is known to have."""

import datetime as dt

import pytest

from lawlab.domain.statute import Heading, Law, LawInfo, number_title
from lawlab.domain.statute_rows import Row, build_law, cut_headings, tidy

DAY = dt.date(2020, 1, 1)
INFO = LawInfo("x", "试验法", "法律", "某机关", "现行有效", DAY, DAY, DAY)


def row(number: int, text: str, chapter: str | None = None, section: str | None = None) -> Row:
    return Row(number_title((number, 0)), number, text, chapter, section)


def outline(headings: tuple[Heading, ...]) -> list[object]:
    return [[h.title, [n for n, _ in h.articles], *outline(h.children)] for h in headings]


def code_with_books() -> Law:
    return build_law(
        INFO,
        [
            row(1, "甲", "第一章 一般规定"),
            row(2, "乙\n第二编 物 权\n第一分编 通 则", "第二章 其他"),
            row(3, "丙", "第一章 一般规定", "第一节 开头"),
            row(4, "丁\n第二分编 所有权", "第一章 一般规定", "第二节 结尾"),
            row(5, "戊\n第三编 合同", "第二章 所有权"),
            row(6, "己", "第二章 所有权"),  # the data file carries the old chapter on
            row(7, "庚\n附 则", "第一章 订立"),
            row(8, "辛", "第一章 订立"),
            row(9, "壬", "第一章 订立"),
        ],
    )


def test_trailing_headings_become_books_and_parts() -> None:
    assert outline(code_with_books().tree) == [
        ["第一编 总则", [], ["第一章 一般规定", [1]], ["第二章 其他", [2]]],
        [
            "第二编 物权",
            [],
            [
                "第一分编 通则",
                [],
                ["第一章 一般规定", [], ["第一节 开头", [3]], ["第二节 结尾", [4]]],
            ],
            ["第二分编 所有权", [], ["第二章 所有权", [5]]],
        ],
        ["第三编 合同", [6], ["第一章 订立", [7]]],
        ["附则", [8, 9]],
    ]


def test_trailing_headings_leave_the_articles_text() -> None:
    assert [article.text for article in code_with_books().articles] == list("甲乙丙丁戊己庚辛壬")


def test_a_heading_knows_its_first_and_last_article() -> None:
    book = code_with_books().tree[1]
    assert (book.first, book.last) == ((3, 0), (5, 0))


def test_a_law_of_chapters_has_no_invented_book() -> None:
    law = build_law(
        INFO, [row(1, "甲", "第一章 总则"), row(2, "乙\n附则", "第一章 总则"), row(3, "丙")]
    )
    assert outline(law.tree) == [["第一章 总则", [1, 2]], ["附则", [3]]]


def test_a_law_without_headings_has_an_empty_tree() -> None:
    assert build_law(INFO, [row(1, "甲")]).tree == ()


def test_inserted_articles_that_share_a_number_are_told_apart() -> None:
    rows = [Row("第一百三十三条", 133, "甲"), Row("第一百三十三条之一", 133, "乙")]
    law = build_law(INFO, rows)
    assert [article.key for article in law.articles] == [(133, 0), (133, 1)]


def test_texts_without_article_numbers_keep_their_title() -> None:
    law = build_law(INFO, [Row("条目二", 2, "甲"), Row("全文", None, "乙")])
    assert [(a.key, a.title) for a in law.articles] == [((2, 0), "条目二"), ((0, 0), "全文")]


@pytest.mark.parametrize(
    "text",
    ["第二编 物权", "甲\n第二编规定的事项。", "甲\n附则另有规定。", "甲\n(一)附 则", "附则\n甲"],
)
def test_what_only_looks_like_a_heading_stays(text: str) -> None:
    assert cut_headings(text) == (text, [])


def test_titles_lose_the_spaces_of_the_typesetter() -> None:
    assert [tidy(t) for t in ("第二编 物 权", "附 则", "第一章 总则", "附则")] == [
        "第二编 物权",
        "附则",
        "第一章 总则",
        "附则",
    ]
