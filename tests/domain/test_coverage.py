"""How much of a law a course treats."""

from __future__ import annotations

import datetime as dt

from lawlab.domain.coverage import Coverage, coverage
from lawlab.domain.statute import Article, ArticleRef, Law, LawInfo

DAY = dt.date(2020, 1, 1)


def make_law(*paths: tuple[str, ...]) -> Law:
    info = LawInfo("x", "试验法", "法律", "某机关", "现行有效", DAY, DAY, DAY)
    return Law(
        info, tuple(Article((n, 0), f"第{n}条", "文", path) for n, path in enumerate(paths, 1))
    )


LAW = make_law(
    ("第一编", "第一章"), ("第一编", "第二章"), ("第二编",), ("第三编", "第一章", "第一节")
)


def refs(*numbers: int, law: str = "试验法") -> list[ArticleRef]:
    return [ArticleRef(law, (number, 0)) for number in numbers]


def test_outermost_headings_count_as_chapters() -> None:
    assert coverage(LAW, refs(2, 2, 4)) == Coverage(2, 4, 2, 3, ("第二编",))


def test_articles_of_other_laws_and_unknown_ones_do_not_count() -> None:
    found = coverage(LAW, refs(9) + refs(1, law="别的法"))
    assert (found.articles, found.chapters, found.missing) == (0, 0, ("第一编", "第二编", "第三编"))


def test_a_law_without_chapters_has_none_to_miss() -> None:
    assert coverage(make_law((), ()), refs(1)) == Coverage(1, 2, 0, 0, ())
