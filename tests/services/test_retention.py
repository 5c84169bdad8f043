"""Personal data goes when its time is over, and whoever left is forgotten; evidence stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from meetings import caller, make_town, meet
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api import retention_watch
from lawlab.config import REPOSITORY, Settings
from lawlab.domain.attendance import Status
from lawlab.domain.personal import rules
from lawlab.errors import Conflict, NotFound
from lawlab.grading.config import gradebook_url
from lawlab.grading.forgetting import rename_student
from lawlab.services.attendance_desk import mark, sign
from lawlab.services.leave import ask_leave, decide_leave
from lawlab.services.people import disable_person
from lawlab.services.retention import due, forget, forgotten_count
from lawlab.services.sealing import seal, verify
from lawlab.services.walk_ins import settle, write_down
from lawlab.store.people import person_by_login
from lawlab.store.tables import (
    ApiSession,
    Attachment,
    Attendance,
    AttendanceEvent,
    AuditEntry,
    Certificate,
    Contest,
    LeaveRequest,
    Person,
    SigninFailure,
    WalkIn,
)

NOW = dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PICTURE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        make_town(session, NOW - 30 * DAY)
        yield session


def a_meeting(session: Session) -> int:
    """s001 asked for leave with a proof, s002 signed, 村民甲 walked in and was s003."""
    activity, trainer = meet(session, NOW), caller(session, "t01")
    ask_leave(session, activity, caller(session, "s001"), "生病住院", PICTURE, "key-1", NOW)
    leave = session.scalars(select(LeaveRequest.id)).one()
    decide_leave(session, activity, leave, trainer, approve=True, note="", now=NOW)
    sign(session, activity, "s002", PICTURE, "key-2", trainer, NOW)
    write_down(session, activity, "村民甲", "0003", "key-3", trainer, NOW)
    walk_in = session.scalars(select(WalkIn.id)).one()
    settle(session, activity, walk_in, "s003", trainer, NOW)
    return activity


def signed_in(session: Session, token: str, at: dt.datetime, ended: dt.datetime | None) -> None:
    person = caller(session, "s001").person_id
    row = ApiSession(token_hash=token, person_id=person, hub_session_hash="x", created_at=at)
    row.ended_at = ended
    session.add(row)
    session.commit()


def test_what_is_over_goes_and_what_is_not_stays(
    sessions: sessionmaker[Session], session: Session
) -> None:
    a_meeting(session)
    for days in (0, 2):
        failure = SigninFailure(login="x", device="d", address="a", at=NOW - days * DAY)
        session.add(failure)
    signed_in(session, "old", NOW - 200 * DAY, NOW - 199 * DAY)
    signed_in(session, "left-open", NOW - 181 * DAY, None)
    signed_in(session, "new", NOW - DAY, NOW)
    assert due(session, NOW, 180) == {"failures": 1, "sessions": 2, "proofs": 0, "walk_ins": 0}
    session.commit()
    retention_watch.step(sessions, NOW, 180)
    assert list(session.scalars(select(ApiSession.token_hash))) == ["new"]
    assert len(session.scalars(select(SigninFailure)).all()) == 1
    assert len(session.scalars(select(Attachment)).all()) == 2
    session.commit()
    later = NOW + 366 * DAY
    assert due(session, later, 180)["proofs"] == due(session, later, 180)["walk_ins"] == 1
    session.commit()
    retention_watch.step(sessions, later, 180)
    retention_watch.step(sessions, later, 180)
    session.expire_all()
    assert [one.kind for one in session.scalars(select(Attachment))] == ["signature"]
    assert session.scalars(select(LeaveRequest)).one().proof_id is None
    walk_in = session.scalars(select(WalkIn)).one()
    assert (walk_in.full_name, walk_in.phone_tail) == ("（已删除）", "")
    assert not any("村民甲" in one.reason for one in session.scalars(select(AttendanceEvent)))
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "data.retention")).all()
    assert [one.detail["proofs"] for one in noted] == [0, 1]


def test_whoever_is_forgotten_has_no_name_and_what_he_did_stays(session: Session) -> None:
    activity = a_meeting(session)
    person = caller(session, "s002").person_id
    contest = Contest(key="k" * 16, title="比武", script={}, state="finished")
    contest.made_by, contest.made_at = "t01", NOW
    session.add(contest)
    session.flush()
    certificate = Certificate(code="c", contest_id=contest.id, person_id=person, holder="干部002")
    certificate.award, certificate.rank = "一等奖", 1
    certificate.made_by, certificate.made_at = "t01", NOW
    session.add(certificate)
    session.commit()
    assert seal(session, NOW) is not None
    disable_person(session, "s002", now=NOW)
    name = forget(session, "s002", NOW, by="admin")
    assert name == f"已离开人员{person:03}"
    session.expire_all()
    row = person_by_login(session, "s002")
    assert row is not None
    assert (row.full_name, row.phone, row.password_hash, row.active) == (name, None, None, False)
    assert row.roles == []
    assert session.scalars(select(Attachment).where(Attachment.person_id == person)).all() == []
    assert session.scalars(select(Certificate)).one().holder == name
    standing = session.get(Attendance, (activity, person))
    assert standing is not None
    assert standing.status == Status.PRESENT
    assert forgotten_count(session) == 1
    seal(session, NOW + DAY)
    assert verify(session).breaks == []
    with pytest.raises(Conflict, match="已经删除过"):
        forget(session, "s002", NOW)


def test_reasons_pictures_and_the_name_of_a_walk_in_are_forgotten(session: Session) -> None:
    a_meeting(session)
    for login in ("s001", "s003"):
        disable_person(session, login, now=NOW)
        forget(session, login, NOW)
    leave = session.scalars(select(LeaveRequest)).one()
    assert (leave.reason, leave.proof_id, leave.state) == ("（已删除）", None, "approved")
    assert session.scalars(select(WalkIn)).one().full_name == "（已删除）"
    words = [one.reason for one in session.scalars(select(AttendanceEvent))]
    assert not any("生病" in one or "村民甲" in one for one in words)


def test_only_whoever_was_disabled_is_forgotten(session: Session) -> None:
    with pytest.raises(Conflict, match="还在用"):
        forget(session, "s001", NOW)
    with pytest.raises(NotFound):
        forget(session, "nobody", NOW)
    session.rollback()
    assert session.scalars(select(Person).where(Person.login == "s001")).one().phone


def test_a_mark_stays_possible_on_a_closed_meeting_of_somebody_forgotten(
    session: Session,
) -> None:
    activity = a_meeting(session)
    disable_person(session, "s001", now=NOW)
    forget(session, "s001", NOW)
    mark(session, activity, ["s001"], Status.ABSENT, "", "key-9", caller(session, "t01"), NOW)


def test_the_gradebook_forgets_the_name_too(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    rename_student(settings, "s001", "已离开人员001")
    assert not settings.nbgrader_course.exists()
    settings.nbgrader_course.mkdir(parents=True)
    engine = create_engine(gradebook_url(settings))
    with engine.begin() as connection:
        connection.execute(text("create table student (id text, first_name text)"))
        connection.execute(text("insert into student values ('s001', '干部001'), ('s002', '乙')"))
    rename_student(settings, "s001", "已离开人员001")
    with engine.connect() as connection:
        names = connection.execute(text("select first_name from student order by id")).all()
    engine.dispose()
    assert [row[0] for row in names] == ["已离开人员001", "乙"]


def test_the_manual_says_how_long_everything_stays() -> None:
    manual = (REPOSITORY / "docs" / "manuals" / "admin.md").read_text("utf-8")
    for rule in rules(180):
        assert f"| {rule.what} | " in manual, rule.what
        assert rule.kept in manual, rule.kept
