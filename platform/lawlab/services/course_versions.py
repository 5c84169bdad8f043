"""Storing a course: the row of what it says of itself, and a version of a lesson with its history
and with everybody's points in step. Steps of a use case; nothing here commits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from lawlab.domain.course import CourseFile
from lawlab.domain.lesson import Lesson
from lawlab.services.content_state import record
from lawlab.services.item_versions import digest
from lawlab.services.scoring import update_scores_of_lesson
from lawlab.store.content import lesson
from lawlab.store.tables import Course, LessonVersion

UNPLACED = 1000
"""Position of courses that name none; they come last, by their slugs."""


def store_course_row(
    session: Session,
    slug: str,
    file: CourseFile,
    order: Sequence[str],
    *,
    reviewer: str,
    by: str,
    now: datetime,
) -> bool:
    """Make the course say what its file says, and show the lessons of `order`. False when it did so
    already."""
    row = session.get(Course, slug)
    facts = (file.title, file.law, file.about() | {"order": list(order)})
    place = file.position or UNPLACED
    if row and (row.title, row.law, row.about, row.position) == (*facts, place):
        return False
    if row is None:
        row = Course(slug=slug)
        session.add(row)
    row.title, row.law, row.about = facts
    row.position = place
    record(session, "course", slug, "publish", by, now, reviewer=reviewer)
    session.flush()
    return True


def course_file(row: Course) -> CourseFile:
    """The `course.toml` that a published course would have."""
    about = row.about
    return CourseFile(
        row.title,
        row.law,
        tuple(about["order"]),
        tuple(about["sources"]),
        date.fromisoformat(about["checked"]),
        tuple(about["audience"]),
        tuple(about.get("awaits", ())),
        row.position if row.position < UNPLACED else None,
    )


def store_lesson(
    session: Session,
    slug: str,
    stem: str,
    content: Lesson,
    before: LessonVersion | None,
    *,
    position: int,
    reviewer: str,
    by: str,
    now: datetime,
    note: str = "",
) -> LessonVersion:
    """Add the version that comes after `before`. Whoever answered its cards keeps what he has of
    those that are still there; points and completion follow."""
    row = LessonVersion(
        course_slug=slug,
        lesson=stem,
        version=before.version + 1 if before else 1,
        position=position,
        title=content.title,
        cards=list(content.cards),
        notebook=notebook_text(content),
        sha256=digest(content.notebook),
        reviewer=reviewer,
        published_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        "lesson",
        f"{slug}/{stem}",
        "publish",
        by,
        now,
        version=row.version,
        reviewer=reviewer,
        note=note,
    )
    if before and before.cards != row.cards:
        update_scores_of_lesson(session, lesson(session, slug, stem), now)
    return row


def notebook_text(content: Lesson) -> str:
    """The text of a published notebook: one text for each content."""
    return json.dumps(content.notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
