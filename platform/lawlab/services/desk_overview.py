"""The first page of the trainers' desk: all courses, and what waits for a person."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.course import LESSON
from lawlab.errors import LawlabError, NotFound
from lawlab.services.attendance_board import waiting_activities
from lawlab.services.confirmations import statements
from lawlab.services.content_state import states
from lawlab.services.course_versions import course_file
from lawlab.services.draft_course import read_draft_lesson
from lawlab.services.draft_files import DraftFiles
from lawlab.services.item_versions import digest
from lawlab.services.laws import awaited_laws
from lawlab.services.lesson_standing import CHANGED, NEW, Standing, is_old, standing_of
from lawlab.services.quiz_desk import waiting_quizzes
from lawlab.store import items as store
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import Course


def overview(
    session: Session, files: DraftFiles, statutes: Statutes, now: datetime
) -> dict[str, Any]:
    """Everything that waits for a trainer, and all courses."""
    today = china_day(now)
    published = [
        row
        for row in session.scalars(select(Course).order_by(Course.position, Course.slug))
        if not row.about.get("reading")
    ]
    drafted = files.slugs()
    slugs = [row.slug for row in published]
    slugs += [slug for slug in drafted if slug not in slugs]
    lines = [_line(session, files, slug, slug in drafted) for slug in slugs]
    return {
        "courses": lines,
        "item_drafts": len(store.drafts(session)),
        "stale_items": _stale(session),
        "unconfirmed": sum(each.confirmation is None for each in statements(session)),
        "old_courses": [
            {"slug": row.slug, "title": row.title, "checked": row.about["checked"]}
            for row in published
            if is_old(course_file(row).checked, today)
        ],
        "awaited": _awaited(session, statutes),
        "quizzes": waiting_quizzes(session),
        "activities": waiting_activities(session),
    }


def _line(session: Session, files: DraftFiles, slug: str, drafted: bool) -> dict[str, Any]:
    standing = standing_of(session, slug)
    course = standing.course
    relations = _relations(files, slug, standing) if drafted else {}
    shown = [stem for stem in standing.newest if standing.shown(stem) == "in_use"]
    return {
        "slug": slug,
        "title": course.title if course else slug,
        "law": course.law if course else "",
        "published": course is not None,
        "draft": drafted,
        "lessons": len(shown),
        "withdrawn": len(standing.out),
        "changed": sum(relation == CHANGED for relation in relations.values()),
        "new": sum(relation == NEW for relation in relations.values()),
        "checked": course.about["checked"] if course else "",
    }


_digests: dict[tuple[str, str, tuple[int, int]], str] = {}
"""(course, lesson, mark of its file) → digest: the desk is opened more often than lessons
change."""


def _relations(files: DraftFiles, slug: str, standing: Standing) -> dict[str, str]:
    found, bases = {}, files.bases(slug)
    for stem in files.notebooks(slug):
        if LESSON.fullmatch(stem):
            with suppress(LawlabError):
                sha256 = _draft_digest(files, slug, stem)
                found[stem] = standing.of_draft(stem, sha256, bases.get(stem, 0))
    return found


def _draft_digest(files: DraftFiles, slug: str, stem: str) -> str:
    mark = files.mark(slug, stem)
    if mark is None:
        return ""
    key = (str(files.folder / slug), stem, mark)
    if key not in _digests:
        file = files.notebook(slug, stem)
        if len(_digests) > 5000:
            _digests.clear()
        _digests[key] = digest(read_draft_lesson(file)[0].notebook) if file else ""
    return _digests[key]


def _awaited(session: Session, statutes: Statutes) -> list[str]:
    """Laws that the town imports itself and has not yet."""
    missing = []
    for law in sorted(awaited_laws(session)):
        try:
            statutes.versions(law)
        except NotFound:
            missing.append(law)
    return missing


def _stale(session: Session) -> int:
    return sum(state.state == "stale" for state in states(session, "item").values())
