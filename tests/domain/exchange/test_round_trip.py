"""Items written in a format of another system and read back are the same items."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawlab.domain.exchange.answers import fill_answer
from lawlab.domain.exchange.formats import read_file
from lawlab.domain.exchange.gift import read_gift, write_gift
from lawlab.domain.exchange.model import ImportedItem, ImportResult
from lawlab.domain.exchange.moodle_xml import read_moodle_xml, write_moodle_xml
from lawlab.domain.exchange.sheet import read_sheet, sheet_rows
from lawlab.domain.exchange.text import csv_rows, decode, encode_csv
from lawlab.errors import LawlabError

TRICKY = "{}:=~#%\\<>&\"'*|;；；/$[]()（）_-!,，、。：＝　甲乙法条ＡＢ１２ab12 \n\té😀"
CHARACTERS = st.one_of(
    st.sampled_from(TRICKY), st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"))
)


def texts(least: int = 1) -> st.SearchStrategy[str]:
    return (
        st.text(CHARACTERS, min_size=least, max_size=25)
        .map(lambda text: text.strip().strip("\ufeff").strip())
        .filter(lambda text: len(text) >= least)
    )


WORDS = st.text("甲乙丙法条ab1", min_size=1, max_size=6)
SPELLINGS = st.lists(texts(), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def items(draw: st.DrawFn, kinds: str, blanks: int = 1, canonical: bool = False) -> ImportedItem:
    kind = draw(st.sampled_from(kinds.split()))
    item = ImportedItem(
        place="",
        type=kind,  # type: ignore[arg-type]
        stem=draw(texts()),
        explanation=draw(texts(0)),
        difficulty=draw(st.none() | st.integers(1, 5)),
        chapter=draw(st.just("") | WORDS),
        tags=tuple(draw(st.lists(WORDS, max_size=3, unique=True))),
        points=draw(st.none() | st.sampled_from([0.5, 1.0, 2.0, 12.25])),
    )
    if kind in ("single", "multiple", "order"):
        options = draw(st.lists(texts(), min_size=2, max_size=8))
        letters = "ABCDEFGH"[: len(options)]
        least = {"single": 1, "multiple": 2, "order": len(options)}[kind]
        most = 1 if kind == "single" else len(options)
        chosen = draw(
            st.lists(st.sampled_from(letters), min_size=least, max_size=most, unique=True)
        )
        answer = "".join(chosen if kind == "order" and not canonical else sorted(chosen))
        return replace(item, options=dict(zip(letters, options, strict=True)), answer=answer)
    if kind == "judge":
        return replace(item, answer=draw(st.sampled_from("对错")))
    if kind == "fill":
        several = tuple(draw(st.lists(SPELLINGS, min_size=1, max_size=blanks)))
        return replace(item, blanks=several, answer=fill_answer(several))
    return replace(item, answer=draw(texts(0)))


ALL = "single multiple judge fill order short case"


def same(result: ImportResult, expected: list[ImportedItem]) -> None:
    assert [str(fault) for fault in result.faults] == []
    assert not result.questions
    assert [replace(item, place="") for item in result.items] == expected


@settings(deadline=None, max_examples=200)
@given(st.lists(items(ALL, blanks=3), min_size=1, max_size=4))
def test_sheet_rows_read_back(written: list[ImportedItem]) -> None:
    same(read_sheet(sheet_rows(written)), written)


@settings(deadline=None, max_examples=200)
@given(st.lists(items(ALL, blanks=3), min_size=1, max_size=4))
def test_csv_bytes_read_back(written: list[ImportedItem]) -> None:
    raw = encode_csv(sheet_rows(written))
    assert raw.count("\ufeff".encode(), 0, 6) == 1
    assert csv_rows(decode(raw)[0]) == sheet_rows(written)
    same(read_file(raw, "csv"), written)


@settings(deadline=None, max_examples=300)
@given(st.lists(items("single multiple judge fill short case"), min_size=1, max_size=4))
def test_gift_reads_back(written: list[ImportedItem]) -> None:
    same(read_gift(write_gift(written)), written)


@settings(deadline=None, max_examples=300)
@given(st.lists(items(ALL, canonical=True), min_size=1, max_size=4))
def test_moodle_xml_reads_back(written: list[ImportedItem]) -> None:
    same(read_moodle_xml(write_moodle_xml(written)), written)


@settings(deadline=None)
@given(items("order"))
def test_moodle_keeps_the_order_of_an_ordering_question(item: ImportedItem) -> None:
    (back,) = read_moodle_xml(write_moodle_xml([item])).items
    assert [back.options[x] for x in back.answer] == [item.options[x] for x in item.answer]


def test_what_gift_cannot_hold_is_named() -> None:
    two = ImportedItem("第 2 题", "fill", "甲", blanks=(("一",), ("二",)), answer="一；二")
    order = ImportedItem("第 3 题", "order", "乙", {"A": "一", "B": "二"}, "BA")
    with pytest.raises(LawlabError, match=r"只能有一个空：第 2 题。.*没有排序题：第 3 题"):
        write_gift([two, order])
    with pytest.raises(LawlabError, match="第 2 题"):
        write_moodle_xml([two, order])
