"""After a contest: its answers are marked for good, and what was wrong stands in everybody's
practice and wrong-question book. A rehearsal settles nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lawlab.domain.audit import SYSTEM
from lawlab.domain.marking import mark
from lawlab.services.audit import note
from lawlab.services.contest import Loaded, load
from lawlab.services.contest_results import store_results
from lawlab.services.memory import recompute_memories
from lawlab.store.contests import contest_standing, find_contest, place_of
from lawlab.store.engine import writing
from lawlab.store.tables import Answer, Contest, Mark

CHUNK = 500
"""Answers marked in one transaction."""
AFTER = timedelta(seconds=5)
"""So long after the end an objection on the spot still keeps a question out of practice."""


def settle_finished(session: Session, now: datetime) -> int:
    """Settle every contest that ended and is not settled yet; returns how many there were. Begun
    anew after a crash; cheap when there is nothing to do."""
    waiting = session.scalars(
        select(Contest.id)
        .where(
            Contest.state == "finished",
            Contest.rehearsal.is_(False),
            Contest.settled_at.is_(None),
            Contest.finished_at <= now - AFTER,
        )
        .order_by(Contest.id)
    ).all()
    session.commit()
    for contest_id in waiting:
        settle(session, contest_id, now)
    return len(waiting)


def settle(session: Session, contest_id: int, now: datetime) -> None:
    """Mark the answers of the questions that count, bring the memories of all who answered in step,
    and note that it is done; many commits, so that nobody who practises waits for long. What was
    marked and no longer counts after an objection is marked no more."""
    loaded = load(session, contest_id, now)
    people = _mark(session, loaded, now)
    for person in people:
        writing(session)
        recompute_memories(session, [person])
        session.commit()
    writing(session)
    row = find_contest(session, contest_id, lock=True)
    standing = contest_standing(session, contest_id)
    # An objection that came meanwhile is the next look's work.
    if standing and standing[0] == loaded.contest.seq:
        row.settled_at = now
        facts = {"people": len(people), "events": loaded.contest.seq}
        note(session, now, SYSTEM, "contest.settle", f"contest:{contest_id}", **facts)
    session.commit()


def recompute_results(session: Session, now: datetime) -> int:
    """In the caller's transaction: make the results of all finished contests anew; returns how many
    rows were not as they had to be."""
    finished = select(Contest.id).where(Contest.state == "finished").order_by(Contest.id)
    return sum(
        store_results(session, load(session, number, now), now, anew=True)
        for number in session.scalars(finished).all()
    )


def _mark(session: Session, loaded: Loaded, now: datetime) -> list[int]:
    """Bring the marks in step; returns who answered."""
    row, contest = loaded.row, loaded.contest
    places = {place_of(row.id, row.rehearsal, turn.number) for turn in contest.counting()}
    query = (
        select(Answer.id, Answer.place, Answer.person_id, Answer.item_version_id, Answer.response)
        .where(Answer.contest_id == row.id)
        .order_by(Answer.id)
    )
    answers = session.execute(query).all()
    rights: dict[int, bool] = {}
    for number, place, _, version, response in answers:
        if loaded.script.window or place in places:
            rights[number] = bool(mark(loaded.questions[version], response, 1).right)
    for some in _chunks([answer[0] for answer in answers]):
        writing(session)
        find_contest(session, row.id, lock=True)
        marked = set(session.scalars(select(Mark.answer_id).where(Mark.answer_id.in_(some))))
        session.execute(delete(Mark).where(Mark.answer_id.in_(marked - rights.keys())))
        session.add_all(
            Mark(
                answer_id=one,
                key_version=1,
                marker="auto",
                points=float(rights[one]),
                max_points=1.0,
                marked_at=now,
            )
            for one in some
            if one in rights and one not in marked
        )
        session.commit()
    return sorted({answer[2] for answer in answers})


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))
