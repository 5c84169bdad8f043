"""Making contests: what is stored and refused, copies, drawing; see `test_contest_plan`."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from meetings import OFFICE, VILLAGE, at, caller, make_town, unit_ids
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.contest_draw import LATELY_DAYS, Wish
from lawlab.domain.contest_plan import Plan, PlannedRound, PlannedTeam
from lawlab.domain.contest_script import Award, Format, Kind, Script, Window
from lawlab.domain.question import Question, QuestionType
from lawlab.domain.statement import statement_digest
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.contest_drawing import Look, draw_questions, found_questions
from lawlab.services.contest_form import contest_form, contest_list, contest_plan
from lawlab.services.contest_making import (
    ContestFaults,
    cancel_contest,
    change_contest,
    check_plan,
    copy_contest,
    delete_contest,
    make_contest,
    require_ready,
)
from lawlab.services.sessions import Caller
from lawlab.store.tables import Confirmation, ContentState, Contest, ItemBank, ItemVersion, Person

NOW = at("2026-12-01 09:00:00")
UNSURE = "据公开报道，某平台有此规定。"
CHOICES = tuple(f"brg-{n:03}" for n in range(1, 9))


def put_item(session: Session, item: str, version: int = 1, **facts: Any) -> None:
    usual = Question(
        item, QuestionType.SINGLE, f"{item} 问什么？", {"A": "是", "B": "否"}, "A", "因为。",
        ("某条例#2",), "因为", 2,
    )  # fmt: skip
    question = replace(usual, **facts)
    session.add(
        ItemVersion(
            item=item,
            version=version,
            bank="bridges",
            type=question.type.value,
            body=question.to_json(),
            sha256=f"{item}-{version}",
            article_prints={},
            reviewer="审核人甲",
            published_at=NOW,
        )
    )


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        make_town(session, NOW - dt.timedelta(days=300))
        session.add(ItemBank(slug="bridges", law="某条例", prefix="brg", awaits=[]))
        for item in CHOICES:
            put_item(session, item)
        put_item(session, "brg-101", type=QuestionType.SHORT, options={})
        put_item(session, "brg-102")
        put_item(session, "brg-103", unconfirmed=UNSURE)
        session.add(
            ContentState(
                kind="item", name="brg-102", state="stale", reason="变了", by="系统", since=NOW
            )
        )
        session.commit()
        yield session


@pytest.fixture
def host(session: Session) -> Caller:
    return caller(session, "t01")


def round_of(*items: str, **facts: Any) -> PlannedRound:
    usual = PlannedRound(Kind.ALL, "第一轮", 20, 100, items or CHOICES[:3])
    return replace(usual, **facts)


def plan_of(**facts: Any) -> Plan:
    usual = Plan("法律知识比武", Format.PERSON, (round_of(),), awards=(Award("一等奖", 1),))
    return replace(usual, **facts)


def make(session: Session, host: Caller, key: str = "k" * 16, **facts: Any) -> int:
    return make_contest(session, plan_of(**facts), host, NOW, key)


def script_in(session: Session, contest: int) -> Script:
    row = session.get_one(Contest, contest, populate_existing=True)
    return Script.from_json(row.script)


def set_state(session: Session, contest: int, state: str, opened: dt.datetime = NOW) -> None:
    row = session.get_one(Contest, contest)
    row.state, row.opened_at = state, opened
    session.commit()


def faults_of(error: LawlabError) -> set[str]:
    return {fault["field"] for fault in error.facts["faults"]}  # type: ignore[attr-defined]


def test_a_contest_is_stored_as_a_draft_and_shown_as_its_form(
    session: Session, host: Caller
) -> None:
    teams = (PlannedTeam(" 红队 ", ("s001", "s002")), PlannedTeam("蓝队", ("v001",)))
    rounds = (round_of(), round_of(*CHOICES[3:5], kind=Kind.RISK, title="风险题"))
    units = unit_ids(session, OFFICE)
    contest = make(session, host, format=Format.SEATED, teams=teams, rounds=rounds, units=units)
    shown = contest_plan(session, contest, NOW)
    assert (shown["state"], shown["revision"], shown["rehearsal"]) == ("draft", 1, False)
    assert [one["items"] for one in shown["plan"]["rounds"]] == [
        list(CHOICES[:3]),
        list(CHOICES[3:5]),
    ]
    assert shown["plan"]["teams"][0] == {"name": "红队", "members": ["s001", "s002"]}
    assert shown["plan"]["units"] == list(units)
    question = shown["questions"][0]
    assert (question["item"], question["revealed"]["answer"]) == (CHOICES[0], "A")
    ids = dict(iter(session.execute(select(ItemVersion.item, ItemVersion.id))))
    assert [step.slot.version_id for step in script_in(session, contest).steps] == [
        ids[item] for item in CHOICES[:5]
    ]
    [line] = contest_list(session)
    assert (line["rounds"], line["questions"], line["maker"]) == (2, 5, "教员01")


def test_all_faults_come_together_and_nothing_is_stored(session: Session, host: Caller) -> None:
    teams = (PlannedTeam("红队", ("s999",)), PlannedTeam("蓝队", ("s002",)))
    wrong = round_of(CHOICES[0], "brg-101", "brg-102", "brg-103", "brg-999", "brg-001")
    with pytest.raises(ContestFaults) as found:
        make(
            session,
            host,
            title="",
            rounds=(wrong,),
            format=Format.SEATED,
            teams=teams,
            units=(999,),
        )
    assert faults_of(found.value) == {
        "title",
        "teams/0",
        "units",
        *(f"rounds/0/items/{place}" for place in range(1, 6)),
    }
    session.rollback()
    assert contest_list(session) == []


def test_what_is_beyond_the_law_may_be_asked_once_it_is_confirmed(
    session: Session, host: Caller
) -> None:
    with pytest.raises(ContestFaults):
        make(session, host, rounds=(round_of("brg-103"),))
    session.rollback()
    session.add(
        Confirmation(
            digest=statement_digest(UNSURE), text=UNSURE, source="", note="", by="t01", at=NOW
        )
    )
    session.commit()
    assert make(session, host, rounds=(round_of("brg-103"),))


def test_a_repeat_makes_one_contest_and_so_do_two_at_once(
    session: Session, host: Caller, sessions: sessionmaker[Session]
) -> None:
    first = make(session, host)
    assert make(session, host, title="另一个名称") == first
    session.commit()
    made: list[int] = []
    ready = threading.Barrier(2)

    def one() -> None:
        with sessions() as other:
            ready.wait()
            made.append(make(other, host, key="another-key-00001"))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len({*made, first}) == 2
    assert session.scalar(select(func.count()).select_from(Contest)) == 2


def test_a_change_that_follows_an_older_state_is_refused(session: Session, host: Caller) -> None:
    contest = make(session, host)
    mine, theirs = plan_of(title="我改的"), plan_of(title="别人改的")
    assert change_contest(session, contest, theirs, 1).revision == 2
    with pytest.raises(Conflict) as found:
        change_contest(session, contest, mine, 1)
    assert (found.value.code, found.value.facts["revision"]) == ("changed_meanwhile", 2)
    session.rollback()
    # The reply to the first was lost: the same again is no other's change.
    assert change_contest(session, contest, theirs, 1).revision == 2
    assert change_contest(session, contest, mine, 2).title == "我改的"
    with pytest.raises(NotFound):
        change_contest(session, 999, mine, 1)


def test_once_it_is_open_a_contest_is_neither_changed_nor_deleted(
    session: Session, host: Caller
) -> None:
    contest = make(session, host)
    set_state(session, contest, "open")
    for refused in (
        lambda: change_contest(session, contest, plan_of(title="晚了"), 1),
        lambda: delete_contest(session, contest, host.login, NOW),
    ):
        with pytest.raises(Conflict) as found:
            refused()
        assert found.value.code == "not_draft"
        session.rollback()
    cancel_contest(session, contest, host.login, NOW)
    cancel_contest(session, contest, host.login, NOW)
    assert contest_list(session)[0]["state"] == "cancelled"
    set_state(session, contest, "finished")
    with pytest.raises(Conflict) as ended:
        cancel_contest(session, contest, host.login, NOW)
    assert ended.value.code == "finished"


def test_a_draft_is_deleted(session: Session, host: Caller) -> None:
    delete_contest(session, make(session, host), host.login, NOW)
    assert contest_list(session) == []


def test_a_copy_is_a_draft_of_its_own_with_the_newest_questions(
    session: Session, host: Caller
) -> None:
    contest = make(session, host)
    set_state(session, contest, "finished")
    put_item(session, CHOICES[0], 2, stem="改过的题？")
    session.commit()
    rehearsal = copy_contest(session, contest, host, NOW, "r" * 16, rehearsal=True)
    assert copy_contest(session, contest, host, NOW, "r" * 16, rehearsal=True) == rehearsal
    shown = contest_plan(session, rehearsal, NOW)
    assert (shown["state"], shown["rehearsal"], shown["title"]) == ("draft", True, "法律知识比武")
    assert [step.slot.version for step in script_in(session, contest).steps] == [1, 1, 1]
    # Whoever rehearses has not seen what will be asked, nor the other way round.
    asked = {step.slot.item for step in script_in(session, contest).steps}
    tried = {step.slot.item for step in script_in(session, rehearsal).steps}
    assert len(asked) == len(tried) == 3
    assert not asked & tried
    real = copy_contest(session, rehearsal, host, NOW, "s" * 16, rehearsal=False)
    assert not tried & {step.slot.item for step in script_in(session, real).steps}
    assert contest_plan(session, real, NOW)["rehearsal"] is False
    assert contest_plan(session, real, NOW)["title"] == "法律知识比武"
    again = copy_contest(session, contest, host, NOW, "t" * 16, rehearsal=False)
    assert [step.slot.version for step in script_in(session, again).steps] == [2, 1, 1]
    assert contest_plan(session, again, NOW)["title"] == "法律知识比武（副本）"


def test_a_question_that_went_out_of_use_is_shown_and_keeps_the_contest_closed(
    session: Session, host: Caller
) -> None:
    contest = make(session, host)
    row = session.get_one(Contest, contest)
    require_ready(session, row, NOW)
    session.add(
        ContentState(
            kind="item", name=CHOICES[1], state="withdrawn", reason="错", by="t01", since=NOW
        )
    )
    session.commit()
    assert [bool(one.get("gone")) for one in contest_plan(session, contest, NOW)["questions"]] == [
        False,
        True,
        False,
    ]
    with pytest.raises(Conflict, match="第一轮第 2 题"):
        require_ready(session, row, NOW)


def test_a_window_that_is_over_keeps_the_contest_closed(session: Session, host: Caller) -> None:
    window = Window(NOW, NOW + dt.timedelta(hours=2), 10, 2)
    contest = make(session, host, format=Format.WINDOW, window=window)
    assert script_in(session, contest).window == window
    row = session.get_one(Contest, contest)
    require_ready(session, row, window.closes_at - dt.timedelta(seconds=1))
    with pytest.raises(Conflict, match="截止时间已经过了"):
        require_ready(session, row, window.closes_at)


def test_a_draw_avoids_what_contests_used_lately_but_not_rehearsals_or_drafts(
    session: Session, host: Caller
) -> None:
    used, rehearsed, drafted = CHOICES[:3], CHOICES[3:5], CHOICES[5:6]
    contest = make(session, host, rounds=(round_of(*used),))
    make(session, host, key="d" * 16, rounds=(round_of(*drafted),))
    other = make(session, host, key="e" * 16, rounds=(round_of(*rehearsed),))
    rehearsal = copy_contest(session, other, host, NOW, "f" * 16, rehearsal=True)
    set_state(session, rehearsal, "finished")
    set_state(session, contest, "finished")

    def items(at: dt.datetime, count: int = 5, without: tuple[str, ...] = ()) -> set[str]:
        drawn = draw_questions(session, Wish(count, "seed", without=without), at)
        return {one["item"] for one in drawn["questions"]}

    assert items(NOW) == set(CHOICES[3:])
    assert items(NOW, 4, CHOICES[3:4]) == set(CHOICES[4:])
    more = draw_questions(session, Wish(7, "seed"), NOW)
    assert "没有用过的只有 5 题，另外 2 题" in more["note"]
    assert sum(one["used"] == "2026-12-01" for one in more["questions"]) == 2
    later = NOW + dt.timedelta(days=LATELY_DAYS, seconds=1)
    assert draw_questions(session, Wish(8, "seed"), later)["note"] == ""
    assert draw_questions(session, Wish(8, "seed"), NOW) == draw_questions(
        session, Wish(8, "seed"), NOW
    )


def test_questions_are_found_by_hand_with_their_keys(session: Session) -> None:
    found = found_questions(session, Look(words="brg-00 问什么"), NOW)
    assert found["found"] == len(CHOICES)
    assert found_questions(session, Look(words="没有这样的字"), NOW)["questions"] == []
    assert found_questions(session, Look(bank="civil-code"), NOW)["found"] == 0
    assert found_questions(session, Look(type="single", difficulty=2), NOW)["found"] == 8
    assert found_questions(session, Look(page=2), NOW)["questions"] == []


def test_checking_stores_nothing_and_tells_what_saving_would_find(
    session: Session, host: Caller
) -> None:
    told = check_plan(session, plan_of(title="", cohorts=("villager",)), NOW)
    assert [fault["field"] for fault in told["faults"]] == ["title"]
    assert (told["questions"], told["minutes"], told["speed"]) == (3, 3, False)
    assert told["expected"] == 3
    assert "快慢一样" in told["rules"][0]
    both = plan_of(units=unit_ids(session, OFFICE, VILLAGE))
    assert check_plan(session, both, NOW)["expected"] == 7
    # Who left neither is expected nor sits in a team.
    person = session.scalars(select(Person).where(Person.login == "s001")).one()
    person.active = False
    session.commit()
    assert check_plan(session, both, NOW)["expected"] == 6
    teams = (PlannedTeam("红队", ("s001",)), PlannedTeam("蓝队", ("s002",)))
    seated = plan_of(format=Format.SEATED, teams=teams)
    assert [one["field"] for one in check_plan(session, seated, NOW)["faults"]] == ["teams/0"]
    assert contest_list(session) == []


def test_the_form_offers_what_there_is(session: Session) -> None:
    form = contest_form(session, NOW.date())
    assert form["banks"] == [{"slug": "bridges", "title": "某条例", "count": len(CHOICES)}]
    assert [one["type"] for one in form["types"]] == ["single"]
    assert {one["name"]: one["members"] for one in form["units"]} == {OFFICE: 4, VILLAGE: 3}
    assert {"login": "v001", "name": "明白人001", "unit": VILLAGE} in form["people"]
