"""Attendance as plain data, for pages and notebooks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lawlab.domain.attendance import WARN_AFTER, WARN_BELOW, Rate, Status
from lawlab.services.attendance_import import ListPreview
from lawlab.services.attendance_records import (
    ActivityLine,
    PersonLine,
    PersonRecord,
    UnitLine,
    UnitRecord,
    Year,
)
from lawlab.services.attendance_sign_sheet import SignSheet
from lawlab.store.tables import Activity


def year_figures(sheet: Year) -> dict[str, Any]:
    """The whole year, and each status of each person; shares from 0 to 1, nothing rounded."""
    logins = {one.id: one.login for one in sheet.people.values()}
    return {
        "year": sheet.year,
        "years": sheet.years,
        "activities": [_activity_line(line) for line in sheet.activity_lines],
        "people": [_person_line(line) for line in sheet.person_lines],
        "units": [_unit_line(line) for line in sheet.unit_lines],
        "marks": [
            [mark.activity_id, logins[mark.person_id], mark.status] for mark in sheet.counted
        ],
        "rules": {"below": WARN_BELOW, "after": WARN_AFTER},
    }


def person_figures(record: PersonRecord) -> dict[str, Any]:
    return {
        "year": record.year.year,
        "years": record.year.years,
        "person": _person_line(record.line),
        "record": _rate(record.line.rate),
        "activities": [
            activity_facts(one.activity)
            | {
                "status": one.mark.status,
                "way": one.way,
                "at": one.at,
                "by": one.by,
                "reason": one.reason,
                "guest": not one.mark.expected,
            }
            for one in record.marks
        ],
    }


def unit_figures(record: UnitRecord) -> dict[str, Any]:
    return {
        "year": record.year.year,
        "years": record.year.years,
        "unit": _unit_line(record.line),
        "people": [_person_line(line) for line in record.people],
        "activities": [activity_facts(one) | _rate(rate) for one, rate in record.activities],
    }


def sheet_figures(sheet: SignSheet, town: str, now: dt.datetime) -> dict[str, Any]:
    return {
        "activity": activity_facts(sheet.activity),
        "rows": [{"number": number, **vars(row)} for number, row in enumerate(sheet.rows, 1)],
        "town": town,
        "printed_at": now,
    }


def import_figures(preview: ListPreview, *, applied: bool) -> dict[str, Any]:
    return {
        "activity": {"id": preview.activity_id, "title": preview.title},
        "rows": [
            {
                "row": row.line.row,
                "person": {
                    "login": row.line.person.login,
                    "name": row.line.person.name,
                    "unit": row.line.person.unit,
                },
                "text": row.line.text,
                "status": row.status,
                "at": row.line.at,
                "before": row.before,
                "why": row.why,
            }
            for row in preview.rows
        ],
        "faults": [{"row": fault.row, "text": fault.text} for fault in preview.faults],
        "applied": applied,
    }


def activity_facts(activity: Activity) -> dict[str, Any]:
    """What names an activity in records."""
    return {
        "id": activity.id,
        "title": activity.title,
        "phase": activity.phase,
        "place": activity.place,
        "online": activity.online,
        "organizer": activity.organizer.name if activity.organizer else None,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "closed": activity.closed_at is not None,
        "cancelled": activity.cancelled_at is not None,
    }


def _activity_line(line: ActivityLine) -> dict[str, Any]:
    return activity_facts(line.activity) | {"expected": line.expected, "there": line.there}


def _person_line(line: PersonLine) -> dict[str, Any]:
    return {
        "login": line.login,
        "name": line.name,
        "unit": line.unit,
        "cohorts": list(line.cohorts),
        "active": line.active,
        **_rate(line.rate),
        **{status.value: line.counts.get(status, 0) for status in Status},
        "behind": line.behind and line.active,
    }


def _unit_line(line: UnitLine) -> dict[str, Any]:
    return {
        "unit": line.unit,
        "kind": line.kind,
        "members": line.members,
        **_rate(line.rate),
    }


def _rate(found: Rate) -> dict[str, Any]:
    return {
        "expected": found.expected,
        "there": found.there,
        "points": found.points,
        "most": found.most,
        "share": found.share,
        "score": found.score,
    }
