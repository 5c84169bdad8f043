"""What published lessons treat: their articles and what in them is 待核, read from a notebook once
and then kept, since a version never changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lawlab.domain.lesson import Unconfirmed, read_lesson
from lawlab.domain.statute import ArticleRef
from lawlab.store.content import CourseRow, LessonRow, notebooks


@dataclass(frozen=True)
class LessonContent:
    """Articles in the order of the lesson, each once; statements marked 待核."""

    articles: tuple[ArticleRef, ...]
    unconfirmed: tuple[Unconfirmed, ...]


_kept: dict[str, LessonContent] = {}
"""By the SHA-256 of the notebook."""


def lesson_contents(
    session: Session, rows: Iterable[LessonRow]
) -> dict[tuple[str, str], LessonContent]:
    """(course, lesson) → what each of these lessons treats."""
    rows = list(rows)
    unread = {row.sha256 for row in rows} - _kept.keys()
    for sha256, notebook in notebooks(session, unread).items():
        lesson, _ = read_lesson(json.loads(notebook))
        articles = tuple(dict.fromkeys(lesson.articles))
        _kept[sha256] = LessonContent(articles, lesson.unconfirmed)
    return {(row.course, row.lesson): _kept[row.sha256] for row in rows}


def lessons_of_law(
    session: Session, shelves: Iterable[CourseRow], law: str
) -> dict[ArticleRef, list[tuple[CourseRow, LessonRow]]]:
    """Article of one law → the lessons that treat it, over all courses, in their order."""
    shelves = list(shelves)
    contents = lesson_contents(session, (row for shelf in shelves for row in shelf.lessons))
    found: dict[ArticleRef, list[tuple[CourseRow, LessonRow]]] = {}
    for shelf in shelves:
        for row in shelf.lessons:
            for ref in contents[row.course, row.lesson].articles:
                if ref.law == law:
                    found.setdefault(ref, []).append((shelf, row))
    return found
