"""People who come without an account (现场登记): by their own word on their phone, or written down
by a trainer, who says later who each of them was.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Kind, Way
from lawlab.errors import Conflict, LawlabError, NotFound, TooMany
from lawlab.services import audit
from lawlab.services.attendance_desk import begin, mine, require_mine, status_now
from lawlab.services.attendance_events import Saying, say
from lawlab.services.check_in import own_status
from lawlab.services.checkin_tokens import read_receipt
from lawlab.services.sessions import Caller
from lawlab.store.attendance import find_activity
from lawlab.store.engine import writing
from lawlab.store.tables import Activity, WalkIn

MOST_WALK_INS = 500
NAME = re.compile(r"[^\W\d_][\w·. ]{0,38}[\w]")
TAIL = re.compile(r"\d{4}")


def walk_in(
    session: Session,
    secret: str,
    receipt: str,
    device: str | None,
    who: tuple[str, str],
    now: datetime,
) -> tuple[WalkIn, Activity, bool]:
    """Somebody without an account says his name and the last four digits of his phone, on the phone
    that scanned. Returns the note, its activity, and whether the same had been said before."""
    proof = read_receipt(secret, receipt, device, now)
    full_name, phone_tail = named(*who)
    writing(session)
    activity = find_activity(session, proof.activity, lock=True)
    if before := _said(session, activity, full_name, phone_tail):
        session.rollback()
        return before, activity, True
    status = own_status(activity, proof.at)
    require_room(session, activity)
    note = WalkIn(
        activity_id=activity.id,
        key=secrets.token_urlsafe(16),
        full_name=full_name,
        phone_tail=phone_tail,
        status=status,
        at=proof.at,
        received_at=now,
        device=device,
    )
    session.add(note)
    session.commit()
    return note, activity, False


def _said(session: Session, activity: Activity, full_name: str, phone_tail: str) -> WalkIn | None:
    """The note of somebody who was written down before, unless it was dropped."""
    return session.scalars(
        select(WalkIn).where(
            WalkIn.activity_id == activity.id,
            WalkIn.full_name == full_name,
            WalkIn.phone_tail == phone_tail,
            WalkIn.settled_at.is_(None) | WalkIn.person_id.is_not(None),
        )
    ).first()


def require_room(session: Session, activity: Activity) -> None:
    """Raises TooMany `too_many_walk_ins`: the page is open to strangers who hold a code."""
    count = select(func.count(WalkIn.id)).where(WalkIn.activity_id == activity.id)
    if session.scalars(count).one() >= MOST_WALK_INS:
        raise TooMany("too_many_walk_ins", "现场登记的人太多了，请找教员登记。")


def named(full_name: str, phone_tail: str) -> tuple[str, str]:
    """A name and the end of a phone number, tidied. Raises LawlabError `bad_name`, `bad_tail`."""
    name, tail = " ".join(full_name.split()), phone_tail.strip()
    if not NAME.fullmatch(name):
        raise LawlabError("bad_name", "请写您的姓名，2 到 40 个字，不要写别的。")
    if not TAIL.fullmatch(tail) or not tail.isascii():
        raise LawlabError("bad_tail", "请写手机号的最后四位数字。")
    return name, tail


def write_down(
    session: Session,
    activity_id: int,
    full_name: str,
    phone_tail: str,
    key: str,
    caller: Caller,
    now: datetime,
) -> None:
    """A trainer writes down somebody without an account; a repeat changes nothing. Raises
    LawlabError `bad_name`, `bad_tail`; Conflict `closed`, `cancelled`."""
    name, tail = named(full_name, phone_tail)
    activity = begin(session, activity_id)
    if activity.closed_at:
        raise Conflict("closed", "活动已经结束，不能再登记。")
    repeated = select(WalkIn.id).where(WalkIn.activity_id == activity.id, WalkIn.key == key)
    if session.scalar(repeated) is None and _said(session, activity, name, tail) is None:
        require_room(session, activity)
        session.add(
            WalkIn(
                activity_id=activity.id,
                key=key,
                full_name=name,
                phone_tail=tail,
                status=status_now(activity, now),
                at=now,
                received_at=now,
                by=caller.login,
            )
        )
    session.commit()


def settle(
    session: Session,
    activity_id: int,
    walk_in_id: int,
    login: str | None,
    caller: Caller,
    now: datetime,
) -> None:
    """Say who a walk-in was, or (None) that the note was a mistake. Raises NotFound `no_walk_in`,
    `no_person`; Conflict `settled`; Refused `not_your_units`."""
    activity = begin(session, activity_id)
    note = _walk_in(session, activity, walk_in_id)
    subject = f"activity:{activity.id}/{note.id}"
    if note.settled_at is not None:
        raise Conflict("settled", "这条现场登记已经处理过。要改请先撤销。")
    note.settled_by, note.settled_at = caller.login, now
    if login is not None:
        [who] = mine(session, activity, [login], caller)
        note.person_id = who.person_id
        saying = Saying(
            who.person_id,
            f"walk-in:{note.id}:{secrets.token_hex(6)}",
            Kind.MARK,
            note.status,
            Way.WALK_IN,
            note.at,
            caller.login,
            f"现场登记：{note.full_name}，手机尾号 {note.phone_tail}",
        )
        say(session, activity, saying, now)
    audit.note(session, now, caller.login, "activity.walk_in", subject, person=note.person_id)
    session.commit()


def unsettle(
    session: Session, activity_id: int, walk_in_id: int, caller: Caller, now: datetime
) -> None:
    """Take back what was said of a walk-in; a repeat changes nothing."""
    activity = begin(session, activity_id)
    note = _walk_in(session, activity, walk_in_id)
    if note.person_id is not None:
        require_mine(session, activity, [note.person_id], caller)
        saying = Saying(
            note.person_id,
            f"walk-in:{note.id}:{secrets.token_hex(6)}",
            Kind.UNMARK,
            None,
            Way.WALK_IN,
            now,
            caller.login,
            "现场登记撤销",
        )
        say(session, activity, saying, now)
    if note.settled_at is not None:
        facts = {"before": note.person_id, "undone": True}
        subject = f"activity:{activity.id}/{note.id}"
        audit.note(session, now, caller.login, "activity.walk_in", subject, **facts)
    note.person_id = note.settled_by = note.settled_at = None
    activity.changed_at = now
    session.commit()


def _walk_in(session: Session, activity: Activity, walk_in_id: int) -> WalkIn:
    note = session.get(WalkIn, walk_in_id)
    if note is None or note.activity_id != activity.id:
        raise NotFound("no_walk_in", "没有这条现场登记，请刷新页面。")
    return note
