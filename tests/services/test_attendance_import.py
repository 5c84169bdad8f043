"""Lists that are imported: all or nothing, once, and only of people whom the trainer serves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from study_town import ZONE, Town, at

from lawlab.domain.attendance import Kind, Way
from lawlab.errors import Conflict, FileFaults, LawlabError, NotFound
from lawlab.services.attendance_events import Saying, bring_in_step, close_activity, say
from lawlab.services.attendance_import import ListFile, ListPreview, apply_list, preview_list
from lawlab.store.attendance import find_activity
from lawlab.store.engine import writing
from lawlab.store.tables import Attendance, AttendanceEvent, Person, Score

STARTS = at(3, 8)
LATER = at(3, 8, 10)
LIST = "姓名,签到时间,状态,备注\n干部001,8:55,,\n干部002,9:20,,堵车\n明白人001,,请假,\n"


def csv(text: str, name: str = "名单.csv") -> ListFile:
    return ListFile(name, text.encode())


class Desk(Town):
    def look(
        self, activity: int, text: str, login: str = "t01", now: dt.datetime = LATER
    ) -> ListPreview:
        with self.sessions() as session:
            return preview_list(session, self.caller(login), activity, csv(text), now, ZONE)

    def bring(
        self, activity: int, text: str, login: str = "t01", now: dt.datetime = LATER
    ) -> ListPreview:
        with self.sessions() as session:
            return apply_list(session, self.caller(login), activity, csv(text), now, ZONE)

    def standing(self, activity: int) -> Mapping[str, tuple[str, str]]:
        query = (
            select(Person.login, Attendance.status, Attendance.way)
            .join(Attendance, Attendance.person_id == Person.id)
            .where(Attendance.activity_id == activity)
        )
        with self.sessions() as session:
            return {login: (status, way) for login, status, way in session.execute(query)}

    def events(self) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count(AttendanceEvent.id))) or 0


@pytest.fixture
def desk(sessions: sessionmaker[Session]) -> Desk:
    return Desk(sessions)


def test_a_list_shows_what_it_changes_and_then_changes_it(desk: Desk) -> None:
    activity = desk.hold(STARTS, {"s002": "present"}, close=False)
    preview = desk.look(activity, LIST)
    shown = [(row.line.person.login, row.before, row.status) for row in preview.rows]
    assert shown == [
        ("s001", None, "present"),
        ("s002", "present", "late"),
        ("v001", None, "excused"),
    ]
    assert desk.events() == 1
    assert desk.bring(activity, LIST).faults == ()
    assert desk.standing(activity) == {
        "s001": ("present", "file"),
        "s002": ("late", "file"),
        "v001": ("excused", "file"),
    }
    with desk.sessions() as session:
        rows = session.scalars(
            select(AttendanceEvent).where(AttendanceEvent.way == "file").order_by("id")
        ).all()
        assert [row.at for row in rows] == [at(3, 8, 8, 55), at(3, 8, 9, 20), LATER]
        assert [row.reason for row in rows] == [
            "导入名单 名单.csv",
            "导入名单 名单.csv：堵车",
            "导入名单 名单.csv",
        ]
        assert {row.by for row in rows} == {"t01"}
        points = dict(session.execute(select(Score.person_id, Score.points)).all())
        assert points[desk.person("s002")] == 1
        before = desk.standing(activity)
    with desk.sessions() as session:
        writing(session)
        found = find_activity(session, activity, lock=True)
        bring_in_step(session, found, set(session.scalars(select(Person.id))), LATER)
        session.commit()
    assert desk.standing(activity) == before


def test_the_same_file_again_changes_nothing_not_even_a_later_word(desk: Desk) -> None:
    activity = desk.hold(STARTS, {}, close=False)
    desk.bring(activity, LIST)
    desk.mark(activity, {"s001": "late"}, LATER)
    before, events = desk.standing(activity), desk.events()
    again = desk.bring(activity, LIST)
    assert again.changes == []
    assert {row.why for row in again.rows} == {"这一行已经导入过"}
    assert (desk.standing(activity), desk.events()) == (before, events)


def test_with_one_fault_nothing_is_stored(desk: Desk) -> None:
    activity = desk.hold(STARTS, {}, close=False)
    text = LIST + "干部099,9:00,,\n"
    assert [fault.row for fault in desk.look(activity, text).faults] == [5]
    with pytest.raises(FileFaults) as refused:
        desk.bring(activity, text)
    assert "第 5 行：平台上没有叫“干部099”的人" in refused.value.faults[0]
    assert desk.events() == 0


def test_a_trainer_marks_the_people_of_his_units_only(desk: Desk) -> None:
    activity = desk.hold(STARTS, {}, close=False)
    with pytest.raises(FileFaults) as refused:
        desk.bring(activity, LIST, "t02")
    assert refused.value.faults == [
        f"第 {row} 行：{name}属于“司法所”，不归您负责。请删去这一行，或者请他的教员导入。"
        for row, name in ((2, "干部001"), (3, "干部002"))
    ]
    assert desk.events() == 0
    desk.bring(activity, "姓名,状态\n明白人001,到\n", "t02")
    assert desk.standing(activity) == {"v001": ("present", "file")}


def test_a_list_after_the_close_corrects_who_counted_as_absent(desk: Desk) -> None:
    activity = desk.hold(STARTS, {"s003": "present"})
    preview = desk.bring(activity, LIST, now=at(3, 9))
    assert [row.before for row in preview.rows] == ["absent"] * 3
    found = desk.standing(activity)
    assert (found["s001"], found["v002"]) == (("present", "file"), ("absent", "close"))


def test_guests_are_welcome_and_never_absent(desk: Desk) -> None:
    activity = desk.hold(STARTS, {}, close=False)
    text = "登录名,状态\nt01,到\nt02,缺勤\ns001,\ns002,到\n"
    preview = desk.bring(activity, text)
    assert [row.why for row in preview.rows] == [
        "",
        "不在应到名单里，不用登记没有来",
        "没有写时间和状态",
        "",
    ]
    with desk.sessions() as session:
        query = select(Attendance.expected).where(Attendance.person_id == desk.person("t01"))
        assert session.scalars(query).all() == [False]
    assert set(desk.standing(activity)) == {"t01", "s002"}


def test_who_stands_so_already_keeps_how_he_came(desk: Desk) -> None:
    hall = desk.hold(STARTS, {}, close=False)
    online = desk.hold(at(3, 9), {}, close=False, online=True)
    for activity, when, way in ((hall, STARTS, Way.QR), (online, at(3, 9), Way.ONLINE)):
        scan = Saying(desk.person("s001"), "scan" * 4, Kind.CHECK_IN, "present", way, when, "s001")
        with desk.sessions() as session:
            writing(session)
            say(session, find_activity(session, activity, lock=True), scan, when)
            session.commit()
    assert desk.bring(hall, "登录名,状态\ns001,到\n").changes == []
    assert desk.standing(hall) == {"s001": ("present", "qr")}
    # Online the cards decide at the close, so there the list says more.
    assert len(desk.bring(online, "登录名,状态\ns001,到\n", now=at(3, 9, 10)).changes) == 1
    with desk.sessions() as session:
        close_activity(session, online, at(3, 9, 11))
    assert desk.standing(online)["s001"] == ("present", "file")


def test_what_cannot_be_imported_is_said(desk: Desk) -> None:
    activity = desk.hold(STARTS, {}, close=False)
    with pytest.raises(Conflict) as early:
        desk.look(activity, LIST, now=at(3, 8, 8, 29))
    assert early.value.code == "not_begun"
    with pytest.raises(NotFound):
        desk.look(99, LIST)
    with desk.sessions() as session, pytest.raises(LawlabError) as bad:
        preview_list(session, desk.caller(), activity, ListFile("a.xlsx", b"x"), LATER, ZONE)
    assert bad.value.code == "bad_file"
    desk.cancel(activity, LATER)
    with pytest.raises(Conflict) as cancelled:
        desk.bring(activity, LIST)
    assert cancelled.value.code == "cancelled"
