"""Reads for the boards: who is expected on a day, and what everybody has earned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.board import PersonRow
from lawlab.store.tables import CohortMembership, Person, Score, Unit, UnitMembership

PARTS = {"learn": "lesson", "quiz": "quiz", "meet": "activity", "drill": "drill"}
"""Part of a person's points → how the sources of its scores begin."""


def member_rows(session: Session, day: dt.date, cohort: str | None = None) -> list[PersonRow]:
    """A line for each active person who is in a cohort (or in `cohort`) on `day`, with his points.

    Points come from `scores` alone, which is kept in step with all that people do.
    """
    expected = (
        select(CohortMembership.person_id)
        .where(_holds(CohortMembership, day))
        .where(
            CohortMembership.cohort == cohort if cohort else CohortMembership.cohort.is_not(None)
        )
    )
    earned = (
        select(
            Score.person_id,
            func.sum(Score.points).label("points"),
            *(
                func.sum(Score.points).filter(Score.source.like(f"{kind}:%")).label(part)
                for part, kind in PARTS.items()
            ),
        )
        .group_by(Score.person_id)
        .subquery()
    )
    unit = (
        select(UnitMembership.person_id, Unit.name)
        .join(Unit)
        .where(_holds(UnitMembership, day))
        .subquery()
    )
    rows = session.execute(
        select(Person.login, Person.full_name, unit.c.name, earned)
        .outerjoin(earned, earned.c.person_id == Person.id)
        .outerjoin(unit, unit.c.person_id == Person.id)
        .where(Person.active, Person.id.in_(expected))
    )
    return [_row(login, name, unit_name, points) for login, name, unit_name, _id, *points in rows]


def _row(login: str, name: str, unit: str | None, earned: Sequence[float | None]) -> PersonRow:
    # Rounded, so that sums of the same points are equal in whatever order they were added.
    points: dict[str, Any] = {
        part: round(value or 0.0, 2) for part, value in zip(("points", *PARTS), earned, strict=True)
    }
    return PersonRow(login, name, unit, **points)


def scores_revision(session: Session) -> str:
    """A short text that changes whenever a score does."""
    count, newest = session.execute(select(func.count(), func.max(Score.changed_at))).one()
    return f"{count}-{newest.timestamp():.6f}" if count else "0"


def _holds(
    table: type[CohortMembership] | type[UnitMembership], day: dt.date
) -> ColumnElement[bool]:
    return and_(table.since <= day, or_(table.until.is_(None), table.until > day))
