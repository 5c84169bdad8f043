"""Items written in a format of another system and read back are the same items. Two layouts that
we only read are written here as their systems write them.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawlab.domain.exchange.answers import fill_answer
from lawlab.domain.exchange.formats import read_file
from lawlab.domain.exchange.gift import read_gift, write_gift
from lawlab.domain.exchange.model import TYPE_NAMES, ImportedItem, ImportResult
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
def items(
    draw: st.DrawFn, kinds: str, blanks: int = 1, canonical: bool = False, most: int = 8
) -> ImportedItem:
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
        options = draw(st.lists(texts(), min_size=2, max_size=most))
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


CODES = {"single": "1", "multiple": "2", "judge": "3", "short": "4"}
JUDGED = {"对": "正确", "错": "错误"}
MEANT = {code: kind for kind, code in CODES.items()}


@st.composite
def marked_items(draw: st.DrawFn, most: int, why: bool) -> ImportedItem:
    """An item that a sheet of marked options can hold."""
    item = draw(items(" ".join(CODES), most=most))
    wrong = [letter for letter in item.options if letter not in item.answer]
    said = {letter: draw(texts(0)) for letter in wrong} if why else {}
    return replace(
        item,
        answer="" if item.type == "short" else item.answer,
        difficulty=None,
        chapter="",
        tags=(),
        points=None,
        why_wrong={letter: text for letter, text in said.items() if text},
    )


def marked_options(item: ImportedItem) -> list[tuple[str, str, str]]:
    """Text, mark and 选项解析 of each option; 判断 has the two that such systems give it."""
    if item.type == "judge":
        return [(word, str(int(item.answer == key)), "") for key, word in JUDGED.items()]
    return [
        (text, str(int(letter in item.answer)), item.why_wrong.get(letter, ""))
        for letter, text in item.options.items()
    ]


def option_rows(written: list[ImportedItem], merged: bool, coded: bool) -> list[list[str]]:
    """A row to an option; `merged`: only the first row of a question says what it is."""
    rows = [
        [
            "题目序号",
            "题目类型",
            "题目内容",
            "整体解析",
            "题目图片",
            "题目视频",
            "所属题库",
            "是否正确项",
            "选项内容",
            "选项解析",
            "选项图片",
        ]
    ]
    for number, item in enumerate(written, 1):
        kind = CODES[item.type] if coded else TYPE_NAMES[item.type]
        head = [str(number), kind, item.stem, item.explanation, "", "", "题库"]
        for n, (text, mark, said) in enumerate(marked_options(item) or [("", "", "")]):
            rows.append([*(head if n == 0 or not merged else [""] * 7), mark, text, said, ""])
    return rows


def option_columns(written: list[ImportedItem], coded: bool) -> list[list[str]]:
    """A column 选项N内容 and a column 选项N是否正确 to each of six options."""
    head = ["试题类型", "题干", *(f"选项{n}内容" for n in range(1, 7)), "解析"]
    head += [f"选项{n}是否正确(0/1)" for n in range(1, 7)]
    rows = [[*head, "题干图片", *(f"选项{n}图片" for n in range(1, 7))]]
    for item in written:
        options = marked_options(item) + [("", "0", "")] * 6
        kind = CODES[item.type] if coded else TYPE_NAMES[item.type]
        marks = [mark for _, mark, _ in options[:6]]
        shown = [text for text, _, _ in options[:6]]
        rows.append([kind, item.stem, *shown, item.explanation, *marks, *[""] * 7])
    return rows


@settings(deadline=None, max_examples=200)
@given(
    st.lists(marked_items(most=8, why=True), min_size=1, max_size=4), st.booleans(), st.booleans()
)
def test_a_sheet_with_a_row_to_each_option_reads_back(
    written: list[ImportedItem], merged: bool, coded: bool
) -> None:
    rows = option_rows(written, merged, coded)
    same(read_sheet(rows, MEANT if coded else None), written)
    same(read_file(encode_csv(rows), "csv", MEANT if coded else None), written)
    asked = {question.code for question in read_sheet(rows).questions}
    assert asked == ({CODES[item.type] for item in written} if coded else set())


@settings(deadline=None, max_examples=200)
@given(st.lists(marked_items(most=6, why=False), min_size=1, max_size=4), st.booleans())
def test_a_sheet_with_a_mark_to_each_option_reads_back(
    written: list[ImportedItem], coded: bool
) -> None:
    rows = option_columns(written, coded)
    same(read_sheet(rows, MEANT if coded else None), written)
    same(read_file(encode_csv(rows), "csv", MEANT if coded else None), written)
    asked = {question.code for question in read_sheet(rows).questions}
    assert asked == ({CODES[item.type] for item in written} if coded else set())


def test_what_gift_cannot_hold_is_named() -> None:
    two = ImportedItem("第 2 题", "fill", "甲", blanks=(("一",), ("二",)), answer="一；二")
    order = ImportedItem("第 3 题", "order", "乙", {"A": "一", "B": "二"}, "BA")
    with pytest.raises(LawlabError, match=r"只能有一个空：第 2 题。.*没有排序题：第 3 题"):
        write_gift([two, order])
    with pytest.raises(LawlabError, match="第 2 题"):
        write_moodle_xml([two, order])
