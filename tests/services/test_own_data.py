"""What somebody gets of himself: all of it, nobody else's, and no key before its time."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from contest_play import Hall
from meetings import ZONE, caller, make_town, meet
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.attendance import Status
from lawlab.domain.contest_events import Did
from lawlab.services.attendance_desk import mark
from lawlab.services.own_data import counts, own_data, own_file
from lawlab.services.quiz_papers import release_quiz
from lawlab.store.own_data import KINDS, NOT_TOLD, PLAIN, SECRET
from lawlab.store.tables import Answer, AuditEntry, Base, Mark, Memory, Sitting

NOW = dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)
TakeQuiz = Callable[[Session, dt.datetime], None]


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def data_of(session: Session, login: str, now: dt.datetime = NOW) -> dict[str, list[Any]]:
    return own_data(session, caller(session, login), now)


def test_every_table_and_column_about_people_is_told_or_left_out_on_purpose() -> None:
    about_people = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name == "people" for key in table.foreign_keys)
    }
    told = {kind.name for kind in KINDS}
    assert about_people <= told | set(NOT_TOLD)
    assert not told & set(NOT_TOLD)
    for kind in KINDS:
        columns = {column.name for column in kind.table.__table__.columns}
        left_out = {*PLAIN, *SECRET.get(kind.name, ())} - set(kind.columns)
        assert set(kind.columns) | (left_out & columns) == columns, kind.name
        assert not set(SECRET.get(kind.name, ())) & set(kind.columns)
    titles = [kind.title for kind in KINDS]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 31  # as long as a sheet's name may be


def test_the_file_holds_all_rows_as_json_and_as_sheets(session: Session) -> None:
    make_town(session, NOW)
    activity = meet(session, NOW)
    mark(session, activity, ["s001"], Status.LATE, "路上堵车", "key-1", caller(session, "t01"), NOW)
    files = unzipped(own_file(session, caller(session, "s001"), NOW, ZONE))
    found = json.loads(files["我的数据.json"])["data"]
    assert found["基本信息"][0]["手机号"] == "13900000001"
    assert found["单位"][0]["单位"].startswith("司法所")
    [event] = found["考勤记录"]
    assert (event["怎样"], event["原因"]) == ("late", "路上堵车")
    assert event["活动"] == f"反诈学习会（{activity}）"
    assert found["操作记录"][-1]["什么"] == "下载自己的数据"
    book = load_workbook(io.BytesIO(files["我的数据.xlsx"]))
    assert book["考勤记录"]["A1"].value == "编号"
    shown = [cell.value for cell in book["考勤记录"][2]]
    assert "2022-12-05 10:00:00" in shown
    assert session.scalars(select(AuditEntry.action)).all()[-1] == "data.own"
    assert counts(session, caller(session, "s001"), NOW)["考勤记录"] == 1


def test_nobody_gets_what_is_anothers(session: Session, take_quiz: TakeQuiz) -> None:
    take_quiz(session, NOW)
    release_quiz(session, "quiz-1", NOW, force=True)
    text = json.dumps(data_of(session, "s001"), ensure_ascii=False)
    for other in ("干部002", "s002", "明白人001", "v001"):
        assert other not in text
    assert "password" not in text


def test_marks_are_told_when_they_are_out(session: Session, take_quiz: TakeQuiz) -> None:
    take_quiz(session, NOW)
    before = data_of(session, "s001")
    assert (before["测验成绩"], before["人工评分"]) == ([], [])
    assert before["测验"][0]["测验"].startswith("爱桥测验")
    release_quiz(session, "quiz-1", NOW, force=True)
    [grade] = data_of(session, "s001")["测验成绩"]
    assert grade["得分"] == 68.0


def test_whoever_answers_does_not_learn_what_was_right(
    session: Session, take_quiz: TakeQuiz
) -> None:
    take_quiz(session, NOW)
    person = caller(session, "v003").person_id
    answer = session.scalars(select(Answer).where(Answer.person_id == person)).one()
    same_card = Mark(answer_id=answer.id, key_version=1, marker="auto", points=1, max_points=1)
    same_card.marked_at = NOW
    memory = Memory(person_id=person, item="brg-001", stability=1, difficulty=5, state=1, step=0)
    memory.last = memory.due = memory.first = NOW.date()
    memory.reviews, memory.lapses, memory.last_right = 1, 0, True
    session.add_all([same_card, memory])
    session.commit()
    during = data_of(session, "v003")
    assert (during["自动评分"], during["记忆"]) == ([], [])
    assert len(during["作答"]) == 1
    sitting = session.scalars(select(Sitting).where(Sitting.person_id == person)).one()
    after = data_of(session, "v003", sitting.deadline + dt.timedelta(hours=1))
    assert len(after["自动评分"]) == len(after["记忆"]) == 1


def test_a_contest_under_way_tells_no_key(session: Session) -> None:
    hall = Hall(session)
    hall.contest(2)
    hall.ask(s001=True)
    found = data_of(session, "s001", hall.now)
    assert len(found["作答"]) == 1
    assert (found["自动评分"], found["比武成绩"]) == ([], [])
    hall.ask(s001=True)
    hall.do(Did.FINISH)
    assert data_of(session, "s001", hall.now)["比武成绩"][0]["名次"] == 1


def test_a_sheet_takes_what_somebody_wrote_however_odd(session: Session) -> None:
    make_town(session, NOW)
    activity = meet(session, NOW)
    odd = "=1+1\x0b\u200b" + "长" * 40
    mark(session, activity, ["s001"], Status.LATE, odd, "key-1", caller(session, "t01"), NOW)
    files = unzipped(own_file(session, caller(session, "s001"), NOW, ZONE))
    book = load_workbook(io.BytesIO(files["我的数据.xlsx"]))
    cells = [cell.value for cell in book["考勤记录"][2]]
    assert any(isinstance(value, str) and value.startswith("=1+1长") for value in cells)
