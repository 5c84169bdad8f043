"""Beginning a duel: with whom, and which questions."""

from __future__ import annotations

import datetime as dt
import random
import secrets
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.games import LASTS, MOST_OPEN, QUESTIONS
from lawlab.errors import Conflict, NotFound
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.drill_items import in_use
from lawlab.store.engine import looking_again, writing
from lawlab.store.people import lock_people, person_by_login
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    CohortMembership,
    DrillItem,
    Duel,
    DuelSeat,
    Memory,
    Person,
    Score,
)


@looking_again
def challenge(
    session: Session, caller: Caller, key: str, opponent: str | None, now: dt.datetime
) -> int:
    """Begin a duel with `opponent` (None: somebody drawn); its id. A repeat gets the same.

    Raises NotFound `no_person`, `no_item`; Conflict `too_many`.
    """
    writing(session)
    known = session.scalar(
        select(Duel.id).where(Duel.challenger_id == caller.person_id, Duel.key == key)
    )
    if known is not None:
        session.commit()
        return known
    other = _find_opponent(session, caller, opponent, now)
    lock_people(session, {caller.person_id, other})
    open_ones = session.scalar(
        select(func.count())
        .select_from(Duel)
        .where(
            Duel.challenger_id == caller.person_id,
            Duel.finished_at.is_(None),
            Duel.declined_at.is_(None),
            Duel.until > now,
        )
    )
    if (open_ones or 0) >= MOST_OPEN:
        session.rollback()
        raise Conflict("too_many", f"您发起的对战有 {MOST_OPEN} 场还没有结束，等一等再发起。")
    items = _draw(session, caller.person_id, other, now)
    duel = Duel(
        key=key,
        challenger_id=caller.person_id,
        opponent_id=other,
        items=items,
        created_at=now,
        until=now + LASTS,
        seats=[DuelSeat(person_id=caller.person_id), DuelSeat(person_id=other)],
    )
    session.add(duel)
    session.flush()
    session.commit()
    return duel.id


def _find_opponent(session: Session, caller: Caller, login: str | None, now: dt.datetime) -> int:
    day = china_day(now)
    if login is not None:
        person = person_by_login(session, login)
        allowed = opponents(caller.person_id, day)
        ids = {one.id for one in session.scalars(allowed)}
        if person is None or person.id not in ids:
            session.rollback()
            raise NotFound("no_person", "没有找到这位学员，请重新选一位。")
        return person.id
    points = (
        select(Score.person_id, func.sum(Score.points).label("points"))
        .where(Score.phase == "drill")
        .group_by(Score.person_id)
        .subquery()
    )
    rows = session.execute(
        opponents(caller.person_id, day)
        .outerjoin(points, points.c.person_id == Person.id)
        .with_only_columns(Person.id, func.coalesce(points.c.points, 0.0))
    ).all()
    if not rows:
        session.rollback()
        raise NotFound("no_person", "还没有可以对战的人。")
    own = session.scalar(select(points.c.points).where(points.c.person_id == caller.person_id))
    near = sorted(rows, key=lambda row: (abs(float(row[1]) - float(own or 0.0)), row[0]))
    return int(secrets.choice(near[: max(5, len(near) // 10)])[0])


def opponents(person_id: int, day: dt.date) -> Any:
    """Whom somebody may challenge: active people who are in a cohort on that day."""
    cohort = select(CohortMembership.person_id).where(
        CohortMembership.since <= day,
        or_(CohortMembership.until.is_(None), CohortMembership.until > day),
    )
    return select(Person).where(Person.active, Person.id != person_id, Person.id.in_(cohort))


def _draw(session: Session, one: int, other: int, now: dt.datetime) -> list[int]:
    """Questions that the two have met least, in any order."""
    closed = items_being_answered(session, one, now) | items_being_answered(session, other, now)
    met = (
        select(Memory.item, func.count().label("met"))
        .where(Memory.person_id.in_((one, other)))
        .group_by(Memory.item)
        .subquery()
    )
    rows = session.execute(
        select(DrillItem.item, DrillItem.item_version_id, func.coalesce(met.c.met, 0))
        .outerjoin(met, met.c.item == DrillItem.item)
        .where(*in_use(), ~DrillItem.made)
    )
    usable = [(count, version_id) for item, version_id, count in rows if item not in closed]
    if len(usable) < QUESTIONS:
        session.rollback()
        raise NotFound("no_item", "题库里的题还不够一场对战，请稍后再来。")
    random.SystemRandom().shuffle(usable)
    return [version_id for _, version_id in sorted(usable, key=lambda pair: pair[0])[:QUESTIONS]]
