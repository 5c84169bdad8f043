"""What changed between two versions: which articles, and which words of them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.statute import Article, Law, LawInfo, number_title, parse_number
from lawlab.domain.statute_diff import Kind, changes, marked, plain_marks, summary

DAY = dt.date(2020, 1, 1)
INFO = LawInfo("x", "某镇爱护桥梁条例", "地方性法规", "某机关", "本地导入", DAY, DAY, DAY)
A = "为了爱护桥梁，保障桥梁的安全通行，制定本条例。"
B = "镇人民政府负责桥梁的巡查和维修，每月巡查不少于二次。"
C = "任何单位和个人不得在桥上堆放货物或者设置摊位。"
D = "违反本条例规定的，由镇人民政府责令改正，处五百元以下的罚款。"
E = "村民委员会应当协助做好桥梁保护的宣传教育工作。"


def make_law(**articles: str) -> Law:
    """`make_law(_1="…", _2之1="…")`: a law of these articles."""
    keys = [(parse_number(name.removeprefix("_")), text) for name, text in articles.items()]
    return Law(INFO, tuple(Article(key, number_title(key), text) for key, text in keys))


def told(old: Law, new: Law) -> list[tuple[str, str]]:
    return [(change.kind.value, change.title) for change in changes(old, new)]


def test_the_same_text_is_the_same_whatever_its_punctuation() -> None:
    old, new = make_law(_1=A, _2=B), make_law(_1=A.replace("，", " , "), _2=B.replace("。", ""))
    assert told(old, new) == [("same", "第一条"), ("same", "第二条")]


def test_a_changed_a_removed_and_an_added_article() -> None:
    old = make_law(_1=A, _2=B, _3=C)
    new = make_law(_1=A, _2=B.replace("二次", "四次"), _2之1=E)
    assert told(old, new) == [
        ("same", "第一条"),
        ("changed", "第二条"),
        ("added", "第二条之一"),
        ("removed", "第三条"),
    ]


def test_an_article_put_in_renumbers_those_behind_it() -> None:
    old = make_law(_1=A, _2=B, _3=D)
    new = make_law(_1=A, _2=E, _3=B, _4=D.replace("五百元", "一千元"))
    assert told(old, new) == [
        ("same", "第一条"),
        ("added", "第二条"),
        ("renumbered", "第二条 → 第三条"),
        ("moved", "第三条 → 第四条"),
    ]


def test_a_removed_article_stands_where_it_stood() -> None:
    old, new = make_law(_1=A, _2=B, _3=C), make_law(_1=A, _2=C)
    assert told(old, new) == [
        ("same", "第一条"),
        ("removed", "第二条"),
        ("renumbered", "第三条 → 第二条"),
    ]


def test_the_same_number_with_another_text_is_a_changed_article() -> None:
    assert told(make_law(_1=A), make_law(_1=E)) == [("changed", "第一条")]


def test_articles_that_read_alike_keep_their_numbers() -> None:
    fine = "在{}上堆放货物的，由镇人民政府责令改正，处{}元以下的罚款。"
    old = make_law(_1=fine.format("桥", "三百"), _2=fine.format("路", "五百"))
    new = make_law(_1=fine.format("桥", "六百"), _2=fine.format("路", "九百"))
    assert told(old, new) == [("changed", "第一条"), ("changed", "第二条")]


def test_a_summary_counts_what_there_is() -> None:
    found = changes(make_law(_1=A, _2=B), make_law(_1=A, _2=C))
    assert summary(found) == {Kind.SAME: 1, Kind.CHANGED: 1}


@pytest.mark.parametrize(
    ("old", "new", "marks"),
    [
        (D, D.replace("五百元", "一千元"), "处【删：五百】【增：一千】元以下的罚款。"),
        ("甲乙丙丁。", "甲乙丙丁。", "甲乙丙丁。"),
        ("处5000元罚款。", "处50000元罚款。", "处【删：5000】【增：50000】元罚款。"),
        ("不得上桥。", "不得上桥。\n可以步行。", "不得上桥。\n【增：可以步行。】"),
        ("不得上桥。\n可以步行。", "不得上桥。", "不得上桥。【删：可以步行。】"),
        ("", "新的一条。", "【增：新的一条。】"),
        ("旧的一条。", "", "【删：旧的一条。】"),
        # One common word between two changes would only be in the way.
        (
            "由公安机关和村处理。",
            "由镇政府及镇处理。",
            "由【删：公安机关和村】【增：镇政府及镇】处理。",
        ),
    ],
)
def test_changed_words_are_marked_without_colour(old: str, new: str, marks: str) -> None:
    assert plain_marks(marked(old, new)).endswith(marks)


TEXTS = st.text(alphabet="甲乙丙丁，。\n12", max_size=40)


@given(TEXTS, TEXTS)
def test_the_pieces_hold_both_texts(old: str, new: str) -> None:
    def joined(leave_out: str) -> str:
        text = "".join(text for what, text in marked(old, new) if what != leave_out)
        return text.replace("\n", "")

    assert joined("gone") == new.replace("\n", "")
    assert joined("new") == old.replace("\n", "")


@given(
    st.lists(st.sampled_from([A, B, C, D, E]), max_size=6, unique=True),
    st.lists(st.sampled_from([A, B, C, D, E]), max_size=6, unique=True),
)
def test_every_article_of_both_is_told_once(old: list[str], new: list[str]) -> None:
    before = make_law(**{f"_{n}": text for n, text in enumerate(old, 1)})
    after = make_law(**{f"_{n}": text for n, text in enumerate(new, 1)})
    found = changes(before, after)
    assert [change.new for change in found if change.new] == list(after.articles)
    assert sorted(c.old.key for c in found if c.old) == [a.key for a in before.articles]
    kept = {
        change.new.text
        for change in found
        if change.kind in (Kind.SAME, Kind.RENUMBERED) and change.new
    }
    assert kept == set(old) & set(new)
