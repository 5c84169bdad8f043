"""Points of 挑战答题 and 双人对战: they follow from runs and seats alone, by one rule when a game
goes on and when everything is made anew."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.points import DUELS_A_DAY, chain_points, duel_points
from lawlab.services.drill_days import bounds, store_score
from lawlab.services.score_days import Step, lost_days, remake_score, sources_with_days
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, ChainRun, Duel, DuelSeat, Mark, Person, Score

CHAIN, DUEL = "drill:chain/", "drill:duel/"
"""So the sources of points begin; week or duel follows."""
Earned = dict[str, tuple[float, dt.datetime]]
"""Source → points, and since when."""


def update_chain_score(session: Session, person_id: int, week: str, now: dt.datetime) -> int:
    """In the caller's transaction: the points of one person for his best run of a week; how long
    it is."""
    top = _bests(session, person_id).get(week, 0)
    if top:
        store_score(session, person_id, f"{CHAIN}{week}", chain_points(top), now)
    return top


def update_duel_scores(session: Session, person_id: int, day: dt.date) -> None:
    """In the caller's transaction, which holds the person: his points for the duels of a day. One
    that ran out unseen may push out another that ended after it."""
    sources = {f"{DUEL}{duel.id}" for duel in _decided(session, person_id, day)}
    earned = duels_earned(session, person_id, day)
    for source, (points, at) in earned.items():
        store_score(session, person_id, source, points, at)
    for source in sources - earned.keys():
        row = session.get(Score, (person_id, source))
        if row is not None:
            session.delete(row)
    session.flush()


def duels_earned(session: Session, person_id: int, day: dt.date | None = None) -> Earned:
    """What somebody earned in duels, on one day or ever: the first DUELS_A_DAY of each day in the
    order in which they ended."""
    count: Counter[dt.date] = Counter()
    earned: Earned = {}
    for duel in _decided(session, person_id, day):
        assert duel.finished_at is not None
        ended = china_day(duel.finished_at)
        count[ended] += 1
        if count[ended] <= DUELS_A_DAY:
            won = None if duel.winner_id is None else duel.winner_id == person_id
            earned[f"{DUEL}{duel.id}"] = (duel_points(won), duel.finished_at)
    return earned


def recompute_game_scores(session: Session, people: Iterable[int] | None = None) -> int:
    """In the caller's transaction: make the points of these people (None: of everybody) anew;
    returns how many rows were not as they had to be."""
    if people is None:
        people = session.scalars(select(Person.id).order_by(Person.id)).all()
    return sum(_recompute(session, person_id) for person_id in people)


def _recompute(session: Session, person_id: int) -> int:
    session.get(Person, person_id, with_for_update={"key_share": True})
    wanted: dict[str, list[Step]] = {
        source: [earned] for source, earned in duels_earned(session, person_id).items()
    } | _runs(session, person_id)
    rows = session.scalars(
        select(Score).where(
            Score.person_id == person_id,
            or_(Score.source.startswith(CHAIN), Score.source.startswith(DUEL)),
        )
    ).all()
    wrong = 0
    for row in rows:
        if row.source not in wanted:
            session.delete(row)
            wrong += 1
    known = {row.source: (row.points, row.answered) for row in rows}
    with_days = sources_with_days(session, person_id)
    for source, steps in wanted.items():
        if known.get(source) != (steps[-1][0], 0) or lost_days(steps, source, with_days):
            remake_score(session, Score(person_id=person_id, source=source, phase="drill"), steps)
            wrong += 1
    session.flush()
    return wrong


def _decided(session: Session, person_id: int, day: dt.date | None) -> list[Duel]:
    """The duels that have a result and in which this person answered something, as they ended."""
    other = select(DuelSeat.duel_id).where(DuelSeat.finished_at.is_not(None))
    query = (
        select(Duel)
        .join(DuelSeat, (DuelSeat.duel_id == Duel.id) & (DuelSeat.person_id == person_id))
        .where(Duel.finished_at.is_not(None), DuelSeat.answered > 0, Duel.id.in_(other))
        .order_by(Duel.finished_at, Duel.id)
    )
    if day is not None:
        first, last = bounds(day)
        query = query.where(Duel.finished_at >= first, Duel.finished_at < last)
    return list(session.scalars(query))


def _bests(session: Session, person_id: int) -> dict[str, int]:
    """Week → the longest run, of weeks in which somebody knew at least one."""
    top = func.max(ChainRun.right)
    rows = session.execute(
        select(ChainRun.week, top)
        .where(ChainRun.person_id == person_id)
        .group_by(ChainRun.week)
        .having(top > 0)
    )
    return dict(iter(rows))


def _runs(session: Session, person_id: int) -> dict[str, list[Step]]:
    """Source → the points for the longest run of a week, from each answer on that made it longer
    than it ever was in that week."""
    rights = _right_answers(session, person_id)
    runs = session.execute(
        select(ChainRun.id, ChainRun.week, ChainRun.right, ChainRun.started_at)
        .where(ChainRun.person_id == person_id)
        .order_by(ChainRun.id)
    )
    longest: Counter[str] = Counter()
    steps: dict[str, list[Step]] = {}
    for run, week, right, started_at in runs:
        times = rights.get(f"{CHAIN}{run}", [])
        for length in range(longest[week] + 1, right + 1):
            at = times[length - 1] if length <= len(times) else started_at
            steps.setdefault(f"{CHAIN}{week}", []).append((chain_points(length), at))
        longest[week] = max(longest[week], right)
    return steps


def _right_answers(session: Session, person_id: int) -> dict[str, list[dt.datetime]]:
    """Place → when each right answer of a run came; a mark that was given later changes no run."""
    rows = session.execute(
        select(Answer.id, Answer.place, Answer.received_at, Mark.points, Mark.max_points)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(Answer.person_id == person_id, Answer.place.startswith(CHAIN))
        .order_by(Answer.id, Mark.id)
    )
    found: dict[str, list[dt.datetime]] = {}
    last = 0
    for answer, place, at, points, most in rows:
        if answer != last and points >= most:
            found.setdefault(place, []).append(at)
        last = answer
    return found
