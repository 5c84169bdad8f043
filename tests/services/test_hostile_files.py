"""Files that no program wrote so: whatever the bytes, an importer says what is wrong with them, in
time and in little memory, and stores nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from meetings import ZONE, caller, make_town, meet
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.roster import read_roster
from lawlab.domain.statute_text import Given, read_statute
from lawlab.errors import LawlabError
from lawlab.services.attendance_import import ListFile, apply_list
from lawlab.services.bank_files import read_questions
from lawlab.services.checking import parse_bank
from lawlab.services.quiz_building import build_quiz_text
from lawlab.services.roster_files import table_of
from lawlab.services.statute_files import read_statute_file
from lawlab.store.tables import AttendanceEvent, Quiz

NOW = dt.datetime(2026, 12, 4, 1, 0, tzinfo=dt.UTC)
ROSTER = """登录名,姓名,手机号,单位,单位类别,身份,角色,起始日期
s001,干部001,13900000001,甲村,村,明白人,学员,2022-01-01
"""
LIST = "登录名,姓名,状态,时间\ns001,干部001,到场,2026-12-04 09:00\n"
BANK = "题型,题目,选项A,选项B,答案\n单选题,甲,一,二,A\n"
STATUTE = """某镇爱护桥梁条例
（2022年1月1日公布）
第一章　总则
第一条　为了爱护桥梁。
第二条　不得堆放。
"""
YAML = """law: 某条例
prefix: brg
items:
  - id: brg-001
    type: single
    stem: 甲
    options: {A: 一, B: 二}
    answer: A
    articles: [某条例#1]
"""
PAPER = """title = "测验"
bank = "bridges"
minutes = 30
pass_mark = 60
seed = 7
[[section]]
type = "single"
count = 4
points = 25
"""
BRACKETS = "[" * 18_000
NUMBER = "9" * 5_000


def xlsx(text: str) -> bytes:
    book = Workbook()
    for line in text.splitlines():
        book.active.append(line.split(","))
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def docx(text: str) -> bytes:
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same archive with members changed."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def roster(name: str, content: bytes) -> None:
    read_roster(table_of(Path(name), content))


def statute(name: str, content: bytes) -> None:
    file = read_statute_file(name, content)
    read_statute(file.lines, Given(), unit=file.unit)


def bank(name: str, content: bytes, folder: Path) -> None:
    (folder / name).write_bytes(content)
    read_questions(folder / name)


SHEETS = {"roster": ROSTER, "list": LIST, "bank": BANK}
WHOLE = {
    **{f"{name}.csv": text.encode() for name, text in SHEETS.items()},
    **{f"{name}.xlsx": xlsx(text) for name, text in SHEETS.items()},
    "statute.txt": STATUTE.encode("gb18030"),
    "statute.md": STATUTE.encode(),
    "statute.docx": docx(STATUTE),
}


def read(name: str, content: bytes, folder: Path) -> bool:
    """Whether an importer takes a file; fails when it raises anything but its own error."""
    try:
        if name.startswith("statute"):
            statute(name, content)
        elif name.startswith("bank"):
            bank(name, content, folder)
        else:
            roster(name, content)
    except LawlabError:
        return False
    return True


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_the_bytes_nothing_but_a_fault_comes_of_them(name: str, tmp_path: Path) -> None:
    assert read(name, WHOLE[name], tmp_path)

    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(st.binary(max_size=400) | damaged(WHOLE[name]))
    def each(content: bytes) -> None:
        read(name, content, tmp_path)

    each()


@st.composite
def damaged(draw: Any, whole: bytes) -> bytes:
    """A file with some places cut, replaced or doubled; of an archive also inside its members."""
    if whole.startswith(b"PK") and draw(st.booleans()):
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            hit = draw(st.sampled_from(archive.namelist()))
            inner = draw(damaged(archive.read(hit)))
        return repacked(whole, lambda name, content: inner if name == hit else content)
    raw = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 40)))
        raw[start:end] = draw(
            st.binary(max_size=8)
            | st.sampled_from([bytes(raw[start:end]) * 3, b"9" * 400, b"<" * 50, b"\xff\xfe", b""])
        )
    return bytes(raw)


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a0 "哈">{ENTITIES}]>'


def laughing(name: str, content: bytes) -> bytes:
    """A member of an archive with a billion laughs in front of its first text."""
    if not name.endswith(("document.xml", "sheet1.xml", "sharedStrings.xml")):
        return content
    head, _, rest = content.decode().partition("?>")
    if not rest:
        head, rest = '<?xml version="1.0"', content.decode()
    return (
        f"{head}?>{LAUGHS}{rest}".replace("</t>", "&a9;</t>")
        .replace("</w:t>", "&a9;</w:t>")
        .encode()
    )


def deep(name: str, content: bytes) -> bytes:
    """A member of an archive whose XML nests without end."""
    if not name.endswith(("document.xml", "sheet1.xml", "sharedStrings.xml")):
        return content
    return content.replace(b"<w:p>", b"<w:p>" * 20_000).replace(
        b"<row", b"<row>" * 20_000 + b"<row"
    )


def heavy(name: str, content: bytes) -> bytes:
    """A member of an archive that unpacks to some 100 MB."""
    if name.endswith((".rels", "Types].xml")):
        return content
    return content + b" " * 8_000_000


@pytest.mark.parametrize("bomb", [laughing, deep, heavy], ids=lambda bomb: bomb.__name__)
@pytest.mark.parametrize("name", [name for name in WHOLE if name.endswith("x")])
def test_an_archive_that_unpacks_to_too_much_costs_little(
    name: str, bomb: Callable[[str, bytes], bytes], tmp_path: Path
) -> None:
    content = repacked(WHOLE[name], bomb)
    assert len(content) < 1_000_000
    tracemalloc.start()
    began = time.process_time()
    read(name, content, tmp_path)
    assert time.process_time() - began < 10
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        YAML,
        YAML.replace("甲", "\x07"),
        YAML.replace("甲", NUMBER),
        YAML.replace("甲", "2022-13-45"),
        YAML.replace("甲", "!!python/object:os.system {}"),
        YAML.replace("[某条例#1]", BRACKETS),
        YAML.replace("items:", "items: &a\n  - *a\nmore:"),
        "a: &a [x]\n" + "".join(f"b{n}: &b{n} [{'*a, ' * 9}*a]\n" for n in range(9)),
        "\ufeff" + YAML,
        BRACKETS,
        "{" * 18_000,
        "- " * 9_000,
        "",
        "\x00",
        "1",
    ],
    ids=lambda text: json.dumps(text)[:30],
)
def test_a_bank_file_of_nonsense_has_faults(text: str) -> None:
    _, faults = parse_bank(text)
    assert faults or text in (YAML, "\ufeff" + YAML)


@pytest.fixture
def town(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    with sessions() as session:
        make_town(session, NOW - dt.timedelta(days=300))
        meet(session, NOW - dt.timedelta(minutes=5))
    return sessions


PAPERS = [
    PAPER.replace("7", NUMBER),
    PAPER.replace("7", BRACKETS),
    PAPER.replace("7", "{a=" * 6_000),
    PAPER.replace("7", "inf"),
    PAPER.replace("30", "nan"),
    PAPER.replace("30", "9" * 30),
    PAPER.replace("30", "2022-01-01T00:00:00"),
    PAPER.replace("60", "-1e400"),
    PAPER.replace("4", "9" * 18),
    PAPER.replace("25", "0x" + "f" * 3000),
    PAPER.replace("测验", "\\u0000"),
    PAPER.replace("测验", "\ud800"),
    PAPER.replace("bridges", "\\u0000"),
    'makeup_of = "\\u0000"\n' + PAPER,
    PAPER.replace("bridges", "x" * 9_000),
    PAPER.replace('"bridges"', '["a"]'),
    PAPER.replace("[[section]]", "[section]"),
    "a." * 3_000 + "b = 1",
    "[" + "a." * 3_000 + "b]",
    "opens = 9999-12-31T23:59:59-23:59\n" + PAPER,
    "opens = 0001-01-01T00:00:00+23:59\n" + PAPER,
    'without = ["x"]\nfirst = "a\\u0000"\n' + PAPER,
]


def test_a_paper_of_nonsense_is_refused_and_not_stored(town: sessionmaker[Session]) -> None:
    for text in PAPERS:
        with town() as session, pytest.raises(LawlabError):
            build_quiz_text(session, "nonsense.toml", text, NOW)
        with town() as session:
            assert session.scalar(select(func.count()).select_from(Quiz)) == 0


def test_a_damaged_list_is_brought_whole_or_not_at_all(town: sessionmaker[Session]) -> None:
    def events() -> int:
        with town() as session:
            return session.scalar(select(func.count(AttendanceEvent.id))) or 0

    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(st.sampled_from(["list.csv", "list.xlsx"]), st.data())
    def each(name: str, data: st.DataObject) -> None:
        content, before = data.draw(damaged(WHOLE[name])), events()
        with town() as session:
            try:
                told = apply_list(
                    session, caller(session, "t01"), 1, ListFile(name, content), NOW, ZONE
                )
            except LawlabError:
                assert events() == before
            else:
                assert events() - before <= len(told.changes)

    each()
