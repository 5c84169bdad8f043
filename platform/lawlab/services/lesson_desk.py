"""A course on the trainers' desk, with its lessons and their drafts; and one lesson, with what its
draft changes and its history."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.course import CourseFile
from lawlab.domain.lesson import Lesson, read_lesson
from lawlab.domain.lesson_diff import NAMES, lesson_changes
from lawlab.errors import NotFound
from lawlab.services.course_versions import course_file
from lawlab.services.draft_course import (
    DraftCourse,
    DraftLesson,
    known_content,
    read_draft_course,
)
from lawlab.services.draft_files import DraftFiles, checked_names, lab_address
from lawlab.services.item_desk import history_lines
from lawlab.services.lesson_drafts import refuse_reading
from lawlab.services.lesson_standing import BEHIND, CHANGED, SAME, Standing, is_old, standing_of
from lawlab.store import items as store
from lawlab.store.content import newest_items
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import LessonVersion

STATES = {"in_use": "在用", "withdrawn": "已撤下", "out": "不在课程里", "new": "新"}
"""Whether learners see a lesson, in words."""
EMPTY: dict[str, Any] = {"cells": []}


def course_detail(
    session: Session, files: DraftFiles, slug: str, statutes: Statutes, now: datetime
) -> dict[str, Any]:
    """One course: what it says of itself, its lessons, and what is wrong with their drafts.

    Raises NotFound `no_course`.
    """
    checked_names(slug)
    refuse_reading(session, slug)
    standing = standing_of(session, slug)
    has_draft = files.has(slug)
    if standing.course is None and not has_draft:
        raise NotFound("no_course", f"没有名为“{slug}”的课程。", course=slug)
    draft = _draft(session, files, slug, statutes, now) if has_draft else None
    file = draft.file if draft and draft.file else None
    shown = course_file(standing.course) if standing.course else None
    about = file or shown
    order = [*(file.order if file else ()), *(shown.order if shown else ())]
    stems = dict.fromkeys(
        [*order, *(draft.lessons if draft else ()), *sorted(standing.newest), *sorted(standing.out)]
    )
    lines = [
        lesson_line(standing, stem, draft.lessons.get(stem) if draft else None)
        for stem in stems
        if stem in standing.newest or (draft and stem in draft.lessons)
    ]
    return {
        "course": slug,
        "title": about.title if about else slug,
        "law": about.law if about else "",
        "published": standing.course is not None,
        "draft": has_draft,
        "lab": lab_address(slug),
        "about": _about(about) if about else None,
        "about_stamp": draft.stamp if draft else "",
        "about_changed": bool(file) and file != shown and _about(file) != _about(shown),
        "old": bool(about and is_old(about.checked, china_day(now))),
        "faults": list(draft.faults) if draft else [],
        "notes": list(draft.notes) if draft else [],
        "lessons": lines,
        "reviewers": store.reviewers(session),
    }


def lesson_detail(
    session: Session,
    files: DraftFiles,
    slug: str,
    stem: str,
    statutes: Statutes,
    now: datetime,
) -> dict[str, Any]:
    """One lesson: what its draft changes and what is wrong with it, and its history.

    Raises NotFound `no_lesson`.
    """
    checked_names(slug, stem)
    standing = standing_of(session, slug)
    draft = None
    if files.has(slug):
        draft = _draft(session, files, slug, statutes, now, only={stem}).lessons.get(stem)
    row = standing.newest.get(stem)
    if row is None and draft is None:
        raise NotFound("no_lesson", f"没有“{slug}/{stem}”这一课。", course=slug, lesson=stem)
    course = standing.course
    events = store.history(session, "lesson", f"{slug}/{stem}")
    state = standing.out.get(stem)
    names = store.full_names(session, [event.by for event in events])
    published = _content(row) if row else None
    return {
        "course": slug,
        "course_title": course.title if course else slug,
        **lesson_line(standing, stem, draft),
        "lab": lab_address(slug, stem),
        "withdrawn_by": names.get(state.by, state.by) if state else "",
        "changes": _changes(session, published, draft.content) if draft else [],
        "history": history_lines(_versions(session, slug, stem), events, names),
        "reviewers": store.reviewers(session),
    }


def lesson_line(standing: Standing, stem: str, draft: DraftLesson | None) -> dict[str, Any]:
    """One lesson in the list of its course."""
    row, state = standing.newest.get(stem), standing.out.get(stem)
    relation = standing.of_draft(stem, draft.digest, draft.base) if draft else ""
    slug = standing.course.slug if standing.course else ""
    line: dict[str, Any] = {
        "lesson": stem,
        "title": (draft.content.title if draft else "") or (row.title if row else "") or stem,
        "state": standing.shown(stem),
        "reason": state.reason if state else "",
        "since": state.since.isoformat() if state else "",
        "version": row.version if row else 0,
        "published_at": row.published_at.isoformat() if row else "",
        "reviewer": row.reviewer if row else "",
        "url": f"/services/learn/lesson/{slug}/{stem}" if row else "",
        "draft": None,
        "faults": [],
    }
    if draft:
        line["draft"] = {
            "relation": relation,
            "stamp": draft.stamp,
            "changed_at": draft.changed_at.isoformat(),
            # Somebody published a version since this draft began: it would undo that.
            "older": bool(row and relation == CHANGED and 0 < draft.base < row.version),
        }
        # What is published as it stands here has no faults that are the draft's business.
        line["faults"] = [] if relation in (SAME, BEHIND) else [asdict(f) for f in draft.faults]
    return line


def _draft(
    session: Session,
    files: DraftFiles,
    slug: str,
    statutes: Statutes,
    now: datetime,
    only: Container[str] | None = None,
) -> DraftCourse:
    known = known_content(session, statutes, china_day(now))
    return read_draft_course(session, files, slug, known, only)


def _about(file: CourseFile | None) -> dict[str, Any] | None:
    if file is None:
        return None
    return {"title": file.title, "law": file.law, "position": file.position} | file.about()


def _content(row: LessonVersion) -> Lesson:
    return read_lesson(json.loads(row.notebook))[0]


def _changes(session: Session, before: Lesson | None, after: Lesson) -> list[dict[str, Any]]:
    found = lesson_changes(before.notebook if before else EMPTY, after.notebook or EMPTY)
    stems = _stems(session, {change.text for change in found if change.kind == "check"})
    return [
        {
            "state": change.state,
            "kind": NAMES.get(change.kind, change.kind),
            "pieces": change.pieces,
            "about": stems.get(change.text, "") if change.kind == "check" else "",
        }
        for change in found
    ]


def _stems(session: Session, items: set[str]) -> Mapping[str, str]:
    """Item → what it asks, of published items and drafts."""
    drafts = {item: row.body.get("stem", "") for item, row in store.drafts(session).items()}
    published = {item: row.body["stem"] for item, row in newest_items(session).items()}
    return {item: text for item, text in (drafts | published).items() if item in items}


def _versions(session: Session, slug: str, stem: str) -> list[LessonVersion]:
    query = select(LessonVersion).where(
        LessonVersion.course_slug == slug, LessonVersion.lesson == stem
    )
    return list(session.scalars(query.order_by(LessonVersion.version.desc())))
