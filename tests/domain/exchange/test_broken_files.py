"""Whatever the bytes: no reader raises, and a cut file yields a fault or only whole items."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawlab.domain.exchange.formats import Form, read_file
from lawlab.domain.exchange.gift import write_gift
from lawlab.domain.exchange.model import MOST_ITEMS, ImportedItem
from lawlab.domain.exchange.moodle_xml import write_moodle_xml
from lawlab.domain.exchange.sheet import read_sheet, sheet_rows
from lawlab.domain.exchange.text import MOST_BYTES, UNFINISHED, encode_csv

FORMS: tuple[Form, ...] = ("csv", "plain", "aiken", "gift", "moodle_xml")
ITEMS = [
    ImportedItem(
        "", "single", "甲{1}：", {"A": "一,“二”", "B": "二"}, "B", explanation="见\n第一条"
    ),
    ImportedItem("", "multiple", "乙\n丙", {"A": "一", "B": "二", "C": "三"}, "AC", chapter="总则"),
    ImportedItem("", "judge", "丁", answer="错", difficulty=3, points=2.0, tags=("法",)),
    ImportedItem("", "fill", "____", answer="戊", blanks=(("戊", "己"),)),
    ImportedItem("", "short", "庚", answer="辛=壬"),
]
PLAIN = """一、单选题
1. 甲
A. 一  B. 二
答案：B
解析：见第一条

2. 【多选】乙
A. 一
B. 二
C. 三
答案：AC

二、判断题
3. 丁（ ） \\ans:错
"""
AIKEN = "甲\nA. 一\nB. 二\nANSWER: B\n\n乙？\nA) 一\nB) 二\nC) 三\nANSWER: A,C\n"
WHOLE: dict[Form, bytes] = {
    "csv": encode_csv(sheet_rows(ITEMS)),
    "plain": PLAIN.encode(),
    "aiken": AIKEN.encode("gb18030"),
    "gift": write_gift(ITEMS).encode(),
    "moodle_xml": write_moodle_xml(ITEMS).encode(),
}
OPTION_ROWS = """题目序号,题目类型,题目内容,整体解析,是否正确项,选项内容,选项解析,选项图片
1,单选题,甲,见第一条,0,一,"一,不对",
1,单选题,甲,见第一条,1,二,,
2,多选题,"乙
丙",,是,一,,
,,,,否,二,二不对,
,,,,√,三,,
3,判断题,丁,,1,错误,,
3,判断题,丁,,0,正确,,
"""
OPTION_COLUMNS = """试题类型,题干,A,B,C,解析,选项1是否正确(0/1),选项2是否正确,选项3是否正确,题干图片
单选题,甲,一,二,,见第一条,0,1,0,
多选题,"乙
丙",一,二,三,,1,0,1,
判断题,丁,正确,错误,,,0,1,,
"""
LAYOUTS = {"rows": OPTION_ROWS, "columns": OPTION_COLUMNS}
"""The sheets that mark each option, which we read but do not write."""


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_file_is_ready(form: Form) -> None:
    result = read_file(WHOLE[form], form)
    assert result.ready, result.faults
    assert UNFINISHED not in str(result.warnings)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_cut_anywhere_gives_a_fault_or_whole_items(form: Form) -> None:
    whole = read_file(WHOLE[form], form).items
    for length in range(len(WHOLE[form])):
        result = read_file(WHOLE[form][:length], form)
        if not result.ready:
            assert result.faults
            continue
        if any(UNFINISHED in str(warning) for warning in result.warnings):
            kept = result.items[:-1]  # the last one is for a person to look at
        else:
            kept = result.items
        expected = whole[: len(kept)]
        if form == "plain" and kept and not kept[-1].explanation:
            # a text that ends after an answer line is whole: 解析 may be left out
            expected = (*expected[:-1], replace(expected[-1], explanation=""))
        assert kept == expected, length


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_damaged_bytes_never_raise(form: Form, data: st.DataObject) -> None:
    raw = bytearray(WHOLE[form])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    read_file(bytes(raw), form)


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=100)
@given(
    raw=st.binary(max_size=300)
    | st.text('{}=~#%\\A.答案：\n,"<>[]$/1对', max_size=80).map(str.encode)
)
def test_arbitrary_bytes_never_raise(form: Form, raw: bytes) -> None:
    result = read_file(raw, form)
    assert result.items or result.faults or result.questions


def test_a_billion_laughs_is_a_fault() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a0 "哈">{entities}]><quiz>&a9;</quiz>'
    result = read_file(bomb.encode(), "moodle_xml")
    assert "DTD" in str(result.faults[0])
    outside = '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>'
    assert "DTD" in str(read_file(outside.encode(), "moodle_xml").faults[0])


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "文件是空的"),
        (b"a\0b", "NUL"),
        (b"PK\x03\x04rest", "Office"),
        ("答案".encode("utf-16"), "UTF-16"),
        (b"x" * (MOST_BYTES + 1), "最大 5 MB"),
        (b"\xff\xff\xff", "编码认不出来"),
        ("\ufeff答案".encode()[:-1], "文件不完整"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_text_is_refused_with_a_reason(form: Form, raw: bytes, sentence: str) -> None:
    assert sentence in str(read_file(raw, form).faults[0])


def test_too_many_questions_are_refused() -> None:
    text = write_gift([replace(ITEMS[2], stem="甲", tags=())] * (MOST_ITEMS + 1))
    assert f"最多导入 {MOST_ITEMS} 道" in str(read_file(text.encode(), "gift").faults[0])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "piece",
    ["{", "\\", "=", "[tag:", "::", "<", "A.", '"', "1.\n", "答案：\n", "甲\n", "// [tag:", "%1"],
)
def test_a_large_monotone_file_is_read_in_time(form: Form, piece: str) -> None:
    started = time.monotonic()
    read_file((piece * 400_000).encode()[: MOST_BYTES // 5], form)
    assert time.monotonic() - started < 10


# ---- sheets that mark each option ----------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sheet_of_marks_cut_anywhere_gives_a_fault_or_whole_questions(layout: str) -> None:
    raw = LAYOUTS[layout].encode()
    whole = read_file(raw, "csv").items
    assert [item.answer for item in whole] == ["B", "AC", "错"]
    for length in range(len(raw)):
        result = read_file(raw[:length], "csv")
        if not result.ready:
            assert result.faults
            continue
        kept = list(result.items)
        if layout == "rows":
            # Nobody can tell whether more options were to follow; the last one has its first ones.
            last = kept.pop()
            wanted = whole[len(kept)]
            assert (last.type, last.stem) == (wanted.type, wanted.stem)
            assert list(last.options.items()) == list(wanted.options.items())[: len(last.options)]
        assert kept == list(whole[: len(kept)]), length


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_damaged_sheets_of_marks_never_raise(layout: str, data: st.DataObject) -> None:
    raw = bytearray(LAYOUTS[layout].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    result = read_file(bytes(raw), "csv")
    assert result.items or result.faults or result.questions


CELLS = st.none() | st.booleans() | st.floats() | st.text("01是否√×甲A；|\n ", max_size=4)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(deadline=None, max_examples=200)
@given(cells=st.lists(st.lists(CELLS, max_size=13), max_size=8))
def test_whatever_stands_below_the_headers_is_read_or_refused(
    layout: str, cells: list[list[Any]]
) -> None:
    result = read_sheet([LAYOUTS[layout].partition("\n")[0].split(","), *cells])
    assert result.items or result.faults or result.questions
    for item in result.items:
        if item.options:
            assert set(item.answer) | set(item.why_wrong) <= set(item.options)
            assert set(item.answer).isdisjoint(item.why_wrong)
