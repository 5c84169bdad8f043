"""Importing a roster and what follows for people, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.roster import Roster, read_roster
from lawlab.errors import Conflict, FileFaults, NotFound
from lawlab.services import people
from lawlab.services.people import PersonCard, apply_import, person_card, plan_import
from lawlab.services.signin import password_matches
from lawlab.store.tables import ApiSession, CohortMembership, Person, Unit, UnitMembership

HEAD = ["登录名", "姓名", "手机号", "单位", "单位类型", "类别", "角色", "起始日期"]
TODAY = dt.date(2022, 12, 5)
NEW_YEAR = dt.date(2022, 1, 1)
JUNE = dt.date(2022, 6, 1)
Sessions = sessionmaker[Session]

STAFF = ["s001", "干部001", "13900000001", "办公室", "部门", "干部职工", "学员", "2022-01-01"]
BOTH = ["s002", "干部002", "", "办公室", "部门", "干部职工、法律明白人", "学员", "2022-01-01"]
VILLAGER = ["v001", "明白人001", "", "甲村", "村", "法律明白人", "", "2022-01-01"]


def roster(*rows: list[Any]) -> Roster:
    return read_roster([HEAD, *rows])


def run_import(
    sessions: Sessions, now: dt.datetime, *rows: list[Any], today: dt.date = TODAY
) -> Any:
    listed = roster(*rows)
    with sessions() as session:
        plan = plan_import(session, "名册.xlsx", listed, today)
        session.rollback()
        hashes = {change.login: "hash" for change in plan.of_kind("new")}
        apply_import(session, "名册.xlsx", listed, plan, hashes, now=now, today=today)
    return plan


def card(sessions: Sessions, login: str, day: dt.date = TODAY) -> PersonCard:
    with sessions() as session:
        return person_card(session, login, day)


def count(sessions: Sessions, table: type) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_roster_makes_people_units_cohorts_and_roles(
    sessions: Sessions, now: dt.datetime
) -> None:
    plan = run_import(sessions, now, STAFF, BOTH, VILLAGER)
    assert [change.kind for change in plan.changes] == ["new"] * 3
    learner = frozenset({"learner"})
    both = frozenset({"staff", "villager"})
    assert card(sessions, "s002") == PersonCard("s002", "干部002", learner, both, "办公室", True)
    assert card(sessions, "v001").unit == "甲村"
    with sessions() as session:
        person = session.scalars(select(Person).where(Person.login == "s001")).one()
        assert person.must_change_password
        assert person.phone == "13900000001"
        kinds = {unit.name: unit.kind for unit in session.scalars(select(Unit))}
    assert kinds == {"办公室": "department", "甲村": "village"}


def test_importing_again_changes_nothing(sessions: Sessions, now: dt.datetime) -> None:
    run_import(sessions, now, STAFF, BOTH, VILLAGER)
    before = [count(sessions, table) for table in (Person, Unit, UnitMembership, CohortMembership)]
    plan = run_import(sessions, now, STAFF, BOTH, VILLAGER, today=TODAY + dt.timedelta(days=9))
    assert [change.kind for change in plan.changes] == ["unchanged"] * 3
    after = [count(sessions, table) for table in (Person, Unit, UnitMembership, CohortMembership)]
    assert after == before == [3, 2, 3, 4]


def test_one_fault_keeps_everybody_out_and_all_faults_are_named(
    sessions: Sessions, now: dt.datetime
) -> None:
    bad_phone = ["s003", "干部003", "1391234", "办公室", "部门", "干部职工", "学员", ""]
    no_unit = ["s004", "干部004", "", "", "", "干部职工", "学员", ""]
    with pytest.raises(FileFaults) as caught:
        run_import(sessions, now, STAFF, bad_phone, no_unit)
    assert caught.value.faults == [
        "第 3 行：手机号 1391234 只有 7 位，应为 11 位。",
        "第 4 行：没有写单位。新学员要有单位。",
    ]
    assert "名册.xlsx 有 2 处问题，没有保存任何内容" in caught.value.sentence
    assert count(sessions, Person) == count(sessions, Unit) == 0


def test_a_move_ends_one_membership_and_begins_the_next(
    sessions: Sessions, now: dt.datetime
) -> None:
    run_import(sessions, now, STAFF)
    run_import(sessions, now, [*STAFF[:3], "甲村", "村", "干部职工", "学员", "2022-06-01"])
    assert card(sessions, "s001", JUNE - dt.timedelta(days=1)).unit == "办公室"
    assert card(sessions, "s001", JUNE).unit == "甲村"
    with sessions() as session:
        rows = session.scalars(select(UnitMembership).order_by(UnitMembership.since)).all()
        assert [(row.since, row.until) for row in rows] == [(NEW_YEAR, JUNE), (JUNE, None)]


def test_a_cohort_ends_and_may_begin_again(sessions: Sessions, now: dt.datetime) -> None:
    run_import(sessions, now, BOTH)
    run_import(sessions, now, [*BOTH[:5], "干部职工", "学员", ""], today=JUNE)
    assert card(sessions, "s002", JUNE).cohorts == {"staff"}
    assert card(sessions, "s002", NEW_YEAR).cohorts == {"staff", "villager"}
    run_import(sessions, now, [*BOTH[:5], "干部职工、法律明白人", "学员", "2022-09-01"])
    assert card(sessions, "s002").cohorts == {"staff", "villager"}
    assert card(sessions, "s002", dt.date(2022, 7, 1)).cohorts == {"staff"}


def test_a_slip_of_the_same_day_leaves_no_trace(sessions: Sessions, now: dt.datetime) -> None:
    run_import(sessions, now, STAFF)
    run_import(sessions, now, [*STAFF[:3], "甲村", "村", "法律明白人", "教员", "2022-01-01"])
    assert count(sessions, UnitMembership) == 1
    with sessions() as session:
        rows = session.scalars(select(CohortMembership).where(CohortMembership.until.is_(None)))
        assert [row.cohort for row in rows] == ["villager"]
    assert card(sessions, "s001").roles == {"trainer"}


def test_a_corrected_date_moves_the_joint_of_two_memberships(
    sessions: Sessions, now: dt.datetime
) -> None:
    run_import(sessions, now, STAFF)
    run_import(sessions, now, [*STAFF[:3], "甲村", "村", "干部职工", "学员", "2022-06-01"])
    run_import(sessions, now, [*STAFF[:3], "甲村", "村", "干部职工", "学员", "2022-05-01"])
    may = dt.date(2022, 5, 1)
    with sessions() as session:
        rows = session.scalars(select(UnitMembership).order_by(UnitMembership.since)).all()
        assert [(row.since, row.until) for row in rows] == [(NEW_YEAR, may), (may, None)]


def test_people_that_changed_after_the_preview_stop_the_import(
    sessions: Sessions, now: dt.datetime
) -> None:
    listed = roster(STAFF)
    with sessions() as session:
        plan = plan_import(session, "名册.xlsx", listed, TODAY)
    run_import(sessions, now, STAFF)
    with sessions() as session, pytest.raises(Conflict) as caught:
        apply_import(session, "名册.xlsx", listed, plan, {"s001": "hash"}, now=now, today=TODAY)
    assert caught.value.code == "people_changed"


def test_disabling_ends_sessions_and_enabling_brings_back(
    sessions: Sessions, now: dt.datetime
) -> None:
    run_import(sessions, now, STAFF, VILLAGER)
    with sessions() as session:
        for person in session.scalars(select(Person)).all():
            session.add(
                ApiSession(
                    token_hash=person.login,
                    person_id=person.id,
                    hub_session_hash="h",
                    created_at=now,
                )
            )
        session.commit()
    with sessions() as session:
        assert people.disable_person(session, "s001", now=now)
    with sessions() as session:
        assert not people.disable_person(session, "s001", now=now)
        assert people.ended(session, ["s001", "v001", "nobody"]) == {"s001"}
        open_rows = session.scalars(select(ApiSession).where(ApiSession.ended_at.is_(None)))
        assert [row.token_hash for row in open_rows] == ["v001"]
        assert not person_card(session, "s001", TODAY).active
    with sessions() as session:
        assert people.enable_person(session, "s001", now=now)
        assert not people.enable_person(session, "s001", now=now)
        assert people.ended(session, ["s001"]) == set()


def test_a_reset_gives_a_new_first_password(sessions: Sessions, now: dt.datetime) -> None:
    run_import(sessions, now, STAFF)
    with sessions() as session:
        first = people.reset_password(session, "s001", now=now)
    with sessions() as session:
        person = session.scalars(select(Person)).one()
        assert person.must_change_password
        assert password_matches(person.password_hash, first)
        assert not password_matches(person.password_hash, first[:-1])


def test_an_unknown_name_is_said_so(sessions: Sessions, now: dt.datetime) -> None:
    for use_case in (people.disable_person, people.reset_password):
        with sessions() as session, pytest.raises(NotFound) as caught:
            use_case(session, "x", now=now)
        assert caught.value.sentence == "没有登录名为“x”的人。"


def test_first_passwords_are_easy_to_read_and_differ() -> None:
    made = {people.first_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(each) == 14 and not set(each) & set("ilo01") for each in made)
