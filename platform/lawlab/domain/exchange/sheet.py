"""Question sheets: the common Chinese one, read and written, and those that mark each option.

Reading an .xlsx is left to the services; here are rows as they lie in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lawlab.domain.exchange.answers import blanks_text
from lawlab.domain.exchange.build import Draft, build, types_faults
from lawlab.domain.exchange.headers import (
    HEADER_WITHIN,
    IGNORED,
    MEDIA,
    Header,
    check_header,
    find_header,
)
from lawlab.domain.exchange.model import (
    LETTERS,
    MOST_ITEMS,
    MOST_ROWS,
    TYPE_NAMES,
    Found,
    ImportedItem,
    ImportResult,
    Remark,
    refused,
)
from lawlab.domain.exchange.option_sheets import Marked, Row, from_columns, from_rows, read_marks
from lawlab.domain.exchange.text import UNFINISHED, csv_rows
from lawlab.domain.roster_cells import cell_text

_OPTIONS = tuple(f"选项{letter}" for letter in LETTERS)
COLUMNS = ("题号", "章节", "题型", "题干", *_OPTIONS, "答案", "解析", "难度", "标签", "分值")
"""The headers that `sheet_rows` writes."""


def read_csv(text: str, types: Mapping[str, str] | None = None) -> ImportResult:
    """A CSV of any of the layouts. Rows count as a sheet program shows them."""
    try:
        rows = csv_rows(text)
    except ValueError as error:
        return refused(str(error))
    result = read_sheet(rows, types)
    if not (rows and result.items) or text.endswith("\n"):
        return result
    place, head = f"第 {len(rows)} 行", max(map(len, rows[:HEADER_WITHIN]))
    if len(rows[-1]) < head:
        cut = Remark(place, f"只有 {len(rows[-1])} 格，表头有 {head} 格，文件可能不完整。")
        return replace(result, faults=(*result.faults, cut))
    return replace(result, warnings=(*result.warnings, Remark(place, UNFINISHED)))


def read_sheet(
    rows: Sequence[Sequence[Any]], types: Mapping[str, str] | None = None
) -> ImportResult:
    """Check a sheet; `rows[0]` is row 1. `types` says what unknown 题型 codes mean."""
    types = types or {}
    found = Found()
    types_faults(types, found)
    header = find_header(rows)
    most = MOST_ROWS if header and header.layout == "option_rows" else MOST_ITEMS * 2
    if len(rows) > most:
        return refused(f"行数太多，一次最多导入 {MOST_ITEMS} 道题，请分成几个文件。")
    if header is None:
        return refused(
            f"前 {HEADER_WITHIN} 行里没有找到表头。表头应有：题型、题干、选项A、选项B、答案、解析。"
        )
    check_header(rows[header.row], header, found)
    if found.faults:
        return found.result()
    table = list(_table(rows, header))
    _refuse_media(table, header, found)
    if header.layout == "common":
        for place, said in table:
            build(_draft(place, said), found, types)
    else:
        marked = from_rows(table, header.names, found)
        for one in from_columns(table) if header.layout == "option_columns" else marked:
            _build_marked(one, header, types, found)
    found.faults.sort(key=_row)
    if not (found.items or found.faults or found.asks):
        found.fault(f"第 {header.row + 1} 行", "表头下面没有题目。")
    return found.result()


def sheet_rows(items: Iterable[ImportedItem]) -> list[list[str]]:
    """Header and rows that `read_sheet` reads back."""
    rows = [list(COLUMNS)]
    for number, item in enumerate(items, 1):
        answer = blanks_text(item.blanks) if item.type == "fill" else item.answer
        difficulty = "" if item.difficulty is None else str(item.difficulty)
        points = "" if item.points is None else f"{item.points!r}".removesuffix(".0")
        rows.append(
            [
                *(str(number), item.chapter, TYPE_NAMES[item.type], item.stem),
                *(item.options.get(letter, "") for letter in LETTERS),
                *(answer, item.explanation, difficulty, "、".join(item.tags), points),
            ]
        )
    return rows


def _row(fault: Remark) -> int:
    number = re.search(r"\d+", fault.place)
    return int(number[0]) if number else 0


def _table(rows: Sequence[Sequence[Any]], header: Header) -> Iterator[Row]:
    for number, cells in enumerate(rows[header.row + 1 :], start=header.row + 2):
        columns = header.columns.items()
        said = {key: cell_text(cells[i]) for i, key in columns if i < len(cells)}
        numbered = header.layout == "option_rows" and said.get("number")
        if numbered or any(text for key, text in said.items() if key not in IGNORED):
            yield f"第 {number} 行", said


def _refuse_media(table: Iterable[Row], header: Header, found: Found) -> None:
    for place, said in table:
        filled = [
            name for key, name in header.names.items() if key.startswith(MEDIA) and said.get(key)
        ]
        if filled:
            found.fault(
                place,
                f"“{'”、“'.join(filled)}”里有内容，图片、视频和音频不能导入。"
                "请改成文字，或把这一格清空。",
            )


def _build_marked(one: Marked, header: Header, types: Mapping[str, str], found: Found) -> None:
    answer, draft = read_marks(one, header.names, types, found), _draft(one.place, one.said)
    draft.answer, draft.refused = answer or "", answer is None
    draft.options = {letter: option.text for letter, option in one.options.items()}
    draft.said = {letter: option.said for letter, option in one.options.items()}
    build(draft, found, types)


def _draft(place: str, said: Mapping[str, str]) -> Draft:
    tags = "、".join(said.get(key, "") for key in ("topics", "tags"))
    return Draft(
        place=place,
        stem=said.get("stem", ""),
        type_word=said.get("type", ""),
        options={letter: said[letter] for letter in LETTERS if said.get(letter)},
        answer=said.get("answer", ""),
        explanation=said.get("explanation", ""),
        difficulty=said.get("difficulty", ""),
        chapter=said.get("chapter", ""),
        tags=tuple(re.split(r"[、,，;；\n]", tags)),
        points=said.get("points", ""),
    )
