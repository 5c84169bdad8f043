"""Duels as pages show them: the list, one duel with the question that is dealt, the result."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from lawlab.domain.points import DUELS_A_DAY
from lawlab.domain.question import Question
from lawlab.errors import Conflict
from lawlab.services.drill import Asked, shown_items
from lawlab.services.duel_beginning import opponents
from lawlab.services.duels import find_duel, is_mine, is_playing, line_of, seat_of, settle
from lawlab.services.game_scores import duels_earned
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.engine import writing
from lawlab.store.people import unit_names
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, Duel, DuelSeat, ItemVersion, Mark, Person

LISTED = 30


def duel_list(session: Session, caller: Caller, now: dt.datetime) -> dict[str, Any]:
    """The duels of one person, newest first, and whom he may challenge."""
    settle(session, caller.person_id, now)
    rows = session.scalars(
        select(Duel)
        .options(joinedload(Duel.challenger), joinedload(Duel.opponent), selectinload(Duel.seats))
        .where(is_mine(caller.person_id))
        .order_by(Duel.id.desc())
        .limit(LISTED)
    ).all()
    day = china_day(now)
    units = unit_names(session, day)
    people = session.scalars(opponents(caller.person_id, day).order_by(Person.login)).all()
    return {
        "mine": [line_of(duel, caller.person_id, units, now) for duel in rows],
        "people": [
            {"login": one.login, "name": one.full_name, "unit": units.get(one.id)} for one in people
        ],
        "today": {
            "counted": len(duels_earned(session, caller.person_id, day)),
            "limit": DUELS_A_DAY,
        },
    }


def waiting(session: Session, person_id: int, now: dt.datetime) -> int:
    """How many duels wait for this person, or have a result that he has not seen."""
    # What ran out of time has a result, though it is decided only when somebody opens it.
    over = or_(Duel.finished_at.is_not(None), Duel.until <= now)
    query = (
        select(func.count())
        .select_from(DuelSeat)
        .join(Duel, Duel.id == DuelSeat.duel_id)
        .where(
            DuelSeat.person_id == person_id,
            Duel.declined_at.is_(None),
            DuelSeat.seen_at.is_(None),
            or_(over, DuelSeat.finished_at.is_(None)),
        )
    )
    return session.scalar(query) or 0


def duel_state(session: Session, caller: Caller, duel_id: int, now: dt.datetime) -> dict[str, Any]:
    """One duel as this person may see it. The question shown is dealt with the first look: from
    then on the server's clock counts. Raises NotFound `no_duel`; Conflict `in_quiz` when he could
    not answer it now, so that no time of it is lost."""
    settle(session, caller.person_id, now)
    writing(session)
    duel = find_duel(session, duel_id, caller.person_id, lock=True)
    seat = seat_of(duel, caller.person_id)
    if is_playing(duel, seat, now) and seat.dealt_at is None:
        coming = session.get_one(ItemVersion, duel.items[seat.answered])
        if coming.item in items_being_answered(session, caller.person_id, now):
            session.rollback()
            raise Conflict("in_quiz", "下一题在您正在做的测验里。请先交卷，再回来接着答。")
        seat.dealt_at = now
    session.commit()
    return _whole(session, caller, duel, now)


def decline(session: Session, caller: Caller, duel_id: int, now: dt.datetime) -> dict[str, Any]:
    """Say no to a challenge that one has not begun to answer; nobody earns anything. A repeat
    changes nothing. Raises NotFound `no_duel`, Conflict `begun`."""
    settle(session, caller.person_id, now)
    writing(session)
    duel = find_duel(session, duel_id, caller.person_id, lock=True)
    if duel.declined_at is None:
        seat = seat_of(duel, caller.person_id)
        if duel.opponent_id != caller.person_id or seat.answered or duel.finished_at:
            session.rollback()
            raise Conflict("begun", "这场对战已经开始答了，或者已经结束了，不能再谢绝。")
        duel.declined_at = now
    session.commit()
    return _whole(session, caller, duel, now)


def see(session: Session, caller: Caller, duel_id: int, now: dt.datetime) -> None:
    """Note that somebody saw the result."""
    writing(session)
    duel = find_duel(session, duel_id, caller.person_id)
    seat = seat_of(duel, caller.person_id)
    if duel.finished_at is not None:
        seat.seen_at = seat.seen_at or now
    session.commit()


def _whole(session: Session, caller: Caller, duel: Duel, now: dt.datetime) -> dict[str, Any]:
    seat = seat_of(duel, caller.person_id)
    item = None
    if is_playing(duel, seat, now):
        version = session.get_one(ItemVersion, duel.items[seat.answered])
        asked = Asked(version.item, version.id, "asked")
        item = shown_items(session, caller, [asked], f"drill:duel/{duel.id}")[0]
    units = unit_names(session, china_day(now))
    return line_of(duel, caller.person_id, units, now) | {
        "item": item,
        "questions": _questions(session, duel, caller.person_id, now),
    }


def _questions(
    session: Session, duel: Duel, person_id: int, now: dt.datetime
) -> list[dict[str, Any]]:
    """What this person has answered, with the keys, but nothing that stands in a quiz he is doing;
    of the other one only how he did, and only when the duel is over."""
    other = duel.opponent_id if person_id == duel.challenger_id else duel.challenger_id
    given = _given(session, duel, person_id)
    theirs = _given(session, duel, other) if duel.finished_at else {}
    closed = items_being_answered(session, person_id, now)
    shown = []
    for version_id in duel.items[: seat_of(duel, person_id).answered]:
        version = session.get_one(ItemVersion, version_id)
        if version.item in closed:
            continue
        question = Question.from_json(version.body)
        response, right = given[version_id]
        shown.append(
            question.public()
            | {
                "version": version.version,
                "my": {"response": response, "right": right},
                "their": {"right": theirs[version_id][1]} if version_id in theirs else None,
                "revealed": question.revealed(),
            }
        )
    return shown


def _given(session: Session, duel: Duel, person_id: int) -> dict[int, tuple[dict[str, Any], bool]]:
    rows = session.execute(
        select(Answer.item_version_id, Answer.response, Mark.points, Mark.max_points)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(Answer.person_id == person_id, Answer.place == f"drill:duel/{duel.id}")
        .order_by(Answer.id, Mark.id)
    )
    return {version: (response, points >= most) for version, response, points, most in rows}
