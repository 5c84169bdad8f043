"""Queries over the pictures of published lessons."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.picture import FOLDER
from lawlab.store.tables import LessonPicture


def shown_pictures(
    session: Session, lessons: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], bytes]:
    """(course, name) → content of the pictures that one of these notebooks shows; `lessons` is
    what `store.content.lesson_pages` gives."""
    texts: dict[str, str] = {}
    for (course, _), notebook in lessons.items():
        texts[course] = texts.get(course, "") + notebook
    rows = session.execute(select(LessonPicture.course_slug, LessonPicture.name))
    keys = [(course, name) for course, name in rows]
    names = [key for key in keys if f"]({FOLDER}/{key[1]})" in texts.get(key[0], "")]
    found = {}
    for course, name in names:
        row = session.get_one(LessonPicture, (course, name))
        found[course, name] = row.content
    return found
