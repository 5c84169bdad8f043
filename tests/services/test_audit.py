"""What somebody does by hand stands in the audit trail, with the act or not at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from contest_play import Hall
from meetings import VILLAGE, caller, make_town, meet
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import REPOSITORY
from lawlab.domain.attendance import Status
from lawlab.domain.audit import ACTIONS, action_name, actor_name, detail_text
from lawlab.domain.board_spans import Weights
from lawlab.domain.contest_events import Did
from lawlab.domain.roster import read_roster
from lawlab.errors import Conflict
from lawlab.services import people
from lawlab.services.activities import cancel_activity, restore_activity
from lawlab.services.attendance_desk import close, mark, reopen, unmark
from lawlab.services.board_keeping import change_rules
from lawlab.services.contest_certificates import issue
from lawlab.services.contest_making import cancel_contest
from lawlab.services.contest_settling import settle
from lawlab.services.leave import ask_leave, decide_leave
from lawlab.services.quiz_papers import release_quiz
from lawlab.services.regrading import save
from lawlab.services.trainer_units import serve_units
from lawlab.services.walk_ins import settle as settle_walk_in
from lawlab.services.walk_ins import unsettle, write_down
from lawlab.store.tables import AuditEntry, LeaveRequest, WalkIn

NOW = dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TakeQuiz = Callable[[Session, dt.datetime], None]
HEAD = ["登录名", "姓名", "手机号", "单位", "类别", "起始日期"]
SECRET_PHONE = "13911112222"


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


def trail(session: Session) -> list[tuple[str, str, str]]:
    """(who, what, of what) of all entries; none tells a phone number."""
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert "139" not in json.dumps([row.detail for row in rows])
    return [(row.actor, row.action, row.subject) for row in rows]


def detail(session: Session, action: str) -> dict[str, Any]:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
    row = session.scalars(query).first()
    assert row is not None
    return row.detail


def test_every_action_is_said_in_words_and_noted_somewhere() -> None:
    sources = [
        file.read_text("utf-8")
        for folder in ("services", "api", "cli", "backup")
        for file in (REPOSITORY / "platform" / "lawlab" / folder).rglob("*.py")
    ]
    text = "\n".join(sources)
    for action in ACTIONS:
        assert f'"{action}"' in text, action
    assert (action_name("quiz.open"), actor_name("command")) == ("开放测验", "命令行")
    assert detail_text({"before": [1, 2], "after": "x" * 80}).startswith("before＝1、2；after＝xxx")


def test_what_is_done_to_people(session: Session) -> None:
    make_town(session, NOW)
    row = ["s001", "干部001", SECRET_PHONE, VILLAGE, "干部职工", "2022-01-01"]
    new = ["s900", "干部900", SECRET_PHONE, VILLAGE, "干部职工", "2022-01-01"]
    roster = read_roster([HEAD, row, new])
    plan = people.plan_import(session, "名册.xlsx", roster, NOW.date())
    hashes = {"s900": "x"}
    people.apply_import(
        session, "名册.xlsx", roster, plan, hashes, now=NOW, today=NOW.date(), by="admin"
    )
    people.disable_person(session, "s002", now=NOW)
    people.disable_person(session, "s002", now=NOW)
    people.enable_person(session, "s002", now=NOW, by="admin")
    people.reset_password(session, "s002", now=NOW, by="admin")
    serve_units(session, "t02", [VILLAGE], now=NOW)
    assert trail(session) == [
        ("admin", "people.change", "s001"),
        ("admin", "people.new", "s900"),
        ("admin", "people.import", "名册.xlsx"),
        ("command", "people.disable", "s002"),
        ("admin", "people.enable", "s002"),
        ("admin", "people.password", "s002"),
        ("command", "people.units", "t02"),
    ]
    assert detail(session, "people.change")["fields"]["手机号"] == ""
    assert detail(session, "people.units") == {"before": [1], "after": [2]}


def test_what_is_decided_about_a_quiz(session: Session, take_quiz: TakeQuiz) -> None:
    take_quiz(session, NOW)
    full = {"full": True}
    save(session, "t01", "quiz-1", "brg-001", full, "题目有误", NOW)
    save(session, "t01", "quiz-1", "brg-001", full, "题目有误", NOW)
    with pytest.raises(Conflict):
        release_quiz(session, "quiz-1", NOW, by="t01")
    session.rollback()
    release_quiz(session, "quiz-1", NOW, force=True, by="t01")
    assert trail(session) == [("t01", "quiz.regrade", "quiz-1"), ("t01", "quiz.release", "quiz-1")]
    assert detail(session, "quiz.regrade")["after"] == full
    released = detail(session, "quiz.release")
    assert len(released["handed_in"]) == 1
    assert [68.0, 100.0] in released["scores"].values()


def test_what_trainers_decide_about_a_meeting(session: Session) -> None:
    make_town(session, NOW - 24 * HOUR)
    trainer = caller(session, "t01")
    ids = {login: caller(session, login).person_id for login in ("s001", "s002", "s003")}
    activity = meet(session, NOW)
    subject = f"activity:{activity}"
    mark(session, activity, ["s001"], Status.PRESENT, "", "key-1", trainer, NOW)
    assert trail(session) == []
    mark(session, activity, ["s001"], Status.LATE, "", "key-2", trainer, NOW)
    assert detail(session, "activity.correct") == {
        "closed": False,
        "changes": [[ids["s001"], "present", "late"]],
    }
    ask_leave(session, activity, caller(session, "s003"), "生病住院", None, "key-3", NOW)
    leave = session.scalars(select(LeaveRequest.id)).one()
    decide_leave(session, activity, leave, trainer, approve=True, note="", now=NOW)
    decide_leave(session, activity, leave, trainer, approve=True, note="", now=NOW)
    write_down(session, activity, "村民甲", "0001", "key-4", trainer, NOW)
    walk_in = session.scalars(select(WalkIn.id)).one()
    settle_walk_in(session, activity, walk_in, "s002", trainer, NOW)
    unsettle(session, activity, walk_in, trainer, NOW)
    close(session, activity, trainer, NOW)
    reopen(session, activity, "还有人", trainer, NOW)
    close(session, activity, trainer, NOW)
    unmark(session, activity, ["s001"], "记错了", "key-5", trainer, NOW)
    other = meet(session, NOW + 24 * HOUR, planned=NOW)
    cancel_activity(session, other, "不开了", trainer, NOW)
    restore_activity(session, other, trainer, NOW)
    told = trail(session)
    assert {who for who, _, _ in told} == {"t01"}
    assert [(what, whom) for _, what, whom in told] == [
        ("activity.correct", subject),
        ("activity.leave", f"{subject}/{leave}"),
        ("activity.walk_in", f"{subject}/{walk_in}"),
        ("activity.walk_in", f"{subject}/{walk_in}"),
        ("activity.close", subject),
        ("activity.reopen", subject),
        ("activity.close", subject),
        ("activity.correct", subject),
        ("activity.cancel", f"activity:{other}"),
        ("activity.restore", f"activity:{other}"),
    ]
    assert detail(session, "activity.correct")["changes"] == [[ids["s001"], "late", None]]
    said = json.dumps([row.detail for row in session.scalars(select(AuditEntry))])
    assert json.dumps("生病")[1:-1] not in said
    assert json.dumps("村民甲")[1:-1] not in said


def test_what_hosts_decide_about_a_contest(session: Session) -> None:
    hall = Hall(session)
    hall.contest(2)
    hall.ask(s001=True, s002=False)
    hall.ask(s001=True, s002=True)
    hall.do(Did.FINISH)
    issue(session, hall.id, caller(session, "t01"), hall.now)
    hall.do(Did.EXCLUDE, person=hall.person("s001"), reason="替别人答题")
    settle(session, hall.id, hall.now + HOUR)
    draft = hall.contest(1)
    cancel_contest(session, draft, "t01", hall.now)
    cancel_contest(session, draft, "t01", hall.now)
    told = [(what, whom) for _, what, whom in trail(session)]
    mine = "contest:1"
    assert told[:5] == [
        ("contest.decide", mine),
        ("contest.decide", mine),
        ("contest.certificates", mine),
        ("contest.decide", mine),
        ("contest.revoke", mine),
    ]
    assert ("contest.settle", mine) in told
    assert told[-1] == ("contest.cancel", f"contest:{draft}")
    assert told.count(told[-1]) == 1


def test_what_the_town_decides_about_boards(session: Session) -> None:
    change_rules(session, Weights(1, 1, 2), True, "admin", NOW)
    change_rules(session, Weights(1, 1, 2), True, "admin", NOW)
    assert trail(session) == [("admin", "board.rules", "boards")]
    assert detail(session, "board.rules")["after"] == [1, 1, 2, True]


def test_an_act_that_fails_leaves_no_entry(session: Session) -> None:
    make_town(session, NOW)
    make = people.end_api_sessions

    def broken(*_: object) -> None:
        raise RuntimeError("the power went out")

    people.end_api_sessions = broken  # type: ignore[assignment]
    try:
        with pytest.raises(RuntimeError):
            people.disable_person(session, "s001", now=NOW)
    finally:
        people.end_api_sessions = make
    session.rollback()
    assert trail(session) == []
    assert people.ended(session, ["s001"]) == set()
