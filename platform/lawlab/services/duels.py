"""双人对战: two people answer the same questions, each when he has time; the server deals each
question and counts the time until its answer."""

from __future__ import annotations

import datetime as dt
import random
import secrets
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lawlab.domain.games import LASTS, MOST_OPEN, QUESTIONS, Side, outcome, question_time
from lawlab.domain.points import DUELS_A_DAY, duel_points
from lawlab.domain.question import Question
from lawlab.errors import Conflict, NotFound
from lawlab.services.drill import Asked, shown_items
from lawlab.services.drill_days import bounds, store_score
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.drill_items import in_use
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login, unit_names
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    Answer,
    CohortMembership,
    DrillItem,
    Duel,
    DuelSeat,
    ItemVersion,
    Mark,
    Memory,
    Person,
    Score,
)

LISTED = 30


def duel_list(session: Session, caller: Caller, now: dt.datetime) -> dict[str, Any]:
    """The duels of one person, newest first, and whom he may challenge."""
    settle(session, caller.person_id, now)
    rows = session.scalars(
        select(Duel).where(_mine(caller.person_id)).order_by(Duel.id.desc()).limit(LISTED)
    ).all()
    day = china_day(now)
    units = unit_names(session, day)
    people = session.scalars(_opponents(caller.person_id, day).order_by(Person.login)).all()
    return {
        "mine": [_line(duel, caller.person_id, units, now) for duel in rows],
        "people": [
            {"login": one.login, "name": one.full_name, "unit": units.get(one.id)} for one in people
        ],
        "today": {"counted": _counted(session, caller.person_id, day), "limit": DUELS_A_DAY},
    }


def waiting(session: Session, person_id: int, now: dt.datetime) -> int:
    """How many duels wait for this person, or have a result that he has not seen."""
    rows = session.scalars(select(Duel).where(_mine(person_id), Duel.declined_at.is_(None)))
    count = 0
    for duel in rows:
        seat = _seat(duel, person_id)
        over = duel.finished_at is not None
        count += seat.seen_at is None if over else seat.finished_at is None and now < duel.until
    return count


def challenge(
    session: Session, caller: Caller, key: str, opponent: str | None, now: dt.datetime
) -> int:
    """Begin a duel with `opponent` (None: somebody drawn); its id. A repeat gets the same.

    Raises NotFound `no_person`, `no_item`; Conflict `too_many`.
    """
    try:
        return _challenge(session, caller, key, opponent, now)
    except IntegrityError:
        session.rollback()  # the same key arrived twice at once
        return _challenge(session, caller, key, opponent, now)


def _challenge(
    session: Session, caller: Caller, key: str, opponent: str | None, now: dt.datetime
) -> int:
    writing(session)
    session.get(Person, caller.person_id, with_for_update=True)
    known = session.scalar(
        select(Duel.id).where(Duel.challenger_id == caller.person_id, Duel.key == key)
    )
    if known is not None:
        session.commit()
        return known
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
    other = _find_opponent(session, caller, opponent, now)
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


def duel_state(session: Session, caller: Caller, duel_id: int, now: dt.datetime) -> dict[str, Any]:
    """One duel as this person may see it. The question shown is dealt with the first look: from
    then on the server's clock counts. Raises NotFound `no_duel`."""
    settle(session, caller.person_id, now)
    writing(session)
    duel = _find(session, duel_id, caller.person_id, lock=True)
    seat = _seat(duel, caller.person_id)
    if _playing(duel, seat, now) and seat.dealt_at is None:
        seat.dealt_at = now
    session.commit()
    return _whole(session, caller, duel, now)


def decline(session: Session, caller: Caller, duel_id: int, now: dt.datetime) -> dict[str, Any]:
    """Say no to a challenge that one has not begun to answer; nobody earns anything. A repeat
    changes nothing. Raises NotFound `no_duel`, Conflict `begun`."""
    writing(session)
    duel = _find(session, duel_id, caller.person_id, lock=True)
    if duel.declined_at is None:
        seat = _seat(duel, caller.person_id)
        if duel.opponent_id != caller.person_id or seat.answered or duel.finished_at:
            session.rollback()
            raise Conflict("begun", "这场对战已经开始答了，不能再谢绝。")
        duel.declined_at = now
    session.commit()
    return _whole(session, caller, duel, now)


def see(session: Session, caller: Caller, duel_id: int, now: dt.datetime) -> None:
    """Note that somebody saw the result."""
    writing(session)
    duel = _find(session, duel_id, caller.person_id)
    seat = _seat(duel, caller.person_id)
    if duel.finished_at is not None:
        seat.seen_at = seat.seen_at or now
    session.commit()


def check(session: Session, duel_id: int, person_id: int, version_id: int) -> None:
    """Raises NotFound `no_place`, Conflict `not_now` unless this is the question dealt to him."""
    duel = session.get(Duel, duel_id)
    if duel is None or person_id not in (duel.challenger_id, duel.opponent_id):
        raise NotFound("no_place", "没有这场对战，答案没有保存。")
    seat = session.get(DuelSeat, (duel_id, person_id), populate_existing=True)
    assert seat is not None  # made with the duel
    if duel.finished_at is not None or duel.declined_at is not None or seat.finished_at is not None:
        raise Conflict("not_now", "这场对战您已经答完，或者已经结束了。")
    if seat.dealt_at is None or duel.items[seat.answered] != version_id:
        raise Conflict("not_now", "这道题已经答过了，请刷新页面，接着答下一题。")


def answered(
    session: Session, duel_id: int, person_id: int, version_id: int, right: bool, now: dt.datetime
) -> dict[str, Any]:
    """In the caller's transaction: the seat goes on; whoever is the last to finish decides it."""
    # The duel's row is the lock: two who finish at once find one result.
    duel = _find(session, duel_id, person_id, lock=True)
    seat = _seat(duel, person_id)
    assert seat.dealt_at is not None  # `check` said so
    seat.milliseconds += question_time(seat.dealt_at, now)
    seat.answered += 1
    seat.right += right
    seat.dealt_at = None
    if seat.answered >= len(duel.items):
        seat.finished_at = now
    session.flush()
    _decide(session, duel, now)
    return state_after(session, duel_id, person_id, now)


def state_after(session: Session, duel_id: int, person_id: int, now: dt.datetime) -> dict[str, Any]:
    """What `answered` says, as the duel stands now. The next question is dealt by asking for it."""
    duel = session.get_one(Duel, duel_id)
    person = session.get_one(Person, person_id)
    caller = Caller(person.id, person.login, person.full_name, frozenset())
    seat = _seat(duel, person_id)
    return _line(duel, caller.person_id, {}, now) | {"over": seat.finished_at is not None}


def settle(session: Session, person_id: int, now: dt.datetime) -> None:
    """Decide what ran out of time, and commit; nothing needs to watch the clock for it."""
    late = select(Duel.id).where(
        _mine(person_id),
        Duel.finished_at.is_(None),
        Duel.declined_at.is_(None),
        Duel.until <= now,
    )
    if session.scalar(late.limit(1)) is None:
        return
    writing(session)
    for duel_id in session.scalars(late.order_by(Duel.id)).all():
        _decide(session, _find(session, duel_id, person_id, lock=True), now)
    session.commit()


def _decide(session: Session, duel: Duel, now: dt.datetime) -> None:
    if duel.finished_at is not None:
        return
    sides = [_side(_seat(duel, one)) for one in (duel.challenger_id, duel.opponent_id)]
    result = outcome(sides[0], sides[1], now >= duel.until)
    if result is None:
        return
    duel.finished_at = min(now, duel.until)
    winner = {"challenger": duel.challenger_id, "opponent": duel.opponent_id}.get(result)
    duel.winner_id = winner
    session.flush()
    if result == "none":
        return
    for person_id in (duel.challenger_id, duel.opponent_id):
        if not _seat(duel, person_id).answered:
            continue
        won = None if winner is None else winner == person_id
        source = f"drill:duel/{duel.id}"
        day = china_day(duel.finished_at)
        if _counted(session, person_id, day) < DUELS_A_DAY:
            store_score(session, person_id, source, duel_points(won), duel.finished_at)
    session.flush()


def _counted(session: Session, person_id: int, day: dt.date) -> int:
    """How many duels of a day earned somebody something."""
    first, last = bounds(day)
    return (
        session.scalar(
            select(func.count())
            .select_from(Score)
            .where(
                Score.person_id == person_id,
                Score.source.startswith("drill:duel/"),
                Score.changed_at >= first,
                Score.changed_at < last,
            )
        )
        or 0
    )


def _find(session: Session, duel_id: int, person_id: int, *, lock: bool = False) -> Duel:
    duel = session.get(Duel, duel_id, with_for_update=lock, populate_existing=True)
    if duel is None or person_id not in (duel.challenger_id, duel.opponent_id):
        raise NotFound("no_duel", "没有这场对战。")
    session.refresh(duel, ["seats"])
    for seat in duel.seats:
        session.refresh(seat)
    return duel


def _find_opponent(session: Session, caller: Caller, login: str | None, now: dt.datetime) -> int:
    day = china_day(now)
    if login is not None:
        person = person_by_login(session, login)
        allowed = _opponents(caller.person_id, day)
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
        _opponents(caller.person_id, day)
        .outerjoin(points, points.c.person_id == Person.id)
        .with_only_columns(Person.id, func.coalesce(points.c.points, 0.0))
    ).all()
    if not rows:
        session.rollback()
        raise NotFound("no_person", "还没有可以对战的人。")
    own = session.scalar(select(points.c.points).where(points.c.person_id == caller.person_id))
    near = sorted(rows, key=lambda row: (abs(float(row[1]) - float(own or 0.0)), row[0]))
    return int(secrets.choice(near[: max(5, len(near) // 10)])[0])


def _opponents(person_id: int, day: dt.date) -> Any:
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


def _line(duel: Duel, person_id: int, units: dict[int, str], now: dt.datetime) -> dict[str, Any]:
    mine = person_id == duel.challenger_id
    other = duel.opponent if mine else duel.challenger
    seat, theirs = _seat(duel, person_id), _seat(duel, other.id)
    return {
        "id": duel.id,
        "other": {"login": other.login, "name": other.full_name, "unit": units.get(other.id)},
        "state": _state(duel, seat, person_id, now),
        "challenged": not mine,
        "my": _figures(seat),
        # Whoever has not finished learns nothing that could push him.
        "their": _figures(theirs) if seat.finished_at or duel.finished_at else None,
        "of": len(duel.items),
        "until": duel.until.isoformat(),
        "unseen": duel.finished_at is not None and seat.seen_at is None,
    }


def _state(duel: Duel, seat: DuelSeat, person_id: int, now: dt.datetime) -> str:
    if duel.declined_at is not None:
        return "declined"
    if duel.finished_at is None:
        return "waiting" if seat.finished_at else "my_turn"
    if duel.winner_id is not None:
        return "won" if duel.winner_id == person_id else "lost"
    return "draw" if seat.finished_at else "expired"


def _figures(seat: DuelSeat) -> dict[str, Any]:
    return {
        "right": seat.right,
        "answered": seat.answered,
        "seconds": seat.milliseconds // 1000,
        "finished": seat.finished_at is not None,
    }


def _whole(session: Session, caller: Caller, duel: Duel, now: dt.datetime) -> dict[str, Any]:
    seat = _seat(duel, caller.person_id)
    item = None
    if _playing(duel, seat, now):
        version = session.get_one(ItemVersion, duel.items[seat.answered])
        asked = Asked(version.item, version.id, "asked")
        item = shown_items(session, caller, [asked], f"drill:duel/{duel.id}")[0]
    units = unit_names(session, china_day(now))
    return _line(duel, caller.person_id, units, now) | {
        "item": item,
        "questions": _questions(session, duel, caller.person_id),
    }


def _questions(session: Session, duel: Duel, person_id: int) -> list[dict[str, Any]]:
    """What this person has answered, with the keys; of the other one only how he did, and only
    when the duel is over."""
    other = duel.opponent_id if person_id == duel.challenger_id else duel.challenger_id
    given = _given(session, duel, person_id)
    theirs = _given(session, duel, other) if duel.finished_at else {}
    shown = []
    for version_id in duel.items[: _seat(duel, person_id).answered]:
        version = session.get_one(ItemVersion, version_id)
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


def _playing(duel: Duel, seat: DuelSeat, now: dt.datetime) -> bool:
    return (
        duel.finished_at is None
        and duel.declined_at is None
        and seat.finished_at is None
        and now < duel.until
    )


def _side(seat: DuelSeat) -> Side:
    return Side(seat.right, seat.milliseconds, seat.finished_at is not None)


def _seat(duel: Duel, person_id: int) -> DuelSeat:
    return next(seat for seat in duel.seats if seat.person_id == person_id)


def _mine(person_id: int) -> Any:
    return or_(Duel.challenger_id == person_id, Duel.opponent_id == person_id)
