"""Grams, queries, ranking and excerpts, without a database."""

from __future__ import annotations

import pytest

from lawlab.domain.search import (
    EXCERPT,
    LONGEST_QUERY,
    Everyday,
    boolean,
    excerpt,
    grams,
    highlighted,
    is_lone,
    plain,
    read_everyday,
    read_query,
    score,
    wanted,
)

BRIDE_PRICE = Everyday(("彩礼", "聘礼"), ("借婚姻索取财物",), "民法典#1042")
GAMBLING = Everyday(("打麻将赌钱", "赌钱"), ("赌博",), "治安管理处罚法#82")
TABLE = (BRIDE_PRICE, GAMBLING)


def shown(pieces: tuple[object, ...]) -> str:
    return "".join(f"[{p.text}]" if p.hit else p.text for p in pieces)  # type: ignore[attr-defined]


def test_a_text_has_the_grams_of_every_word_in_it() -> None:
    text = "禁止借婚姻索取财物。ABC 110"
    for word in ("婚姻", "财物", "借婚姻索取财物", "禁", "abc", "110"):
        assert set(wanted(word)) <= set(grams(text)), word
    assert not set(wanted("止财")) <= set(grams(text))
    assert not set(wanted("物a")) <= set(grams("物，a的")) - {"wa"}


def test_grams_are_ascii_words_that_no_database_splits() -> None:
    for gram in grams("《民法典》第一千零四十二条，ＡＢ类 96110"):
        assert gram.isascii()
        assert gram.isalnum()


def test_grams_do_not_reach_over_punctuation() -> None:
    assert wanted("人借")[0] not in grams("村民乙：人，借钱")


def test_plain_keeps_every_character_in_its_place() -> None:
    text = "ＡＢ㎡①、第５条"
    assert len(plain(text)) == len(text)
    assert plain("Ａ５") == "a5"


@pytest.mark.parametrize(
    ("asked", "terms"),
    [
        ("彩礼怎么办", (("彩礼", "借婚姻索取财物"),)),
        ("打麻将赌钱犯法吗", (("打麻将赌钱", "赌博"),)),
        ("村民 利息", (("村民",), ("利息",))),
        ("民法典667条", (("民法典",), ("第六百六十七条",))),
        ("第31条", (("第三十一条",),)),
        ("怎么办", (("怎么办",),)),
        ("", ()),
        ("，。！", ()),
    ],
)
def test_a_query_is_read(asked: str, terms: tuple[tuple[str, ...], ...]) -> None:
    assert read_query(asked, TABLE).terms == terms


def test_a_query_says_what_was_translated_and_has_a_length() -> None:
    assert read_query("聘礼和赌钱", TABLE).translated in [
        (BRIDE_PRICE, GAMBLING),
        (GAMBLING, BRIDE_PRICE),
    ]
    assert len(read_query("字" * 500, TABLE).text) == LONGEST_QUERY


def test_only_translated_words_must_be_there() -> None:
    strict = boolean(read_query("赌钱不还", TABLE), all_terms=True)
    assert strict == ((tuple(wanted("赌钱")), tuple(wanted("赌博"))),)
    loose = boolean(read_query("赌钱不还", TABLE), all_terms=False)
    assert (wanted("不还")[0],) in loose[0]
    assert boolean(read_query("", TABLE), all_terms=False) == ()


def test_whole_words_count_more_than_parts_and_titles_more_than_bodies() -> None:
    query = read_query("离婚诉讼", ())
    titled = score(query, "article", "离婚诉讼", "别的内容")
    whole = score(query, "article", "条文", "提起离婚诉讼的")
    parts = score(query, "article", "条文", "离婚以后再诉讼")
    nothing = score(query, "article", "条文", "没有关系")
    assert titled > whole > parts > nothing


def test_an_excerpt_shows_where_the_words_stand() -> None:
    text = "开头。" * 40 + "村民乙说彩礼要退，其实是借婚姻索取财物。" + "结尾。" * 40
    found = excerpt(text, read_query("彩礼", TABLE))
    assert "[彩礼]" in shown(found)
    assert "[借婚姻索取财物]" in shown(found)
    assert shown(found).startswith("…")
    assert shown(found).endswith("…")
    assert sum(len(piece.text) for piece in found) <= EXCERPT + 2


def test_an_excerpt_of_a_text_without_the_words_is_its_beginning() -> None:
    assert shown(excerpt("一段短文。", read_query("彩礼", TABLE))) == "一段短文。"


def test_a_title_is_highlighted_whole() -> None:
    assert shown(highlighted("《民法典》第三条", read_query("民法典", ()))) == "《[民法典]》第三条"


def test_a_single_character_is_told_from_a_pair_and_from_a_word() -> None:
    assert [is_lone(gram) for gram in ("c7684", "c5f69x793c", "wcax")] == [True, False, False]
    assert [is_lone(gram) for gram in wanted("的") + wanted("彩礼") + wanted("app")] == [
        True,
        False,
        False,
    ]


def test_words_besides_are_looked_for_but_not_called_words_of_the_law() -> None:
    entry = {"say": ["上访"], "legal": ["控告"], "article": "宪法#41", "also": ["信访"]}
    table, faults = read_everyday({"entry": [entry]})
    assert faults == []
    query = read_query("上访", table)
    assert query.terms == (("上访", "控告", "信访"),)
    assert query.translated[0].legal == ("控告",)


def test_the_table_names_every_fault() -> None:
    entries, faults = read_everyday(
        {
            "entry": [
                {"say": ["彩礼"], "legal": ["借婚姻索取财物"], "article": "民法典#1042"},
                {"say": [], "legal": ["借"], "article": "民法典#1"},
                {"say": ["彩礼"], "legal": ["别的"], "article": "民法典#2"},
                {"say": ["狗"], "legal": ["饲养的动物"]},
                "不是表",
                {"say": ["牛"], "legal": ["饲养的动物"], "article": "民法典#1245", "also": "猪"},
            ]
        }
    )
    assert len(entries) == 2
    assert len(faults) == 5
    assert any("“彩礼”写在第 1 条和第 2 条" in fault for fault in faults)
    assert read_everyday({}) == ((), ["没有 [[entry]]。"])
