"""References, articles and lookups on a small law made here."""

import datetime as dt
import hashlib

import pytest

from lawlab.domain.statute import (
    Article,
    ArticleRef,
    Law,
    LawInfo,
    fingerprint,
    number_title,
    parse_number,
    short_name,
)
from lawlab.errors import LawlabError, NotFound


def make_info(name: str = "中华人民共和国试验法", **changes: object) -> LawInfo:
    day = dt.date(2020, 5, 1)
    fields = {
        "id": "x",
        "name": name,
        "kind": "法律",
        "issuer": "某机关",
        "status": "现行有效",
        "published": day,
        "effective": day,
        "version": day,
    }
    return LawInfo(**{**fields, **changes})  # type: ignore[arg-type]


def make_law(*articles: tuple[tuple[int, int], str]) -> Law:
    return Law(make_info(), tuple(Article(key, number_title(key), text) for key, text in articles))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (31, (31, 0)),
        ("31", (31, 0)),
        ("31之1", (31, 1)),
        ("第三十一条", (31, 0)),
        ("第一百三十三条之一", (133, 1)),
        ("第 133 条 之 一", (133, 1)),
        ("一百三十三之二", (133, 2)),
    ],
)
def test_an_article_number_is_read(text: str | int, key: tuple[int, int]) -> None:
    assert parse_number(text) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        0,
        -1,
        True,
        "x",
        "31之",
        "31之0",
        "31.5",
        "第条",
        "31#2",
        10_000,
        "1之10000",
        "9" * 50,
    ],
)
def test_what_is_no_article_number_is_refused_with_the_allowed_forms(text: str | int) -> None:
    with pytest.raises(LawlabError, match="第一百三十三条之一") as caught:
        parse_number(text)
    assert caught.value.code == "bad_article_number"


def test_a_reference_is_read_and_written_in_one_form() -> None:
    assert str(ArticleRef.parse("中华人民共和国刑法#第一百三十三条之一")) == "刑法#133之1"
    assert ArticleRef.parse("刑法#133") < ArticleRef.parse("刑法#133之1")


@pytest.mark.parametrize("text", ["刑法", "#3", "《》#3", "刑法133"])
def test_a_reference_without_law_or_mark_is_refused(text: str) -> None:
    with pytest.raises(LawlabError) as caught:
        ArticleRef.parse(text)
    assert caught.value.code == "bad_article_ref"


def test_full_short_and_quoted_names_are_one_name() -> None:
    names = {short_name(n) for n in ("中华人民共和国禁毒法", "《禁毒法》", " 禁毒法 ")}
    assert names == {"禁毒法"}


def test_a_fingerprint_sees_words_and_not_punctuation() -> None:
    assert fingerprint("甲，乙。\n丙_") == fingerprint("甲 乙丙") != fingerprint("甲丙乙")
    assert fingerprint("甲，") == hashlib.sha256("甲".encode()).hexdigest()


def test_the_laws_fingerprint_follows_the_order_of_its_articles() -> None:
    one, two = ((1, 0), "甲"), ((2, 0), "乙")
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in "甲乙"]
    expected = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    assert make_law(one, two).fingerprint == expected != make_law(two, one).fingerprint


def test_an_inserted_article_is_another_article() -> None:
    law = make_law(((1, 0), "甲"), ((1, 1), "乙"), ((2, 0), "丙"))
    assert [law.article(n).text for n in (1, "1之1", "第二条")] == ["甲", "乙", "丙"]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (99, "试验法共 2 条，没有第 99 条。"),
        ("1之3", "试验法第 1 条有之一到之一，没有第 1 条之三。"),
        ("2之1", "试验法第 2 条没有“之N”条文，没有第 2 条之一。"),
    ],
)
def test_an_absent_article_says_what_is_there(number: str | int, sentence: str) -> None:
    law = make_law(((1, 0), "甲"), ((1, 1), "乙"), ((2, 0), "丙"))
    with pytest.raises(NotFound) as caught:
        law.article(number)
    assert (caught.value.code, caught.value.sentence) == ("no_article", sentence)


def test_a_phrase_is_found_across_punctuation() -> None:
    law = make_law(((1, 0), "不得出租、\n出借"), ((2, 0), "可以出租"))
    assert [a.key for a in law.holding("出租出借")] == [(1, 0)]
    assert law.holding("。") == []


def test_the_shown_article_has_its_paragraphs_and_path() -> None:
    article = Article((3, 0), "第三条", "甲：\n（一）乙；\n（二）丙。", ("第一章 总则",))
    shown = Law(make_info(), (article,)).shown((3, 0))
    assert (shown.law, shown.short, shown.ref, shown.number, shown.effective) == (
        "中华人民共和国试验法",
        "试验法",
        "试验法#3",
        "第三条",
        "2020-05-01",
    )
    assert shown.paragraphs == ("甲：", "（一）乙；", "（二）丙。")
    assert shown.path == ("第一章 总则",)


def test_a_revised_text_begins_no_earlier_than_its_version() -> None:
    info = make_info(effective=dt.date(1999, 1, 1), version=dt.date(2019, 4, 23))
    assert info.begins == dt.date(2019, 4, 23)
