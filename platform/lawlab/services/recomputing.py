"""Everything that derives, made anew from what people did: what was not as it had to be is said,
and mended, or only said.

Answers, marks, events, runs and duels, and the gradebook decide; nothing here changes them. Work
goes on in small pieces, so that whoever answers meanwhile waits for a moment only. A score that was
missing or wrong is earned on the days that the records tell. What somebody remembers of the law
(`drill:mastery`) is noted every day and with every answer, and has no past: that is left alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.search import Everyday
from lawlab.services.attendance_events import recompute_activity, score_source
from lawlab.services.board_keeping import bring_boards_in_step, make_boards
from lawlab.services.contest import load
from lawlab.services.contest_results import score_source as contest_source
from lawlab.services.contest_results import store_results
from lawlab.services.differences import Difference, Watched, added_up, compare, watch
from lawlab.services.drill_days import recompute_days
from lawlab.services.drill_pool import STATE as POOL
from lawlab.services.drill_pool import bring_pool_in_step
from lawlab.services.game_scores import recompute_game_scores
from lawlab.services.mastery import SOURCE as MASTERY
from lawlab.services.memory import note_made, recompute_memories
from lawlab.services.quiz_grades import Reading, bring_back, recompute_quiz_scores
from lawlab.services.score_days import mend_days
from lawlab.services.scoring import recompute_lessons_of
from lawlab.services.search import drop_damaged, refresh_index
from lawlab.store.engine import make_sessions, writing
from lawlab.store.statutes import Statutes
from lawlab.store.tables import (
    Activity,
    Attendance,
    BoardGroup,
    BoardRow,
    Certificate,
    Contest,
    ContestResult,
    ContestTeamResult,
    DerivedState,
    DrillDay,
    DrillItem,
    Grade,
    Memory,
    Person,
    Score,
    ScoreDay,
    SearchDocument,
)

Told = Callable[[str, int, int], None]
Work = Callable[[Session], object]
_LATER = ("changed_at",)


@dataclass(frozen=True)
class Sources:
    """What the database alone does not know: the law, the gradebook's marks, and the words by which
    people search. `readings` is asked when it is their turn."""

    statutes: Statutes
    words: tuple[Everyday, ...]
    readings: Callable[[], Iterable[Reading]]


@dataclass(frozen=True)
class _Unit:
    """One piece of work, and what it can change. `first` brings in step what is only waiting for
    its turn; that is no difference."""

    what: str
    watched: tuple[Watched, ...]
    work: Work
    first: Work | None = None


def recompute(
    engine: Engine,
    sources: Sources,
    now: dt.datetime,
    told: Told = lambda _what, _done, _of: None,
    *,
    mend: bool = True,
) -> list[Difference]:
    """Make everything anew and return what was not as it had to be, by table. Without `mend`
    nothing is changed."""

    def differences() -> Iterator[Difference]:
        units = _units(engine, sources, now, mend=mend)
        for done, unit in enumerate(units):
            told(unit.what, done, len(units))
            yield from _run(engine, unit, mend=mend)

    found = added_up(differences())
    if mend:
        with make_sessions(engine)() as session:
            note_made(writing(session), now)
            session.commit()
    return found


def _run(engine: Engine, unit: _Unit, *, mend: bool) -> list[Difference]:
    with _session(engine, mend=mend) as session:
        if unit.first:
            unit.first(session)
        writing(session)
        before = [one.rows(session) for one in unit.watched]
        unit.work(session)
        session.flush()
        after = [one.rows(session) for one in unit.watched]
        session.commit()
    compared = (
        compare(one, old, new) for one, old, new in zip(unit.watched, before, after, strict=True)
    )
    return [one for one in compared if one is not None]


@contextmanager
def _session(engine: Engine, *, mend: bool) -> Iterator[Session]:
    """A session whose commits hold; without `mend` none of them does."""
    if mend:
        with make_sessions(engine)() as session:
            yield session
        return
    with engine.connect().execution_options(lawlab_write=True) as connection:
        outer = connection.begin()
        try:
            with Session(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            ) as session:
                yield session
        finally:
            outer.rollback()


def _units(engine: Engine, sources: Sources, now: dt.datetime, *, mend: bool) -> list[_Unit]:
    """In this order: what is made of something comes after it."""
    with make_sessions(engine)() as session:
        activities = session.scalars(select(Activity.id).order_by(Activity.id)).all()
        finished = select(Contest.id).where(Contest.state == "finished").order_by(Contest.id)
        contests = session.scalars(finished).all()
        people = session.scalars(select(Person.id).order_by(Person.id)).all()
    waiting = _Unit("排行榜", (), lambda session: bring_boards_in_step(session, now))
    return [
        # Before anything is mended: what follows from that is a difference of the boards too.
        *([waiting] if mend else []),
        _quizzes(sources, now),
        *(_activity(number, now) for number in activities),
        *(_contest(number, now) for number in contests),
        _pool(sources, now),
        *(_person(number, now) for number in people),
        _boards(now, None if mend else waiting.work),
        _search(sources, now),
    ]


def _quizzes(sources: Sources, now: dt.datetime) -> _Unit:
    def work(session: Session) -> None:
        bring_back(session, sources.readings(), now, anew=True)
        recompute_quiz_scores(writing(session), now)

    scores = watch(Score, Score.source.startswith("quiz:"), but=_LATER)
    days = watch(ScoreDay, ScoreDay.source.startswith("quiz:"))
    return _Unit("测验成绩", (watch(Grade, but=("read_at",)), scores, days), work)


def _activity(number: int, now: dt.datetime) -> _Unit:
    watched = (
        watch(Attendance, Attendance.activity_id == number),
        watch(Score, Score.source == score_source(number), but=_LATER),
        watch(ScoreDay, ScoreDay.source == score_source(number)),
    )
    return _Unit("考勤", watched, lambda session: recompute_activity(session, number, now))


def _contest(number: int, now: dt.datetime) -> _Unit:
    watched = (
        watch(ContestResult, ContestResult.contest_id == number),
        watch(ContestTeamResult, ContestTeamResult.contest_id == number),
        watch(Certificate, Certificate.contest_id == number, but=("revoked_at",)),
        watch(Score, Score.source == contest_source(number), but=_LATER),
        watch(ScoreDay, ScoreDay.source == contest_source(number)),
    )
    return _Unit(
        "比武成绩",
        watched,
        lambda session: store_results(session, load(session, number, now), now, anew=True),
    )


def _pool(sources: Sources, now: dt.datetime) -> _Unit:
    def bring(session: Session) -> None:
        bring_pool_in_step(session, sources.statutes, now)

    def work(session: Session) -> None:
        state = session.get(DerivedState, POOL)
        if state is not None:
            session.delete(state)
        session.commit()
        bring(session)

    return _Unit("练习题目", (watch(DrillItem),), work, bring)


def _person(number: int, now: dt.datetime) -> _Unit:
    def work(session: Session) -> None:
        recompute_lessons_of(session, number)
        recompute_memories(session, [number])
        recompute_days(session, [number])
        recompute_game_scores(session, [number])
        _drop_mastery(session, number)
        mend_days(session, number)

    kinds = or_(Score.source.startswith("lesson:"), Score.source.startswith("drill:"))
    watched = (
        watch(Score, Score.person_id == number, kinds, but=_LATER),
        watch(ScoreDay, ScoreDay.person_id == number),
        watch(Memory, Memory.person_id == number),
        watch(DrillDay, DrillDay.person_id == number),
    )
    return _Unit("学习和练习", watched, work)


def _drop_mastery(session: Session, person_id: int) -> None:
    """Who never practised remembers nothing, and no later day would take it back."""
    if session.scalar(select(Memory.item).where(Memory.person_id == person_id).limit(1)) is None:
        score = session.get(Score, (person_id, MASTERY))
        if score is not None:
            session.delete(score)


def _boards(now: dt.datetime, first: Work | None) -> _Unit:
    return _Unit(
        "排行榜",
        (watch(BoardRow), watch(BoardGroup)),
        lambda session: make_boards(session, now),
        first,
    )


def _search(sources: Sources, now: dt.datetime) -> _Unit:
    def refresh(session: Session) -> None:
        refresh_index(session, sources.statutes, now, sources.words)

    def first(session: Session) -> None:
        # Before the first start of the platform there is none.
        if session.scalar(select(SearchDocument.id).limit(1)) is None:
            refresh(session)

    def work(session: Session) -> None:
        drop_damaged(session)
        session.commit()
        refresh(session)

    documents = Watched(
        watch(SearchDocument).table, ("kind", "ref"), frozenset({"id"})
    )  # a document that is put back gets another number
    return _Unit("搜索", (documents,), work, first)
