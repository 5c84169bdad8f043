"""`recompute`: what derives is what follows from the records. One wrong row of every kind is found,
said, and mended; a healthy installation is left as it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from contesting import add_contest
from full_town import everything
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.orm import Session
from tests.services.conftest import Desk

from lawlab.domain.attendance import Kind, Rules, Way
from lawlab.domain.contest_events import Did
from lawlab.domain.contest_script import Kind as Kinds
from lawlab.domain.contest_script import Round, Slot
from lawlab.services.answers import Submission, record_answer
from lawlab.services.attendance_events import Saying, close_activity, say_all
from lawlab.services.board_keeping import bring_boards_in_step
from lawlab.services.contest import NewAnswer, load, store_answers, store_event
from lawlab.services.contest_settling import settle
from lawlab.services.drill_pool import bring_pool_in_step
from lawlab.services.game_scores import update_chain_score
from lawlab.services.memory import bring_memories_in_step
from lawlab.services.quiz_grades import Reading, bring_back, score_released
from lawlab.services.recomputing import Sources, recompute
from lawlab.services.search import refresh_index
from lawlab.store.attendance import find_activity
from lawlab.store.boards import earned_by
from lawlab.store.engine import writing
from lawlab.store.tables import (
    Activity,
    Attendance,
    BoardGroup,
    BoardRow,
    ChainRun,
    CohortMembership,
    ContestResult,
    ContestTeamResult,
    DrillDay,
    DrillItem,
    Grade,
    ItemVersion,
    Memory,
    Person,
    Quiz,
    Score,
    ScoreDay,
    SearchDocument,
    Sitting,
    Unit,
    UnitMembership,
)

SLOTS = {"q01": {"points": 8.0, "max_points": 10.0, "comment": None}}
READINGS = [Reading("quiz-1", login, 8.0, 10.0, SLOTS) for login in ("s001", "s002")]
RECORDS = {
    "answers",
    "marks",
    "attendance_events",
    "contest_events",
    "chain_runs",
    "sittings",
    "item_versions",
    "people",
    "audit_entries",
}


class Year:
    """What two learners did: a lesson, practice, a quiz, a meeting and a contest, step by step as
    the platform does it."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.now = desk, desk.now
        self.keys = (f"key-{n:020}" for n in range(1000))
        with desk.sessions() as session:
            engine = session.get_bind()
            assert isinstance(engine, Engine)
            self.engine = engine
            unit = Unit(name="司法所", kind="department")
            for person in session.scalars(select(Person)):
                since = self.now.date() - dt.timedelta(days=30)
                person.cohorts = [CohortMembership(cohort="staff", since=since)]
                person.units = [UnitMembership(unit=unit, since=since)]
            session.commit()
            self.people = dict(iter(session.execute(select(Person.login, Person.id))))
        desk.answer(1)
        desk.answer(2, "对")
        desk.answer(1, login="s002")
        with desk.sessions() as session:
            bring_pool_in_step(session, desk.statutes, self.now)
            bring_memories_in_step(session, self.now)
        self.practise("s001", "brg-007", "错")
        self.practise("s001", "brg-008", "对")
        with desk.sessions() as session:
            self.play(session)
            self.take_quiz(session)
            self.meet(session)
            self.compete(session)
            refresh_index(session, desk.statutes, self.now)
            bring_boards_in_step(session, self.now)

    def practise(self, login: str, item: str, letter: str) -> None:
        given = Submission(next(self.keys), login, item, 1, "drill:daily", {"chosen": [letter]})
        with self.desk.sessions() as session:
            record_answer(session, self.desk.caller(login), given, self.now)

    def play(self, session: Session, right: int = 6) -> None:
        run = ChainRun(person_id=self.people["s001"], key=next(self.keys), week="2022-W49")
        run.started_at, run.ended_at, run.right = self.now, self.now, right
        session.add(run)
        session.flush()
        update_chain_score(session, run.person_id, run.week, self.now)
        session.commit()

    def take_quiz(self, session: Session) -> None:
        quiz = Quiz(assignment="quiz-1", title="小测验", minutes=30, pass_mark=60, state="open")
        quiz.paper = [{"slot": "q01", "item": "brg-009", "version": 1, "points": 10}]
        quiz.blueprint, quiz.built_at, quiz.opened_at = {"seed": 1}, self.now, self.now
        session.add(quiz)
        session.flush()
        for login in ("s001", "s002"):
            sitting = Sitting(assignment="quiz-1", person_id=self.people[login])
            sitting.started_at = sitting.deadline = sitting.handed_in_at = self.now
            sitting.responses = {}
            session.add(sitting)
        session.commit()
        bring_back(session, READINGS, self.now)
        quiz.state, quiz.released_at = "released", self.now
        score_released(session, "quiz-1", self.now)
        session.commit()

    def meet(self, session: Session) -> None:
        activity = Activity(title="学法会", phase="learn", place="三楼", starts_at=self.now)
        activity.ends_at, activity.rules = self.now + dt.timedelta(hours=1), Rules().to_json()
        activity.topics, activity.materials, activity.created_by = [], [], "t01"
        activity.created_at = activity.changed_at = self.now
        activity.units = list(session.scalars(select(Unit)))
        session.add(activity)
        session.commit()
        who = self.people["s001"]
        said = Saying(who, next(self.keys), Kind.MARK, "present", Way.LIST, self.now, "t01")
        writing(session)
        say_all(session, find_activity(session, activity.id, lock=True), [said], self.now)
        session.commit()
        close_activity(session, activity.id, self.now)

    def compete(self, session: Session) -> None:
        version = session.scalars(select(ItemVersion.id).where(ItemVersion.item == "brg-003")).one()
        rounds = [Round(Kinds.ALL, "第一轮", 20, 100, (Slot("brg-003", 1, version),))]
        number = add_contest(writing(session), self.now, rounds, speed=False)

        def do(kind: Did, **data: Any) -> None:
            decided = load(session, number, self.now).contest.decide(kind, self.now, "t01", data)
            store_event(session, number, decided, self.now)
            self.now += dt.timedelta(seconds=1)

        do(Did.OPEN)
        do(Did.START, entered={})
        do(Did.SHOW)
        turn = load(session, number, self.now).contest.turn
        assert turn is not None
        for person in self.people.values():
            self.now += dt.timedelta(seconds=1)
            one = NewAnswer(number, False, 1, person, version, {"chosen": ["错"]}, self.now)
            store_answers(session, [one])
        for kind in (Did.CLOSE, Did.REVEAL, Did.FINISH):
            do(kind)
        settle(session, number, self.now)

    def recompute(self, *, mend: bool) -> dict[str, tuple[int, str]]:
        sources = Sources(self.desk.statutes, (), lambda: READINGS)
        found = recompute(self.engine, sources, self.now, mend=mend)
        return {one.table: (one.rows, one.sentence) for one in found}

    def kept(self) -> dict[str, list[Any]]:
        """Every row, without what tells only when one was written."""
        rows: dict[str, list[Any]] = dict(everything(self.engine))
        del rows["derived_states"], rows["board_changes"]
        with self.engine.connect() as connection:
            for name, table, but in (
                ("scores", Score, {"changed_at"}),
                ("grades", Grade, {"read_at"}),
                ("search_documents", SearchDocument, {"id"}),
            ):
                columns = [one for one in table.__table__.columns if one.name not in but]
                rows[name] = sorted(map(tuple, connection.execute(select(*columns))), key=str)
        return rows

    def go_on(self) -> None:
        """Two days later: more of the lesson, more practice, a longer run."""
        self.desk.pass_(days=2)
        self.now = self.desk.now
        self.desk.answer(3, login="s002")
        self.desk.answer(3)
        self.practise("s001", "brg-009", "错")
        with self.desk.sessions() as session:
            self.play(session, 9)
            bring_boards_in_step(session, self.now)

    def earned(self) -> dict[str, dict[Any, Any]]:
        """What boards are made of, and the boards."""
        with self.desk.sessions() as session:
            people = set(self.people.values())
            days = {
                (one.person_id, one.source): (one.phase, one.days)
                for one in earned_by(session, people)
            }
            found: dict[str, dict[Any, Any]] = {"earned": days}
            for table in (BoardRow, BoardGroup):
                key = [column.name for column in table.__table__.primary_key]
                rows = session.execute(select(table.__table__)).mappings()
                found[table.__tablename__] = {tuple(row[n] for n in key): dict(row) for row in rows}
        return found


@pytest.fixture
def year(desk: Desk) -> Year:
    return Year(desk)


def spoil(year: Year) -> dict[str, int]:
    """One wrong row or more of every kind, behind everybody's back; how many in each table."""
    first, second = year.people["s001"], year.people["s002"]
    with year.engine.begin() as connection:
        own = Score.person_id == first
        for source in ("lesson:", "quiz:", "activity:", "drill:day/", "drill:chain/", "contest:"):
            which = (own, Score.source.startswith(source))
            done = connection.execute(update(Score).where(*which).values(points=77))
            assert done.rowcount == 1, source
        # One that follows from nothing.
        extra = {"person_id": first, "source": "lesson:no/lesson", "phase": "learn", "points": 5}
        connection.execute(
            insert(Score), extra | {"answered": 0, "completed": False, "changed_at": year.now}
        )
        for table, changed in (
            (update(Grade).where(Grade.score == 8), {"score": 9.5}),
            (update(Attendance).where(Attendance.person_id == second), {"status": "late"}),
            (update(ContestResult).where(ContestResult.person_id == second), {"points": 999}),
            (update(DrillItem).where(DrillItem.item == "brg-001"), {"chapter": "错的一章"}),
            (update(Memory).where(Memory.item == "brg-007"), {"wrongs": 9}),
            (update(DrillDay).where(DrillDay.person_id == first), {"answered": 9}),
            (update(BoardRow).where(BoardRow.person_id == second), {"total": 0.25}),
            (update(BoardGroup).where(BoardGroup.kind == "cohort"), {"learn": 0.25}),
            (update(SearchDocument).where(SearchDocument.ref == "brg-001"), {"body": "别的"}),
        ):
            assert connection.execute(table.values(**changed)).rowcount >= 1, str(table)
        team = {"contest_id": 1, "team": "没有的队", "points": 1, "members": 1, "present": 1}
        connection.execute(insert(ContestTeamResult), team | {"milliseconds": 1, "rank": 1})
        connection.execute(delete(Memory).where(Memory.item == "brg-008"))
        connection.execute(delete(DrillItem).where(DrillItem.item == "brg-002"))
    return {
        "grades": 2,
        "scores": 7,
        "attendances": 1,
        "contest_results": 1,
        "contest_team_results": 1,
        "drill_items": 2,
        "memories": 2,
        "drill_days": 1,
        "search_documents": 1,
    }


def test_a_healthy_installation_is_left_as_it_is(year: Year) -> None:
    before, rows = year.kept(), everything(year.engine)
    assert year.recompute(mend=False) == {}
    assert everything(year.engine) == rows
    assert year.recompute(mend=True) == {}
    assert year.kept() == before


def test_a_wrong_row_of_every_kind_is_found_said_and_mended(year: Year) -> None:
    healthy = year.kept()
    expected = spoil(year)
    spoiled, rows = year.kept(), everything(year.engine)
    assert {name for name in healthy if healthy[name] != spoiled[name]} == {
        *expected,
        "board_rows",
        "board_groups",
    }
    found = year.recompute(mend=False)
    assert everything(year.engine) == rows
    assert {name: rows for name, (rows, _) in found.items() if name in expected} == expected
    assert {"board_rows", "board_groups"} <= found.keys()
    assert found["memories"][1].startswith("练习记忆（memories）：2 处，例如 person_id ")
    assert "chapter 是 错的一章，应为 " in found["drill_items"][1]
    assert "status 是 late，应为 absent" in found["attendances"][1]
    assert "这一行不该有" in found["contest_team_results"][1]

    mended = year.recompute(mend=True)
    assert mended.keys() == found.keys()
    assert {name: rows for name, (rows, _) in mended.items() if name in expected} == expected
    after = year.kept()
    assert {name for name in healthy if after[name] != healthy[name]} == set()
    assert all(after[name] == healthy[name] for name in RECORDS)
    assert year.recompute(mend=False) == {}


DERIVED = (BoardRow, BoardGroup, ScoreDay, Score, Memory, DrillDay, Attendance, ContestResult)


def test_what_was_lost_comes_back_on_the_days_on_which_it_was_earned(year: Year) -> None:
    year.go_on()
    assert year.recompute(mend=False) == {}
    before = year.earned()
    with year.engine.connect() as connection:
        assert len(connection.execute(select(ScoreDay)).all()) > 2  # earned on several days
    with year.engine.begin() as connection:
        for table in (*DERIVED, Grade):
            assert connection.execute(delete(table)).rowcount, table
    year.now += dt.timedelta(days=9)
    year.recompute(mend=True)
    assert year.recompute(mend=False) == {}
    after = year.earned()
    for one in (before, after):  # what somebody remembers has no past
        for key in [key for key in one["earned"] if key[1] == "drill:mastery"]:
            del one["earned"][key]
    assert after["earned"] == before["earned"]


def test_wrong_points_of_several_days_are_mended_day_by_day(year: Year) -> None:
    year.go_on()
    before = year.earned()
    lesson, run = "lesson:bridges/01_first", "drill:chain/2022-W49"
    with year.engine.begin() as connection:
        wrong = update(Score).where(Score.source.in_([lesson, run])).values(points=1)
        assert connection.execute(wrong).rowcount == 3
    assert year.recompute(mend=True)["scores"][0] == 3
    assert year.earned() == before


def test_days_that_hold_more_than_the_points_are_told_and_mended(year: Year) -> None:
    year.go_on()
    before = year.earned()
    first = year.people["s001"]
    with year.engine.begin() as connection:
        extra = {"day": dt.date(2022, 12, 1), "points": 50}
        for source in ("drill:day/2022-12-05", "lesson:no/lesson"):
            connection.execute(insert(ScoreDay), extra | {"person_id": first, "source": source})
    found = year.recompute(mend=False)
    assert found["score_days"][0] == 2
    assert "积分的日子（score_days）" in found["score_days"][1]
    year.recompute(mend=True)
    after = year.earned()
    own = (first, "drill:day/2022-12-05")
    # On which of two days they were earned nobody can tell; how many they are, one can.
    assert sum(after["earned"].pop(own)[1].values()) == sum(before["earned"].pop(own)[1].values())
    assert after["earned"] == before["earned"]
