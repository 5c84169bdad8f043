"""Queries over published content. Each read is one query on a unique index."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lawlab.domain.question import Question
from lawlab.errors import NotFound
from lawlab.store.tables import ContentState, Course, ItemVersion, LessonVersion

MADE_BANK = "made"
"""Questions made from the law itself stand in no bank that trainers keep; only practice asks them
(`services.drill_pool`)."""


@dataclass(frozen=True)
class LessonRow:
    """The current version of a lesson, without its notebook. `position` orders a course."""

    course: str
    lesson: str
    version: int
    position: int
    title: str
    cards: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class CourseRow:
    """A course with the lessons that it shows, in order."""

    slug: str
    title: str
    law: str
    about: dict[str, Any]
    lessons: tuple[LessonRow, ...]


def current_items(session: Session, ids: Collection[str]) -> dict[str, tuple[int, int, Question]]:
    """Item → (id of its newest version, version, question) of the items in use among `ids`."""
    if not ids:
        return {}
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.version, ItemVersion.body).where(
            ItemVersion.item.in_(set(ids)), _newest_item(), _item_in_use()
        )
    )
    found = {body["id"]: (row, version, Question.from_json(body)) for row, version, body in rows}
    return {item: found[item] for item in ids if item in found}


def out_of_use(session: Session, kind: str = "item") -> set[str]:
    """Names of the content of one kind that is withdrawn or stale: items, or `course/lesson`."""
    return set(session.scalars(select(ContentState.name).where(ContentState.kind == kind)))


def item_version(session: Session, item: str, version: int) -> tuple[int, Question] | None:
    """The id of one version of an item and its question, or None when there is none. In use or not:
    what was answered and marked keeps its text."""
    row = session.execute(
        select(ItemVersion.id, ItemVersion.body).where(
            ItemVersion.item == item, ItemVersion.version == version
        )
    ).first()
    return (row[0], Question.from_json(row[1])) if row else None


def item_versions(session: Session, rows: Collection[int]) -> dict[int, tuple[int, Question]]:
    """Id of a stored version → its number and question, whatever became of the item since."""
    if not rows:
        return {}
    found = session.execute(
        select(ItemVersion.id, ItemVersion.version, ItemVersion.body).where(
            ItemVersion.id.in_(rows)
        )
    )
    return {row: (version, Question.from_json(body)) for row, version, body in found}


def bank_items(session: Session, bank: str) -> dict[str, tuple[int, int, Question]]:
    """The newest version of every item of a bank in use, as `current_items` gives them, by id.
    Nothing of MADE_BANK: no paper is built of it, whatever a blueprint says."""
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.version, ItemVersion.body)
        .where(
            ItemVersion.bank == bank,
            ItemVersion.bank != MADE_BANK,
            _newest_item(),
            _item_in_use(),
        )
        .order_by(ItemVersion.item)
    )
    return {body["id"]: (row, version, Question.from_json(body)) for row, version, body in rows}


def newest_items(session: Session) -> dict[str, ItemVersion]:
    """Item → the row of its newest version, over all banks, in use or not; no made question."""
    rows = session.scalars(select(ItemVersion).where(_newest_item(), ItemVersion.bank != MADE_BANK))
    return {row.item: row for row in rows}


def newest_item_ids(session: Session) -> dict[str, int]:
    """The same with ids only, without loading what they say."""
    rows = session.execute(
        select(ItemVersion.item, ItemVersion.id).where(
            _newest_item(), ItemVersion.bank != MADE_BANK
        )
    )
    return dict(iter(rows))


def courses(session: Session) -> list[CourseRow]:
    """Every course with its current lessons. A lesson that was withdrawn or taken out of the order
    is not among them."""
    shelves: dict[str, tuple[Course, list[LessonRow]]] = {}
    query = (
        select(Course, *_LESSON)
        .outerjoin(
            LessonVersion,
            (LessonVersion.course_slug == Course.slug) & _newest_lesson() & _lesson_in_use(),
        )
        .order_by(Course.position, Course.slug)
    )
    for course, *columns in session.execute(query):
        _, lessons = shelves.setdefault(course.slug, (course, []))
        if columns[0] is not None and columns[1] in course.about["order"]:
            row = _lesson_row(columns, course.about["order"])
            lessons.append(row)
    return [
        CourseRow(
            course.slug,
            course.title,
            course.law,
            course.about,
            tuple(sorted(lessons, key=lambda row: row.position)),
        )
        for course, lessons in shelves.values()
    ]


def lesson(session: Session, course: str, stem: str) -> LessonRow:
    """The current version of a lesson, also of one that its course no longer shows.

    Raises NotFound `no_lesson`.
    """
    query: Select[Any] = (
        select(Course.about, *_LESSON)
        .join(LessonVersion, LessonVersion.course_slug == Course.slug)
        .where(LessonVersion.course_slug == course, LessonVersion.lesson == stem)
        .order_by(LessonVersion.version.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound("no_lesson", f"没有“{course}/{stem}”这一课。", course=course, lesson=stem)
    about, *columns = row
    return _lesson_row(columns, about["order"])


def lessons_with_card(session: Session, item: str) -> list[LessonRow]:
    """The current lessons that have an item among their check cards, whatever course shows them."""
    rows = session.execute(
        select(Course.about, *_LESSON)
        .join(LessonVersion, LessonVersion.course_slug == Course.slug)
        .where(_newest_lesson())
        .order_by(LessonVersion.course_slug, LessonVersion.lesson)
    )
    found = [_lesson_row(columns, about["order"]) for about, *columns in rows]
    return [row for row in found if item in row.cards]


def lesson_pages(session: Session) -> dict[tuple[str, str], str]:
    """(course, lesson) → the notebook of each lesson that its course shows."""
    rows = session.execute(
        select(
            Course.about, LessonVersion.course_slug, LessonVersion.lesson, LessonVersion.notebook
        )
        .join(LessonVersion, LessonVersion.course_slug == Course.slug)
        .where(_newest_lesson(), _lesson_in_use())
    )
    return {(course, stem): text for about, course, stem, text in rows if stem in about["order"]}


def notebooks(session: Session, digests: Collection[str]) -> dict[str, str]:
    """SHA-256 → the notebook of each lesson version that has one of them."""
    if not digests:
        return {}
    rows = session.execute(
        select(LessonVersion.sha256, LessonVersion.notebook).where(
            LessonVersion.sha256.in_(set(digests))
        )
    )
    return dict(list(rows))


def newest_lessons(session: Session, course: str) -> dict[str, LessonVersion]:
    """Lesson → the row of its newest version."""
    rows = session.scalars(
        select(LessonVersion).where(LessonVersion.course_slug == course, _newest_lesson())
    )
    return {row.lesson: row for row in rows}


def digests_ever(session: Session) -> set[str]:
    """SHA-256 of every version of every item and lesson that was ever published."""
    return {
        *session.scalars(select(ItemVersion.sha256)),
        *session.scalars(select(LessonVersion.sha256)),
    }


_LESSON: tuple[InstrumentedAttribute[Any], ...] = (
    LessonVersion.course_slug,
    LessonVersion.lesson,
    LessonVersion.version,
    LessonVersion.position,
    LessonVersion.title,
    LessonVersion.cards,
    LessonVersion.sha256,
)


def _lesson_row(columns: list[Any], order: list[str]) -> LessonRow:
    course, stem, version, position, title, cards, sha256 = columns
    # The course's order is newer than the position with which a version was published.
    place = order.index(stem) + 1 if stem in order else position
    return LessonRow(course, stem, version, place, title, tuple(cards), sha256)


@cache
def _newest_item() -> ColumnElement[bool]:
    other = aliased(ItemVersion)
    newest = select(func.max(other.version)).where(other.item == ItemVersion.item)
    return ItemVersion.version == newest.scalar_subquery()


@cache
def _item_in_use() -> ColumnElement[bool]:
    return ~exists().where(ContentState.kind == "item", ContentState.name == ItemVersion.item)


@cache
def _newest_lesson() -> ColumnElement[bool]:
    other = aliased(LessonVersion)
    newest = select(func.max(other.version)).where(
        other.course_slug == LessonVersion.course_slug, other.lesson == LessonVersion.lesson
    )
    return LessonVersion.version == newest.scalar_subquery()


@cache
def _lesson_in_use() -> ColumnElement[bool]:
    name = LessonVersion.course_slug + "/" + LessonVersion.lesson
    return ~exists().where(ContentState.kind == "lesson", ContentState.name == name)
