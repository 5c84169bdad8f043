"""Question files of other systems become drafts: all or none, and nothing twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.desk_items import FormIn
from lawlab.config import REPOSITORY
from lawlab.domain.exchange.model import ImportedItem
from lawlab.domain.exchange.text import encode_csv
from lawlab.domain.question import Question
from lawlab.errors import FileFaults, LawlabError, NotFound
from lawlab.services.bank_export import export_exchange
from lawlab.services.bank_files import Imported, import_questions, read_questions
from lawlab.services.content import publish_bank
from lawlab.store.content import newest_items
from lawlab.store.statutes import open_statutes
from lawlab.store.tables import ItemBank, ItemDraft

Sessions = sessionmaker[Session]
TODAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Some cited laws came into force after the demo year."""
HEAD = ["题型", "题干", "选项A", "选项B", "选项C", "答案", "解析", "难度"]
ROWS = [
    HEAD,
    ["单选题", "银行卡能出借吗？", "能", "不能", "看情况", "B", "法律不许。", 2],
    ["多选题", "哪些要报警？", "被骗", "被盗", "吃饭", "A、B", "", ""],
    ["判断题", "验证码可以告诉别人。", "", "", "", "×", "", ""],
]
PLAIN = "1. 银行卡能出借吗？\nA. 能\nB. 不能\nC. 看情况\n答案：B\n解析：法律不许。\n"
AIKEN = "银行卡能出借吗？\nA. 能\nB. 不能\nANSWER: B\n"
GIFT = "银行卡能出借吗？{=不能 ~能 ~看情况}\n"


def workbook(file: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file


@pytest.fixture
def bank(sessions: Sessions) -> str:
    with sessions() as session:
        session.add(ItemBank(slug="sample", law="反电信网络诈骗法", prefix="smp", awaits=[]))
        session.commit()
    return "sample"


def import_file(sessions: Sessions, file: Path, now: datetime, bank: str = "sample") -> Imported:
    with sessions() as session:
        return import_questions(session, bank, read_questions(file).items, (), "t01", now)


def test_a_sheet_becomes_drafts_once(
    sessions: Sessions, now: datetime, bank: str, tmp_path: Path
) -> None:
    file = workbook(tmp_path / "题目.xlsx", ROWS)
    assert import_file(sessions, file, now).items == ("smp-001", "smp-002", "smp-003")
    again = import_file(sessions, file, now)
    assert (again.items, again.known) == ((), 3)
    with sessions() as session:
        found = session.scalars(select(ItemDraft).order_by(ItemDraft.item)).all()
    assert [draft.body["type"] for draft in found] == ["single", "multiple", "judge"]
    assert [draft.body["answer"] for draft in found] == ["B", "AB", "错"]
    assert found[0].body["options"] == {"A": "能", "B": "不能", "C": "看情况"}
    assert found[0].body["articles"] == []  # a trainer gives them
    assert {(draft.bank, draft.author, draft.base_version) for draft in found} == {
        ("sample", "t01", None)
    }


def test_the_same_question_in_another_format_is_known(
    sessions: Sessions, now: datetime, bank: str, tmp_path: Path
) -> None:
    import_file(sessions, workbook(tmp_path / "a.xlsx", ROWS), now)
    for name, text in (("a.txt", PLAIN), ("a.gift", GIFT)):
        (tmp_path / name).write_text(text, "utf-8")
        done = import_file(sessions, tmp_path / name, now)
        assert (done.items, done.known) == ((), 1), name


def test_an_aiken_file_is_known_by_its_answer_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(AIKEN, "utf-8")
    [item] = read_questions(tmp_path / "a.txt").items
    assert (item.type, item.answer) == ("single", "B")


def test_all_faults_of_a_file_are_listed_and_nothing_is_stored(
    sessions: Sessions, now: datetime, bank: str, tmp_path: Path
) -> None:
    bad = [
        *ROWS,
        ["单选题", "", "甲", "乙", "", "D", "", ""],
        ["1", "题", "甲", "乙", "", "A", "", ""],
    ]
    with pytest.raises(FileFaults) as caught:
        import_file(sessions, workbook(tmp_path / "b.xlsx", bad), now)
    assert "第 5 行" in caught.value.sentence
    assert "第 6 行" in caught.value.sentence
    with sessions() as session:
        assert session.scalars(select(ItemDraft)).all() == []


def test_an_unknown_code_is_answered_and_not_guessed(tmp_path: Path) -> None:
    file = workbook(tmp_path / "c.xlsx", [HEAD, ["1", "题", "甲", "乙", "", "A", "", ""]])
    with pytest.raises(FileFaults, match="--type"):
        read_questions(file)
    assert read_questions(file, {"1": "single"}).items[0].type == "single"


ROWS_HEAD = ["题目序号", "题目类型", "题目内容", "是否正确项", "选项内容", "选项解析", "题目图片"]
OPTION_ROWS: list[list[object]] = [
    ROWS_HEAD,
    [1, 1, "银行卡能出借吗？", 0, "能", "法律不许。", ""],
    [1, 1, "银行卡能出借吗？", 1, "不能", "", ""],
    [1, 1, "银行卡能出借吗？", 0, "看情况", "哪种情况都不许。", ""],
    [2, 3, "验证码可以告诉别人。", 0, "正确", "", ""],
    [2, 3, "验证码可以告诉别人。", 1, "错误", "", ""],
]
OPTION_COLUMNS: list[list[object]] = [
    ["试题类型", "题干", "选项1内容", "选项2内容", "选项3内容", "解析"]
    + [f"选项{n}是否正确(0/1)" for n in (1, 2, 3)],
    [1, "银行卡能出借吗？", "能", "不能", "看情况", "", 0, 1, 0],
    [3, "验证码可以告诉别人。", "正确", "错误", "", "", 0, 1, 0],
]
MEANT = {"1": "single", "3": "judge"}


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_sheets_that_mark_each_option_become_the_same_drafts(
    sessions: Sessions, now: datetime, bank: str, tmp_path: Path, suffix: str
) -> None:
    files = []
    for name, rows in (("a", OPTION_ROWS), ("b", OPTION_COLUMNS)):
        files.append(tmp_path / f"{name}{suffix}")
        if suffix == ".xlsx":
            workbook(files[-1], rows)
        else:
            files[-1].write_bytes(encode_csv([[str(cell) for cell in row] for row in rows]))
    with pytest.raises(FileFaults) as caught:
        read_questions(files[0])
    assert [fault[:5] for fault in caught.value.faults] == ["第 2 行", "第 5 行"]
    with sessions() as session:
        rows_of, columns_of = (read_questions(file, MEANT).items for file in files)
        assert len(import_questions(session, bank, rows_of, (), "t01", now).items) == 2
        assert import_questions(session, bank, columns_of, (), "t01", now).known == 2
        first, second = session.scalars(select(ItemDraft).order_by(ItemDraft.item))
    assert first.body["answer"] == "B"
    assert first.body["why_wrong"] == {"A": "法律不许。", "C": "哪种情况都不许。"}
    assert (second.body["type"], second.body["answer"]) == ("judge", "错")
    for draft in (first, second):
        FormIn.model_validate(draft.body)


@pytest.mark.parametrize("rows", [OPTION_ROWS, OPTION_COLUMNS], ids=["rows", "columns"])
def test_a_cut_file_is_read_or_refused_with_its_faults(
    tmp_path: Path, rows: list[list[object]]
) -> None:
    whole = encode_csv([[str(cell) for cell in row] for row in rows])
    file, refused = tmp_path / "a.csv", 0
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        try:
            assert 1 <= len(read_questions(file, MEANT).items) <= 2
        except FileFaults:
            refused += 1
    assert refused > len(whole) / 2
    book = workbook(tmp_path / "a.xlsx", rows).read_bytes()
    for length in range(0, len(book), 97):
        (tmp_path / "a.xlsx").write_bytes(book[:length])
        with pytest.raises(LawlabError, match=r"a\.xlsx"):
            read_questions(tmp_path / "a.xlsx", MEANT)


@settings(deadline=None, max_examples=200)
@given(
    raw=st.binary(max_size=200)
    | st.text('题目序号,内容选项1是否正确(0)\n"A单', max_size=80).map(str.encode)
)
def test_arbitrary_bytes_are_read_or_refused_with_their_faults(raw: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(FileFaults):
        file = Path(folder) / "a.csv"
        file.write_bytes(raw)
        assert read_questions(file).items


def test_a_long_sheet_is_not_cut_silently(tmp_path: Path) -> None:
    cells: list[list[object]] = [
        [n, "单选题", f"题{n}", int(m == 0), f"项{m}", "", ""]
        for n in range(1300)
        for m in range(4)
    ]
    assert len(read_questions(workbook(tmp_path / "a.xlsx", [ROWS_HEAD, *cells])).items) == 1300


def test_what_the_editor_could_not_save_again_is_refused_with_row_field_and_limit(
    sessions: Sessions, now: datetime, bank: str, tmp_path: Path
) -> None:
    head = [*HEAD, "标签", "章节"]
    most = ["单选题", "题" * 2000, "能" * 400, "不能", "", "B", "解" * 4000, "", "签" * 20, ""]
    file = workbook(tmp_path / "a.xlsx", [head, most])
    import_file(sessions, file, now)
    with sessions() as session:
        FormIn.model_validate(session.scalars(select(ItemDraft)).one().body)
    blanks, tags = "；".join("甲" * 13), "、".join("一二三四五六七八九十上中下")
    over = [
        ["单选题", "题" * 2001, "能" * 401, "不能", "", "B", "解" * 4001, "", "签" * 21, ""],
        ["填空题", "____", "", "", "", "乙" * 201, "", "", "", "章" * 21],
        ["填空题", "题", "", "", "", blanks, "", "", tags, ""],
        ["填空题", "题", "", "", "", "|".join("甲" * 13), "", "", "", ""],
        ["简答题", "题", "", "", "", "答" * 4001, "", "", "", ""],
    ]
    with pytest.raises(FileFaults) as caught:
        read_questions(workbook(tmp_path / "b.xlsx", [head, *over]))
    assert caught.value.faults == [
        "第 2 行：题干有 2001 个字，最多 2000 个字，请删减。",
        "第 2 行：解析有 4001 个字，最多 4000 个字，请删减。",
        "第 2 行：选项 A 有 401 个字，最多 400 个字，请删减。",
        f"第 2 行：标签“{'签' * 12}…”有 21 个字，最多 20 个字，请删减。",
        "第 3 行：第 1 空的答案有 201 个字，最多 200 个字，请删减。",
        f"第 3 行：章节“{'章' * 12}…”有 21 个字，最多 20 个字，请删减。",
        "第 4 行：答案有 13 个空，最多 12 个空。",
        "第 4 行：标签有 13 个，最多 12 个。",
        "第 5 行：第 1 空有 13 种写法，最多 12 种写法。",
        "第 6 行：答案有 4001 个字，最多 4000 个字，请删减。",
    ]


def said(one: ImportedItem | Question) -> tuple[object, ...]:
    """What a question asks and what is right; of an order the steps, whatever their letters."""
    options, answer = dict(one.options), one.answer
    if one.type == "order":
        return (one.stem, one.type, tuple(options[letter] for letter in answer))
    return (one.stem, str(one.type), tuple(options.items()), answer, one.blanks)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".gift", ".xml"])
def test_what_is_exported_and_read_again_is_the_same(
    sessions: Sessions, now: datetime, tmp_path: Path, suffix: str
) -> None:
    file = REPOSITORY / "assessments" / "banks" / "anti-telecom-fraud.yaml"
    with sessions() as session:
        publish_bank(session, file, open_statutes(), TODAY)
        done = export_exchange(session, "anti-telecom-fraud", suffix)
        published = [Question.from_json(row.body) for row in newest_items(session).values()]
    out = tmp_path / f"out{suffix}"
    out.write_bytes(done.content)
    items = read_questions(out).items
    # GIFT has no ordering and neither has several blanks in one question; all others are there.
    types = {one.id: one.type for one in published}
    homeless = {".gift": ["fill", "order"], ".xml": ["fill"]}.get(suffix, [])
    assert [types[item] for item in done.homeless] == homeless
    published = [one for one in published if one.id not in done.homeless]
    assert done.items == len(items) == len(published) > 50
    assert {said(item) for item in items} == {said(one) for one in published}
    assert {item.stem: item.explanation for item in items} == {
        one.stem: one.explanation for one in published
    }
    again = import_file(sessions, out, now, "anti-telecom-fraud")
    assert (again.items, again.known) == ((), len(items))


def test_a_file_or_bank_that_is_not_there_is_said(
    sessions: Sessions, now: datetime, tmp_path: Path
) -> None:
    with pytest.raises(LawlabError, match="不认识"):
        read_questions(tmp_path / "a.pdf")
    with pytest.raises(LawlabError, match="读不了"):
        read_questions(tmp_path / "a.gift")
    with pytest.raises(NotFound, match="nowhere"):
        import_file(sessions, workbook(tmp_path / "a.xlsx", ROWS), now, "nowhere")
