"""双人对战: two people answer the same questions, each when he has time; the server deals each
question and counts the time until its answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lawlab.domain.games import Side, outcome, question_time
from lawlab.errors import Conflict, NotFound
from lawlab.services.game_scores import update_duel_scores
from lawlab.services.sessions import Caller
from lawlab.store.engine import writing
from lawlab.store.people import lock_people
from lawlab.store.statutes import china_day
from lawlab.store.tables import Duel, DuelSeat, Person


def players(session: Session, duel_id: int) -> set[int]:
    """The two of a duel; nobody when there is none."""
    row = session.execute(
        select(Duel.challenger_id, Duel.opponent_id).where(Duel.id == duel_id)
    ).first()
    return set(row) if row else set()


def check(
    session: Session, duel_id: int, person_id: int, version_id: int, now: dt.datetime
) -> None:
    """Raises NotFound `no_place`, Conflict `not_now` unless this is the question dealt to him and
    there is time for it. The caller holds both `players`: the last answer earns both something."""
    duel = session.get(Duel, duel_id, with_for_update=True, populate_existing=True)
    if duel is None or person_id not in (duel.challenger_id, duel.opponent_id):
        raise NotFound("no_place", "没有这场对战，答案没有保存。")
    seat = session.get(DuelSeat, (duel_id, person_id), populate_existing=True)
    assert seat is not None  # made with the duel
    if duel.finished_at is not None or duel.declined_at is not None or seat.finished_at is not None:
        raise Conflict("not_now", "这场对战您已经答完，或者已经结束了。")
    if now >= duel.until:
        raise Conflict("not_now", "这场对战的时间已经过了，这道题没有算。")
    if seat.dealt_at is None or duel.items[seat.answered] != version_id:
        raise Conflict("not_now", "这道题已经答过了，请刷新页面，接着答下一题。")


def answered(
    session: Session, duel_id: int, person_id: int, version_id: int, right: bool, now: dt.datetime
) -> dict[str, Any]:
    """In the caller's transaction: the seat goes on; whoever is the last to finish decides it."""
    # The duel's row is the lock: two who finish at once find one result.
    duel = find_duel(session, duel_id, person_id, lock=True)
    seat = seat_of(duel, person_id)
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
    seat = seat_of(duel, person_id)
    return line_of(duel, caller.person_id, {}, now) | {"over": seat.finished_at is not None}


def settle(session: Session, person_id: int, now: dt.datetime) -> None:
    """Decide what ran out of time, and commit; nothing needs to watch the clock for it."""
    late = session.scalars(
        select(Duel.id)
        .where(
            is_mine(person_id),
            Duel.finished_at.is_(None),
            Duel.declined_at.is_(None),
            Duel.until <= now,
        )
        .order_by(Duel.until, Duel.id)
    ).all()
    for duel_id in late:
        writing(session)
        lock_people(session, players(session, duel_id))
        _decide(session, find_duel(session, duel_id, person_id, lock=True), now)
        session.commit()


def _decide(session: Session, duel: Duel, now: dt.datetime) -> None:
    if duel.finished_at is not None or duel.declined_at is not None:
        return
    sides = [_side(seat_of(duel, one)) for one in (duel.challenger_id, duel.opponent_id)]
    result = outcome(sides[0], sides[1], now >= duel.until)
    if result is None:
        return
    duel.finished_at = min(now, duel.until)
    winners = {"challenger": duel.challenger_id, "opponent": duel.opponent_id}
    duel.winner_id = winners.get(result)
    session.flush()
    for person_id in winners.values():
        update_duel_scores(session, person_id, china_day(duel.finished_at))


def find_duel(session: Session, duel_id: int, person_id: int, *, lock: bool = False) -> Duel:
    """A duel of this person with its seats as they stand, locked when asked. Raises NotFound
    `no_duel`."""
    duel = session.get(Duel, duel_id, with_for_update=lock, populate_existing=True)
    if duel is None or person_id not in (duel.challenger_id, duel.opponent_id):
        raise NotFound("no_duel", "没有这场对战。")
    session.refresh(duel, ["seats"])
    for seat in duel.seats:
        session.refresh(seat)
    return duel


def line_of(duel: Duel, person_id: int, units: dict[int, str], now: dt.datetime) -> dict[str, Any]:
    """A duel as one of the two may see it, in a line."""
    mine = person_id == duel.challenger_id
    other = duel.opponent if mine else duel.challenger
    seat, theirs = seat_of(duel, person_id), seat_of(duel, other.id)
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


def is_playing(duel: Duel, seat: DuelSeat, now: dt.datetime) -> bool:
    """Whether this person has something to answer in it."""
    return (
        duel.finished_at is None
        and duel.declined_at is None
        and seat.finished_at is None
        and now < duel.until
    )


def _side(seat: DuelSeat) -> Side:
    return Side(seat.right, seat.milliseconds, seat.finished_at is not None)


def seat_of(duel: Duel, person_id: int) -> DuelSeat:
    """How far one of the two is."""
    return next(seat for seat in duel.seats if seat.person_id == person_id)


def is_mine(person_id: int) -> Any:
    """The duels in which somebody is one of the two."""
    return or_(Duel.challenger_id == person_id, Duel.opponent_id == person_id)
