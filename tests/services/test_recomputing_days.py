"""`recompute`: points that were lost or wrong are earned on the days that the records tell, and
what a healthy installation earned late stays late."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, insert, select, update
from tests.services.conftest import Desk
from tests.services.test_recomputing import READINGS, Year

from lawlab.services import scoring
from lawlab.services.answers import Submission, record_answer
from lawlab.services.board_keeping import bring_boards_in_step
from lawlab.services.chain import begin
from lawlab.services.mastery import update_everybody
from lawlab.services.quiz_grades import bring_back
from lawlab.store.boards import earned_by
from lawlab.store.engine import writing
from lawlab.store.tables import (
    BoardRow,
    ChainRun,
    Grade,
    ItemVersion,
    Memory,
    Person,
    Score,
    ScoreDay,
)

LESSON, RUNS = "lesson:bridges/01_first", "drill:chain/"
STRAY = dt.date(2022, 12, 1)


@pytest.fixture
def year(desk: Desk) -> Year:
    return Year(desk)


@pytest.fixture
def first(year: Year) -> int:
    return year.people["s001"]


def days_of(year: Year, person: int, source: str) -> dict[str, dict[dt.date, float]]:
    with year.desk.sessions() as session:
        earned = earned_by(session, {person})
    return {one.source: one.days for one in earned if one.source.startswith(source)}


def lose(year: Year, source: str, *tables: type[Score] | type[ScoreDay]) -> None:
    with year.engine.begin() as connection:
        for table in tables:
            done = connection.execute(delete(table).where(table.source.startswith(source)))
            assert done.rowcount, table


@pytest.mark.parametrize("source", [LESSON, RUNS])
@pytest.mark.parametrize("tables", [(Score,), (ScoreDay,), (Score, ScoreDay)])
def test_a_score_or_its_days_or_both_come_back(
    year: Year, source: str, tables: tuple[type[Score] | type[ScoreDay], ...]
) -> None:
    year.go_on()
    before = year.earned()
    lose(year, source, *tables)
    assert {one.__tablename__ for one in tables} <= year.recompute(mend=False).keys()
    year.recompute(mend=True)
    assert year.earned() == before
    assert year.recompute(mend=False) == {}


def test_days_that_nobody_earned_do_not_outlast_a_lost_score(year: Year, first: int) -> None:
    year.go_on()
    before = days_of(year, first, LESSON)
    stray = {"person_id": first, "source": LESSON, "day": STRAY, "points": 3}
    with year.engine.begin() as connection:
        connection.execute(insert(ScoreDay), stray)
    lose(year, LESSON, Score)
    year.recompute(mend=True)
    assert days_of(year, first, LESSON) == before


def test_a_card_that_went_out_of_use_moves_no_points(
    year: Year, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    year.go_on()  # he answers the last card on another day, and has finished the lesson then
    monkeypatch.setattr(scoring, "out_of_use", lambda _session: {"brg-003"})
    with year.desk.sessions() as session:
        scoring.update_scores_with_card(writing(session), "brg-003", year.now)
        session.commit()
    before = days_of(year, first, LESSON)
    lose(year, LESSON, Score, ScoreDay)
    year.recompute(mend=True)
    assert days_of(year, first, LESSON) == before


def test_a_run_over_midnight_earns_on_both_days(year: Year, first: int) -> None:
    desk = year.desk
    with year.engine.begin() as connection:
        connection.execute(delete(Score).where(Score.source.startswith(RUNS)))
        connection.execute(delete(ChainRun))
    year.now = dt.datetime(2022, 12, 6, 15, 58, tzinfo=dt.UTC)  # 23:58 in the town
    with desk.sessions() as session:
        begin(session, desk.caller(), next(year.keys), year.now)
    for _ in range(4):
        with desk.sessions() as session:
            run = session.scalars(select(ChainRun)).one()
            version = session.get_one(ItemVersion, run.item_version_id)
            place = f"{RUNS}{run.id}"
            given = Submission(next(year.keys), "s001", version.item, 1, place, {"chosen": ["错"]})
            record_answer(session, desk.caller(), given, year.now)
        year.now += dt.timedelta(minutes=1)
    before = days_of(year, first, RUNS)
    (days,) = before.values()
    assert list(days) == [dt.date(2022, 12, 6), dt.date(2022, 12, 7)]
    lose(year, RUNS, Score, ScoreDay)
    year.recompute(mend=True)
    assert days_of(year, first, RUNS) == before


def test_a_wrong_count_of_a_run_is_found(year: Year) -> None:
    with year.engine.begin() as connection:
        connection.execute(update(Score).where(Score.source.startswith(RUNS)).values(answered=7))
    assert year.recompute(mend=True)["scores"][0] == 1
    assert year.recompute(mend=False) == {}


def test_marks_that_come_late_are_earned_when_they_come(year: Year, first: int) -> None:
    with year.engine.begin() as connection:
        connection.execute(delete(Grade))
    lose(year, "quiz:", Score)
    year.desk.pass_(days=8)
    year.now = year.desk.now
    with year.desk.sessions() as session:
        bring_back(session, READINGS, year.now)
        bring_boards_in_step(session, year.now)
    late = {"quiz:quiz-1": {dt.date(2022, 12, 13): 80.0}}
    assert days_of(year, first, "quiz:") == late
    assert year.recompute(mend=True) == {}
    assert days_of(year, first, "quiz:") == late
    with year.desk.sessions() as session:
        row = session.get_one(BoardRow, ("2022-12-13", "staff", first))
        assert row.learn == 80


def test_what_somebody_remembers_is_noted_by_the_day_and_left_alone(year: Year, first: int) -> None:
    year.desk.pass_(days=1)
    with year.desk.sessions() as session:
        update_everybody(session, year.desk.now)
        bring_boards_in_step(session, year.desk.now)
    before = days_of(year, first, "drill:mastery")
    assert before
    # A recompute that began before midnight, and two of the next days.
    for now in (year.now, year.desk.now, year.desk.now + dt.timedelta(days=1)):
        year.now = now
        assert not {"scores", "score_days"} & year.recompute(mend=True).keys()
        assert days_of(year, first, "drill:mastery") == before
    with year.engine.begin() as connection:
        connection.execute(delete(Memory).where(Memory.person_id == first))
    year.recompute(mend=True)  # his answers bring his memories back, so the points stay
    assert days_of(year, first, "drill:mastery") == before


def test_who_never_practised_remembers_nothing(year: Year) -> None:
    with year.desk.sessions() as session:
        person = Person(login="s003", full_name="村民丙", password_hash="x", created_at=year.now)
        session.add(person)
        session.commit()
        nobody = person.id
    stray = {"person_id": nobody, "source": "drill:mastery", "phase": "drill", "points": 94.7}
    with year.engine.begin() as connection:
        connection.execute(
            insert(Score), stray | {"answered": 0, "completed": False, "changed_at": year.now}
        )
    assert year.recompute(mend=True)["scores"][0] == 1
    assert days_of(year, nobody, "drill:mastery") == {}
