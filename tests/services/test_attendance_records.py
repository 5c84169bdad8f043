"""The year of attendance: every figure is counted a second time, from what was said."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from openpyxl import load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker
from study_town import OFFICE, VILLAGE, ZONE, Town, at

from lawlab.domain.attendance_list import read_list
from lawlab.domain.attendance_names import Listed
from lawlab.errors import NotFound
from lawlab.services.attendance_figures import person_figures, unit_figures, year_figures
from lawlab.services.attendance_records import person_record, unit_record, year_sheet
from lawlab.services.attendance_sheets import sign_sheet_file, year_file
from lawlab.services.attendance_sign_sheet import sign_sheet
from lawlab.services.roster_files import table_of
from lawlab.store.attendance import activity_times, find_activity
from lawlab.store.tables import Attachment, Person, Unit, UnitMembership, WalkIn

NOW = at(12, 5)
P, L, E, A = "present", "late", "excused", "absent"
POINTS = {P: 2.0, L: 1.0, E: 1.0, A: 0.0}
SAID = [
    {"s001": P, "s002": P, "v001": L, "v002": E},
    {"s001": P, "s002": L, "v001": P},
    {"s001": P, "s003": P, "v001": P, "v002": P},
    {"s001": L, "v001": P, "v003": P},
    {"s001": P, "s002": P, "v001": A, "v002": P, "v003": P},
    {"s001": P, "s002": P, "v001": P, "t01": P},
]
"""Of six meetings; of whom nothing is said, he was absent. t01 is a guest."""
PEOPLE = ("s001", "s002", "s003", "v001", "v002", "v003")


@pytest.fixture
def town(sessions: sessionmaker[Session]) -> Town:
    made = Town(sessions)
    for number, said in enumerate(SAID):
        made.hold(at(3 + number, 8), said, f"第{number + 1}次学法会")
    made.cancel(made.hold(at(10, 8), {"s003": P}, "取消的会"), at(10, 9))
    made.hold(at(12, 5), {"s003": P}, "开着的会", close=False)
    made.hold(dt.datetime(2023, 1, 1, 0, 0, tzinfo=ZONE), {"s003": P}, "明年的会")
    made.hold(dt.datetime(2022, 1, 1, 0, 0, tzinfo=ZONE) - dt.timedelta(minutes=1), {}, "去年的会")
    return made


def expected_of(logins: tuple[str, ...]) -> tuple[int, int, float, float]:
    """Expected, there, points, most of these people over SAID."""
    all_said = [said.get(login, A) for said in SAID for login in logins]
    there = sum(status in (P, L) for status in all_said)
    return len(all_said), there, sum(POINTS[one] for one in all_said), 2.0 * len(all_said)


def test_a_persons_figures_are_those_of_closed_activities_only(town: Town) -> None:
    with town.sessions() as session:
        figures = year_figures(year_sheet(session, 2022, NOW, ZONE))
    people = {one["login"]: one for one in figures["people"]}
    assert set(people) == set(PEOPLE)
    for login, one in people.items():
        found = one["expected"], one["there"], one["points"], one["most"]
        assert found == expected_of((login,)), login
        assert one["share"] == one["there"] / 6
        for status in (P, L, E, A):
            assert one[status] == sum(said.get(login, A) == status for said in SAID)
        assert one["behind"] == (one["there"] / 6 < 0.7)
    assert (people["s001"]["unit"], people["s001"]["cohorts"]) == (OFFICE, ["staff"])
    assert figures["years"] == [2021, 2022, 2023]
    assert len(figures["marks"]) == 36
    titles = [one["title"] for one in figures["activities"]]
    assert titles == [*(f"第{n}次学法会" for n in range(1, 7)), "开着的会"]
    first = figures["activities"][0]
    assert (first["expected"], first["there"], first["closed"]) == (6, 3, True)


def test_a_units_figures_are_the_sum_of_its_people(town: Town) -> None:
    with town.sessions() as session:
        figures = year_figures(year_sheet(session, 2022, NOW, ZONE))
    units = {one["unit"]: one for one in figures["units"]}
    for unit, logins in ((OFFICE, PEOPLE[:3]), (VILLAGE, PEOPLE[3:])):
        one = units[unit]
        found = one["expected"], one["there"], one["points"], one["most"]
        assert (one["members"], found) == (3, expected_of(logins))


def test_a_unit_keeps_what_its_people_did_before_they_left(town: Town) -> None:
    with town.sessions() as session:
        person = town.person("s001")
        (old,) = session.scalars(select(UnitMembership).where(UnitMembership.person_id == person))
        old.until = dt.date(2022, 12, 1)
        village = session.scalars(select(Unit).where(Unit.name == VILLAGE)).one()
        session.add(
            UnitMembership(person_id=person, unit_id=village.id, since=dt.date(2022, 12, 1))
        )
        session.commit()
    town.hold(at(12, 2), {"s001": P}, "调动以后")
    with town.sessions() as session:
        office = unit_record(session, OFFICE, 2022, NOW, ZONE)
        here = unit_record(session, VILLAGE, 2022, NOW, ZONE)
        person_line = person_record(session, "s001", 2022, NOW, ZONE).line
    assert {one.login: one.rate.expected for one in office.people}["s001"] == 6
    assert {one.login: one.rate.expected for one in here.people}["s001"] == 1
    assert (office.line.members, here.line.members) == (2, 4)
    assert (person_line.unit, person_line.rate.expected) == (VILLAGE, 7)
    assert office.line.rate.expected == 18 + 2
    assert [rate.expected for _, rate in office.activities] == [3] * 6 + [2]


def test_who_falls_behind_is_listed_the_rarest_first_and_not_too_early(town: Town) -> None:
    with town.sessions() as session:
        behind = year_sheet(session, 2022, NOW, ZONE).behind
        assert [(line.login, line.rate.there) for line in behind] == [
            ("s003", 1),
            ("v002", 2),
            ("v003", 2),
            ("s002", 4),
        ]
        session.scalars(select(Person).where(Person.login == "s003")).one().active = False
        session.commit()
        assert "s003" not in [one.login for one in year_sheet(session, 2022, NOW, ZONE).behind]
        assert year_sheet(session, 2021, NOW, ZONE).behind == []


def test_a_persons_record_tells_each_activity_and_whose_word_counts(town: Town) -> None:
    with town.sessions() as session:
        found = person_figures(person_record(session, "v002", 2022, NOW, ZONE))
        guest = person_figures(person_record(session, "t01", 2022, NOW, ZONE))
        with pytest.raises(NotFound):
            person_record(session, "s999", 2022, NOW, ZONE)
    assert [one["status"] for one in found["activities"]] == [E, A, P, A, P, A]
    assert [one["way"] for one in found["activities"]][:2] == ["list", "close"]
    assert [one["by"] for one in found["activities"]][:2] == ["教员01", ""]
    assert found["record"]["expected"] == 6
    assert [(one["status"], one["guest"]) for one in guest["activities"]] == [(P, True)]
    assert guest["record"]["share"] is None


def test_a_year_without_anything_is_empty_and_no_error(sessions: sessionmaker[Session]) -> None:
    Town(sessions)
    with sessions() as session:
        sheet = year_sheet(session, 2030, NOW, ZONE)
        figures = year_figures(sheet)
        year_file(sheet, "大河镇", ZONE)
        assert unit_figures(unit_record(session, OFFICE, 2030, NOW, ZONE))["activities"] == []
        with pytest.raises(NotFound):
            unit_record(session, "没有的单位", 2030, NOW, ZONE)
    assert figures["activities"] == figures["marks"] == []
    assert figures["years"] == [2030]
    assert {one["share"] for one in figures["people"]} == {None}


def test_the_number_of_queries_does_not_grow(town: Town) -> None:
    with town.sessions() as session, counted(session) as before:
        year_sheet(session, 2022, NOW, ZONE)
    for n in range(4):
        town.hold(at(11, 10 + n), {"s001": P}, f"又一次{n}")
    with town.sessions() as session:
        for n in range(20):
            session.add(
                Person(
                    login=f"x{n:03}", full_name=f"干部9{n:02}", created_at=NOW, password_hash="x"
                )
            )
        session.commit()
    with town.sessions() as session, counted(session) as after:
        year_sheet(session, 2022, NOW, ZONE)
    assert after == before
    assert len(before) < 15


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement.partition(" FROM ")[2][:30])

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def test_the_years_file_says_in_words_what_the_page_says(town: Town) -> None:
    with town.sessions() as session:
        content = year_file(year_sheet(session, 2022, NOW, ZONE), "大河镇", ZONE)
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["说明", "人员", "单位", "活动", "明细"]
    people = {row[0]: row for row in book["人员"].iter_rows(min_row=2, values_only=True)}
    assert people["v002"][4:] == (6, 2, 2, 0, 1, 3, "33.3%", 5, 12, "出勤率低于 70%")
    units = {row[0]: row for row in book["单位"].iter_rows(min_row=2, values_only=True)}
    assert units["合计"][3:5] == expected_of(PEOPLE)[:2]
    matrix = list(book["明细"].iter_rows(values_only=True))
    assert matrix[0][3] == "03-08 第1次学法会"
    assert len(matrix[0]) == 9
    row = next(row for row in matrix if row[0] == "v002")
    assert row[3:] == ("请假", "缺勤", "出勤", "缺勤", "出勤", "缺勤")
    assert "1390000" not in str([list(sheet.values) for sheet in book])


def test_a_sign_sheet_is_of_the_members_then_and_can_be_imported_again(town: Town) -> None:
    activity = town.hold(at(11, 20), {"s001": P, "t01": P, "v001": L}, "=1+1", close=False)
    with town.sessions() as session:
        session.add_all([picture(activity, town.person("s001"), png()), stranger(activity)])
        session.add(picture(activity, town.person("v001"), b"no picture"))
        session.commit()
        sheet = sign_sheet(session, activity)
        content = sign_sheet_file(session, sheet, "大河镇", ZONE)
        when = activity_times(find_activity(session, activity))
    names = [row.name for row in sheet.rows]
    assert names[-2:] == ["教员01", "访客甲"]
    assert [row.note for row in sheet.rows[-2:]] == ["旁听", "现场登记，没有账号"]
    assert len(names) == 8
    page = load_workbook(io.BytesIO(content))["签到表"]
    assert (page["A1"].value, page["A1"].data_type) == ("=1+1 签到表", "s")
    assert "2022年11月20日 09:00" in page["A2"].value
    assert page.print_title_rows == "$4:$4"
    assert len(page._images) == 1  # the broken one is left out
    people = [Listed(town.person(one), one, name, None) for one, name in named()]
    # Without the visitor, whom nobody knows.
    table = [row for row in table_of(Path("签到表.xlsx"), content) if row[1] != "访客甲"]
    again = read_list(table, people, when, ZONE)
    assert again.faults == ()
    assert {one.person.login: one.status for one in again.lines if one.status} == {
        "s001": P,
        "t01": P,
        "v001": L,
    }
    with town.sessions() as session, pytest.raises(NotFound):
        sign_sheet(session, 999)


def test_after_the_close_the_sheet_stays_whoever_joins(town: Town) -> None:
    with town.sessions() as session:
        before = len(sign_sheet(session, 1).rows)
        village = session.scalars(select(Unit).where(Unit.name == VILLAGE)).one()
        person = session.scalars(select(Person).where(Person.login == "t02")).one()
        person.units = [UnitMembership(unit=village, since=dt.date(2022, 1, 1))]
        session.commit()
        rows = sign_sheet(session, 1).rows
    assert len(rows) == before == 6
    assert all(row.status for row in rows)
    assert [row.at for row in rows] == [None] * 6  # a trainer's word is no time of arrival


def named() -> list[tuple[str, str]]:
    people = [(one, {"s": "干部", "v": "明白人"}[one[0]] + one[1:]) for one in PEOPLE]
    return [*people, ("t01", "教员01"), ("t02", "教员02")]


def png() -> bytes:
    content = io.BytesIO()
    Figure(figsize=(2, 1), dpi=50).savefig(content, format="png")
    return content.getvalue()


def picture(activity: int, person: int, content: bytes) -> Attachment:
    return Attachment(
        activity_id=activity,
        person_id=person,
        kind="signature",
        media_type="image/png",
        content=content,
        at=NOW,
        by="t01",
    )


def stranger(activity: int) -> WalkIn:
    return WalkIn(
        activity_id=activity,
        key="w" * 16,
        full_name="访客甲",
        phone_tail="1234",
        status=P,
        at=NOW,
        received_at=NOW,
    )
