"""Bringing a list of who was at an activity: what it would change, and changing it at once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Kind, Status, Times, Way
from lawlab.domain.attendance_list import Line, read_list
from lawlab.domain.attendance_names import Listed
from lawlab.domain.roster import Fault
from lawlab.errors import Conflict, FileFaults
from lawlab.services.attendance_access import may_mark, served_units
from lawlab.services.attendance_events import Saying, say_all
from lawlab.services.audit import note
from lawlab.services.roster_files import table_of
from lawlab.services.sessions import Caller
from lawlab.store.attendance import (
    Expected,
    activity_day,
    activity_times,
    expected_people,
    find_activity,
    people_on,
)
from lawlab.store.engine import writing
from lawlab.store.tables import Activity, Attendance, AttendanceEvent, Person


@dataclass(frozen=True)
class ListRow:
    """One person of a list: how he stood, and how he will. `status` None: nothing changes."""

    line: Line
    before: str | None
    status: str | None
    why: str = ""
    """Why nothing changes."""


@dataclass(frozen=True)
class ListPreview:
    """What a list says, row by row. With faults none of it can be applied."""

    activity_id: int
    title: str
    file: str
    rows: tuple[ListRow, ...]
    faults: tuple[Fault, ...]

    @property
    def changes(self) -> list[ListRow]:
        return [row for row in self.rows if row.status is not None]


@dataclass(frozen=True)
class ListFile:
    """A file as somebody brought it."""

    name: str
    content: bytes

    @cached_property
    def table(self) -> list[list[Any]]:
        """The cells. Raises LawlabError `bad_file`."""
        return table_of(Path(self.name), self.content)

    def key(self, row: int) -> str:
        """Names a row of this very content, so that a second import of it says nothing twice."""
        return f"file:{hashlib.sha256(self.content).hexdigest()[:32]}:{row}"


def preview_list(
    session: Session,
    caller: Caller,
    activity_id: int,
    file: ListFile,
    now: dt.datetime,
    zone: dt.tzinfo,
) -> ListPreview:
    """What a list would change; nothing is stored.

    Raises NotFound `no_activity`, Conflict `cancelled`, `not_begun`, LawlabError `bad_file`.
    """
    return _look(session, caller, find_activity(session, activity_id), file, now, zone)


def apply_list(
    session: Session,
    caller: Caller,
    activity_id: int,
    file: ListFile,
    now: dt.datetime,
    zone: dt.tzinfo,
) -> ListPreview:
    """Say of everybody in the list what it says, as the trainer's word, all or nothing; a repeat
    changes nothing. Raises what `preview_list` raises, and FileFaults."""
    # A large sheet takes seconds to read; nobody else should wait for it.
    _ = file.table
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    preview = _look(session, caller, activity, file, now, zone)
    if preview.faults:
        raise FileFaults(file.name, map(str, preview.faults))
    sayings = [
        Saying(
            row.line.person.person_id,
            file.key(row.line.row),
            Kind.MARK,
            row.status,
            Way.FILE,
            row.line.at or now,
            caller.login,
            "：".join(filter(None, (f"导入名单 {file.name}", row.line.note))),
        )
        for row in preview.changes
    ]
    new = say_all(session, activity, sayings, now)
    if new:
        facts = {"file": file.name, "people": [one.person_id for one in new]}
        note(session, now, caller.login, "activity.list", f"activity:{activity.id}", **facts)
    session.commit()
    return preview


def _look(
    session: Session,
    caller: Caller,
    activity: Activity,
    file: ListFile,
    now: dt.datetime,
    zone: dt.tzinfo,
) -> ListPreview:
    when = activity_times(activity)
    _require_begun(activity, when, now)
    people, expected = _people(session, activity)
    phones = dict(session.execute(select(Person.id, Person.phone)).all())
    found = read_list(
        file.table,
        [
            Listed(one.person_id, one.login, one.name, one.unit, phones.get(one.person_id))
            for one in people.values()
        ],
        when,
        zone,
    )
    faults = list(found.faults)
    served = served_units(session, caller)
    for line in found.lines:
        unit = people[line.person.person_id].unit_id
        if line.status is not None and not may_mark(served, unit):
            where = f"属于“{line.person.unit}”" if line.person.unit else "没有单位"
            faults.append(
                Fault(
                    line.row,
                    f"{line.person.name}{where}，不归您负责。请删去这一行，或者请他的教员导入。",
                )
            )
    before = {
        person: (status, way)
        for person, status, way in session.execute(
            select(Attendance.person_id, Attendance.status, Attendance.way).where(
                Attendance.activity_id == activity.id
            )
        )
    }
    known = set(
        session.scalars(
            select(AttendanceEvent.key).where(
                AttendanceEvent.activity_id == activity.id, AttendanceEvent.key.like("file:%")
            )
        )
    )
    # The cards of an online activity may still take back that somebody signed in.
    may_fall = activity.online and activity.closed_at is None
    rows = tuple(
        _row(
            line,
            before.get(line.person.person_id),
            known=file.key(line.row) in known,
            guest=line.person.person_id not in expected,
            may_fall=may_fall,
        )
        for line in found.lines
    )
    return ListPreview(
        activity.id,
        activity.title,
        file.name,
        rows,
        tuple(sorted(faults, key=lambda fault: fault.row)),
    )


def _require_begun(activity: Activity, when: Times, now: dt.datetime) -> None:
    if activity.cancelled_at:
        raise Conflict("cancelled", f"“{activity.title}”已经取消，不能导入名单。")
    if now < when.opens:
        raise Conflict("not_begun", f"“{activity.title}”还没有开始签到，等活动开始以后再导入名单。")


def _people(
    session: Session, activity: Activity
) -> tuple[Mapping[int, Expected], Mapping[int, Expected]]:
    """Everybody who may stand in a list of an activity, and those of them who are expected."""
    expected = expected_people(session, activity)
    active = session.scalars(select(Person.id).where(Person.active)).all()
    others = set(active) - set(expected)
    guests = people_on(session, activity_day(activity), others) if others else {}
    return {**guests, **expected}, expected


def _row(
    line: Line, before: tuple[str, str] | None, *, known: bool, guest: bool, may_fall: bool
) -> ListRow:
    status, way = before or (None, None)
    if line.status is None:
        return ListRow(line, status, None, "没有写时间和状态")
    if known:
        return ListRow(line, status, None, "这一行已经导入过")
    if guest and line.status in (Status.EXCUSED, Status.ABSENT):
        return ListRow(line, status, None, "不在应到名单里，不用登记没有来")
    if line.status == status and not (may_fall and way == Way.ONLINE):
        return ListRow(line, status, None, "和现在一样")
    return ListRow(line, status, line.status.value)
