"""签到表: who was expected at one activity and how each stands, as it is printed and filed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Way
from lawlab.store.attendance import activity_day, expected_people, find_activity, people_on
from lawlab.store.tables import Activity, Attachment, Attendance, WalkIn

TIMED = (Way.QR, Way.CODE, Way.ONLINE, Way.SIGNATURE, Way.WALK_IN, Way.FILE)
"""Ways whose time is when somebody came, as long as it lies before the end; of the others it is
when a trainer said so."""
GUEST, STRANGER = "旁听", "现场登记，没有账号"


@dataclass(frozen=True)
class SignRow:
    """One line of the sheet. `status` None: nothing is said of him yet."""

    name: str
    unit: str | None
    status: str | None = None
    way: str | None = None
    at: dt.datetime | None = None
    signature: int | None = None
    note: str = ""


@dataclass(frozen=True)
class SignSheet:
    """An activity with its lines: who is expected by unit, then guests, then strangers."""

    activity: Activity
    rows: list[SignRow]


def sign_sheet(session: Session, activity_id: int) -> SignSheet:
    """The sheet of an activity, also of one that has not begun. After the close it holds those who
    were expected then. No phone numbers. Raises NotFound `no_activity`."""
    activity = find_activity(session, activity_id)
    marks = {
        row.person_id: row
        for row in session.scalars(select(Attendance).where(Attendance.activity_id == activity.id))
    }
    if activity.closed_at:
        expected = {person for person, row in marks.items() if row.expected}
    else:
        expected = set(expected_people(session, activity))
    people = people_on(session, activity_day(activity), expected | set(marks))
    signed = dict(
        session.execute(
            select(Attachment.person_id, func.max(Attachment.id))
            .where(Attachment.activity_id == activity.id, Attachment.kind == "signature")
            .group_by(Attachment.person_id)
        ).all()
    )
    lines = []
    for person in people.values():
        row = marks.get(person.person_id)
        timed = row is not None and row.way in TIMED and row.at <= activity.ends_at
        lines.append(
            (
                (person.person_id not in expected, person.unit is None, person.unit or ""),
                SignRow(
                    person.name,
                    person.unit,
                    row.status if row else None,
                    row.way if row else None,
                    row.at if row and timed else None,
                    signed.get(person.person_id),
                    "" if person.person_id in expected else GUEST,
                ),
            )
        )
    # Within a unit they stay in the order of their sign-in names.
    rows = [row for _, row in sorted(lines, key=lambda line: line[0])]
    strangers = session.scalars(
        select(WalkIn)
        .where(WalkIn.activity_id == activity.id, WalkIn.settled_at.is_(None))
        .order_by(WalkIn.id)
    )
    rows += [
        SignRow(one.full_name, None, one.status, Way.WALK_IN, one.at, None, STRANGER)
        for one in strangers
    ]
    return SignSheet(activity, rows)
