"""After a contest: its answers are marked for good, and what was wrong stands in everybody's
practice and wrong-question book. A rehearsal settles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.marking import mark
from lawlab.services.contest import Loaded, load
from lawlab.services.contest_results import store_results
from lawlab.services.memory import recompute_memories
from lawlab.store.contests import find_contest, place_of
from lawlab.store.engine import writing
from lawlab.store.tables import Answer, Contest, Mark

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
    and note that it is done; a commit for each, so that nobody who practises waits for long."""
    _mark(session, contest_id, now)
    people = session.scalars(
        select(Answer.person_id)
        .where(Answer.contest_id == contest_id)
        .distinct()
        .order_by(Answer.person_id)
    ).all()
    session.commit()
    for person in people:
        writing(session)
        recompute_memories(session, [person])
        session.commit()
    writing(session)
    find_contest(session, contest_id, lock=True).settled_at = now
    session.commit()


def recompute_results(session: Session, now: datetime) -> int:
    """In the caller's transaction: make the results of all finished contests anew; returns how many
    rows were not as they had to be."""
    finished = select(Contest.id).where(Contest.state == "finished").order_by(Contest.id)
    return sum(
        store_results(session, load(session, number, now), now)
        for number in session.scalars(finished).all()
    )


def _mark(session: Session, contest_id: int, now: datetime) -> None:
    writing(session)
    loaded = load(session, contest_id, now)
    for answer, right in _unmarked(session, loaded):
        session.add(
            Mark(
                answer_id=answer.id,
                key_version=1,
                marker="auto",
                points=float(right),
                max_points=1.0,
                marked_at=now,
            )
        )
    session.commit()


def _unmarked(session: Session, loaded: Loaded) -> Iterator[tuple[Answer, bool]]:
    """Answers to questions that count, with whether they are right."""
    contest, row = loaded.contest, loaded.row
    query = (
        select(Answer)
        .outerjoin(Mark, Mark.answer_id == Answer.id)
        .where(Answer.contest_id == row.id, Mark.id.is_(None))
        .order_by(Answer.id)
    )
    if loaded.script.window:
        for answer in session.scalars(query).all():
            question = loaded.questions[answer.item_version_id]
            yield answer, bool(mark(question, answer.response, 1).right)
        return
    places = {
        place_of(row.id, row.rehearsal, turn.number): turn.number for turn in contest.counting()
    }
    for answer in session.scalars(query.where(Answer.place.in_(places.keys()))).all():
        yield answer, contest.given[places[answer.place]][answer.person_id].right
