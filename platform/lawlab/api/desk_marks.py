"""The trainer's desk: who was there. Each reply is the board as it then stands."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from lawlab.api.activities import PICTURE, ActivityId, Key
from lawlab.api.border import Word
from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.desk_activities import Login, NothingIn, Reason, RowId, Strict
from lawlab.api.routing import Route
from lawlab.domain.attendance import Status
from lawlab.services import attendance_desk, leave, walk_ins
from lawlab.services.attendance_access import require_change
from lawlab.services.attendance_board import board
from lawlab.services.presence import show_card_now
from lawlab.services.sessions import Caller
from lawlab.store.attendance import find_activity

router = APIRouter(route_class=Route, prefix="/desk/activities/{activity}")

CHANCE = random.SystemRandom()


class MarkIn(Strict):
    people: list[Login] = Field(min_length=1, max_length=1000)
    status: Status
    reason: Reason = ""
    key: Key


class UnmarkIn(Strict):
    people: list[Login] = Field(min_length=1, max_length=1000)
    reason: Reason = ""
    key: Key


class KeyIn(Strict):
    key: Key


class SignatureIn(Strict):
    person: Login
    image: str = Field(max_length=PICTURE)
    key: Key


class WalkInIn(Strict):
    full_name: Word = Field(max_length=200)
    phone_tail: Word = Field(max_length=40)
    key: Key


class MergeIn(Strict):
    person: Login


class DecideIn(Strict):
    approve: bool
    note: Word = Field("", max_length=1000)


class ReasonIn(Strict):
    reason: Reason


@router.post("/mark")
def mark(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: MarkIn,
) -> dict[str, Any]:
    attendance_desk.mark(
        session, activity, given.people, given.status, given.reason, given.key, trainer, now
    )
    return _board(request, session, trainer, now, activity)


@router.post("/mark-all")
def mark_all(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: KeyIn,
) -> dict[str, Any]:
    marked = attendance_desk.mark_all(session, activity, given.key, trainer, now)
    return _board(request, session, trainer, now, activity) | {"marked": marked}


@router.post("/unmark")
def unmark(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: UnmarkIn,
) -> dict[str, Any]:
    attendance_desk.unmark(session, activity, given.people, given.reason, given.key, trainer, now)
    return _board(request, session, trainer, now, activity)


@router.post("/signature")
def signature(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: SignatureIn,
) -> dict[str, Any]:
    attendance_desk.sign(session, activity, given.person, given.image, given.key, trainer, now)
    return _board(request, session, trainer, now, activity)


@router.post("/walk-in")
def write_down(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: WalkInIn,
) -> dict[str, Any]:
    walk_ins.write_down(
        session, activity, given.full_name, given.phone_tail, given.key, trainer, now
    )
    return _board(request, session, trainer, now, activity)


@router.post("/walk-in/{note}/merge")
def merge(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    note: RowId,
    given: MergeIn,
) -> dict[str, Any]:
    walk_ins.settle(session, activity, note, given.person, trainer, now)
    return _board(request, session, trainer, now, activity)


@router.post("/walk-in/{note}/drop")
def drop(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    note: RowId,
    _given: NothingIn,
) -> dict[str, Any]:
    walk_ins.settle(session, activity, note, None, trainer, now)
    return _board(request, session, trainer, now, activity)


@router.post("/walk-in/{note}/undo")
def undo(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    note: RowId,
    _given: NothingIn,
) -> dict[str, Any]:
    walk_ins.unsettle(session, activity, note, trainer, now)
    return _board(request, session, trainer, now, activity)


@router.post("/leave/{request_id}")
def decide(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    request_id: RowId,
    given: DecideIn,
) -> dict[str, Any]:
    leave.decide_leave(
        session,
        activity,
        request_id,
        trainer,
        approve=given.approve,
        note=given.note,
        now=now,
    )
    return _board(request, session, trainer, now, activity)


@router.post("/close")
def close(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    _given: NothingIn,
) -> dict[str, Any]:
    attendance_desk.close(session, activity, trainer, now)
    return _board(request, session, trainer, now, activity)


@router.post("/reopen")
def reopen(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: ReasonIn,
) -> dict[str, Any]:
    attendance_desk.reopen(session, activity, given.reason, trainer, now)
    return _board(request, session, trainer, now, activity)


@router.post("/card")
def card(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    _given: NothingIn,
) -> dict[str, Any]:
    require_change(session, trainer, find_activity(session, activity))
    show_card_now(session, activity, now, CHANCE)
    return _board(request, session, trainer, now, activity)


def _board(
    request: Request, session: Database, trainer: Caller, now: datetime, activity: int
) -> dict[str, Any]:
    state_of(request).live.nudge()
    return board(session, find_activity(session, activity), trainer, now)
