"""What a roster changes in what is known of a person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lawlab.domain.roster import RosterRow
from lawlab.domain.roster_changes import Change, PersonFacts, UnitStep, plan_changes

TODAY = dt.date(2022, 12, 5)
NEW_YEAR = dt.date(2022, 1, 1)
JUNE = dt.date(2022, 6, 1)
UNITS = {"办公室": "department", "甲村": "village", "乙村": "village"}


def make_row(**changes: Any) -> RosterRow:
    row: dict[str, Any] = {"row": 2, "login": "s001", "full_name": "干部001"}
    return RosterRow(**(row | changes))


def make_facts(**changes: Any) -> PersonFacts:
    facts: dict[str, Any] = {
        "login": "s001",
        "full_name": "干部001",
        "roles": frozenset({"learner"}),
        "unit": "办公室",
        "unit_since": NEW_YEAR,
        "cohorts": {"staff": NEW_YEAR},
    }
    return PersonFacts(**(facts | changes))


def change_of(row: RosterRow, *facts: PersonFacts) -> Change:
    plan, faults = plan_changes([row], {each.login: each for each in facts}, UNITS, TODAY)
    assert faults == []
    return plan.changes[0]


def faults_of(row: RosterRow, *facts: PersonFacts) -> list[str]:
    _, faults = plan_changes([row], {each.login: each for each in facts}, UNITS, TODAY)
    return [str(fault) for fault in faults]


def lines(change: Change) -> list[tuple[str, str, str]]:
    return [(field.label, field.before, field.after) for field in change.fields]


def test_a_new_person_begins_today_as_a_learner() -> None:
    change = change_of(make_row(unit="甲村", cohorts=frozenset({"villager"})))
    assert change.kind == "new"
    assert change.roles == {"learner"}
    assert change.unit == UnitStep("begin", "甲村", TODAY)
    assert change.join == {"villager": TODAY}


def test_a_new_learner_needs_a_unit_and_a_cohort() -> None:
    assert faults_of(make_row()) == ["第 2 行：没有写单位。新学员要有单位。"]
    assert "没有写类别" in faults_of(make_row(unit="甲村"))[0]
    assert faults_of(make_row(roles=frozenset({"learner", "trainer"}))) == []


def test_the_same_roster_again_changes_nothing() -> None:
    row = make_row(unit="办公室", cohorts=frozenset({"staff"}), since=NEW_YEAR)
    change = change_of(row, make_facts())
    assert change.kind == "unchanged"
    assert (change.unit, change.join, change.leave, change.redate) == (None, {}, {}, {})


def test_what_a_row_does_not_say_stays() -> None:
    change = change_of(make_row(full_name="干部甲"), make_facts(phone="13900000001"))
    assert change.kind == "changed"
    assert lines(change) == [("姓名", "干部001", "干部甲")]
    assert change.phone == "13900000001"


def test_a_move_begins_on_its_day() -> None:
    change = change_of(make_row(unit="甲村", since=JUNE), make_facts())
    assert change.unit == UnitStep("begin", "甲村", JUNE)
    assert lines(change) == [("单位", "办公室（2022-01-01 起）", "甲村（2022-06-01 起）")]


def test_a_move_on_the_day_he_came_is_a_slip_put_right() -> None:
    change = change_of(make_row(unit="甲村", since=NEW_YEAR), make_facts())
    assert change.unit == UnitStep("replace", "甲村", NEW_YEAR)


def test_an_old_roster_does_not_move_people_back_in_time() -> None:
    facts = make_facts(unit="甲村", unit_since=JUNE)
    faults = faults_of(make_row(unit="办公室", since=NEW_YEAR), facts)
    assert "早于他到“甲村”的日期 2022-06-01" in faults[0]


def test_a_second_cohort_joins_and_the_first_stays() -> None:
    row = make_row(unit="办公室", cohorts=frozenset({"staff", "villager"}), since=JUNE)
    change = change_of(row, make_facts())
    assert change.join == {"villager": JUNE}
    assert change.leave == {}
    assert change.unit is None
    again = change_of(row, make_facts(cohorts={"staff": NEW_YEAR, "villager": JUNE}))
    assert again.kind == "unchanged"


def test_a_cohort_that_is_no_longer_named_ends_today() -> None:
    facts = make_facts(cohorts={"staff": NEW_YEAR, "villager": JUNE})
    change = change_of(make_row(cohorts=frozenset({"staff"}), since=NEW_YEAR), facts)
    assert change.leave == {"villager": TODAY}


def test_a_date_that_begins_nothing_corrects_the_old_one() -> None:
    change = change_of(make_row(unit="办公室", since=JUNE), make_facts())
    assert change.unit == UnitStep("redate", "办公室", JUNE)
    assert change.redate == {"staff": JUNE}
    assert ("干部职工起", "2022-01-01", "2022-06-01") in lines(change)


def test_a_corrected_date_stays_behind_the_unit_before() -> None:
    facts = make_facts(unit_since=JUNE, unit_before=NEW_YEAR, cohorts={"staff": JUNE})
    assert "早于他在上一个单位" in faults_of(make_row(since=NEW_YEAR), facts)[0]


def test_dates_out_of_this_world_are_refused() -> None:
    for since in (dt.date(1949, 12, 31), dt.date(2202, 1, 1)):
        assert "太早或太晚" in faults_of(make_row(since=since), make_facts())[0]


def test_units_are_new_or_change_their_kind_and_must_agree() -> None:
    rows = [
        make_row(unit="丙社区", cohorts=frozenset({"staff"})),
        make_row(
            row=3, login="s002", unit="甲村", unit_kind="department", cohorts=frozenset({"staff"})
        ),
    ]
    plan, faults = plan_changes(rows, {}, UNITS, TODAY)
    assert faults == []
    assert plan.units == {"丙社区": "village", "甲村": "department"}
    rows.append(
        make_row(
            row=4, login="s003", unit="甲村", unit_kind="village", cohorts=frozenset({"staff"})
        )
    )
    _, faults = plan_changes(rows, {}, UNITS, TODAY)
    assert [str(fault) for fault in faults] == [
        "第 4 行：单位“甲村”在第 3 行是部门，这里是村（社区），请改成一样的。"
    ]


def test_notices_name_the_disabled_the_double_and_the_unlisted() -> None:
    known = [
        make_facts(login="s009", active=False, full_name="干部009", phone="13900000009"),
        make_facts(login="s010", full_name="干部010", phone="13900000010"),
    ]
    rows = [
        make_row(login="s009", full_name="干部009"),
        make_row(
            row=3,
            login="x010",
            full_name="干部010",
            phone="13900000010",
            unit="甲村",
            cohorts=frozenset({"staff"}),
        ),
    ]
    plan, _ = plan_changes(rows, {each.login: each for each in known}, UNITS, TODAY)
    assert plan.notices == (
        "第 2 行：s009 已停用，导入后仍是停用。",
        "第 3 行：姓名和手机号同 s010 一样，请确认不是同一个人。",
        "系统里另有 1 人不在这份名册里，他们不受影响。",
    )


def test_a_masked_phone_of_an_export_changes_nothing() -> None:
    facts = make_facts(phone="13900000001")
    change = change_of(make_row(phone="139****0001"), facts)
    assert (change.kind, change.phone) == ("unchanged", "13900000001")
    for other in ("139****0002", "138****0001"):
        assert "对不上" in faults_of(make_row(phone=other), facts)[0]
    assert "对不上" in faults_of(make_row(phone="139****0001"), make_facts())[0]
