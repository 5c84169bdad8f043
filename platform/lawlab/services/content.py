"""Publishing: content is checked completely, then stored as new immutable versions, then written
as pages. Reads of published content are in `lawlab.store.content` and offered here too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from lawlab.config import Settings
from lawlab.domain.bank import Bank
from lawlab.domain.course_order import merged_order
from lawlab.errors import Conflict, FileFaults
from lawlab.services.checking import (
    CourseFolder,
    bank_files,
    check_bank,
    check_course,
    course_folders,
    read_text,
)
from lawlab.services.course_versions import store_course_row, store_lesson
from lawlab.services.item_versions import (
    COMMAND_LINE,
    checked_reviewer,
    digest,
    store_bank_row,
    store_version,
)
from lawlab.services.pages import write_pages
from lawlab.services.pictures import store_pictures
from lawlab.store.content import (
    MADE_BANK,
    CourseRow,
    LessonRow,
    bank_items,
    courses,
    current_items,
    digests_ever,
    item_version,
    lesson,
    newest_items,
    newest_lessons,
)
from lawlab.store.engine import writing
from lawlab.store.statutes import Statutes, china_day, statutes_of
from lawlab.store.tables import Course, ItemVersion, LessonVersion, Publication

__all__ = [
    "CourseRow",
    "LessonRow",
    "Published",
    "bank_items",
    "courses",
    "current_items",
    "item_version",
    "lesson",
    "publish_bank",
    "publish_course",
    "seed",
    "write_pages",
]

SEED_REVIEWER = "随程序附带"


@dataclass(frozen=True)
class Published:
    """What publishing one bank or course did: what is new, changed, and was there already."""

    name: str
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


def publish_bank(
    session: Session,
    file: Path | str,
    statutes: Statutes,
    now: dt.datetime,
    reviewer: str = COMMAND_LINE,
) -> Published:
    """Store the items of a bank, given as a file or as its text. An unchanged item gets no version,
    a withdrawn one stays withdrawn. `reviewer` answers for the law.

    Raises LawlabError `no_reviewer`, FileFaults with every fault, Conflict `published_meanwhile`;
    then nothing was written.
    """
    reviewer = checked_reviewer(reviewer)
    with publishing(session):
        return _store_bank(session, file, statutes, now, reviewer, COMMAND_LINE)


def publish_course(
    session: Session,
    folder: Path,
    statutes: Statutes,
    reviewer: str,
    pages: Path,
    now: dt.datetime,
    by: str = COMMAND_LINE,
    note: str = "",
) -> Published:
    """Store all lessons of a course folder and write their pages. `reviewer` answers for the law.
    A lesson that the folder does not have leaves the course; a withdrawn one stays withdrawn.

    Raises LawlabError `no_reviewer`, FileFaults with every fault, Conflict `published_meanwhile`;
    then nothing was written.
    """
    with publishing(session):
        done = _store_course(session, folder, statutes, reviewer, by, now, note=note)
    write_pages(session, pages)
    return done


def seed(
    session: Session,
    repository: Path,
    settings: Settings,
    now: dt.datetime,
    statutes: Statutes | None = None,
) -> list[Published]:
    """Publish every bank and course of the repository together; a repeat changes nothing.

    Content that was published before and replaced since, by a trainer, is not brought back.
    Raises FileFaults with every fault of the first faulty file; then nothing was written.
    """
    statutes = statutes or statutes_of(session)
    with publishing(session):
        ever = digests_ever(session)
        done = [
            _store_bank(session, file, statutes, now, SEED_REVIEWER, SEED_REVIEWER, ever)
            for file in bank_files(repository)
        ]
        done += [
            _store_course(session, folder, statutes, SEED_REVIEWER, SEED_REVIEWER, now, ever)
            for folder in course_folders(repository)
        ]
    write_pages(session, settings.pages)
    return done


@contextmanager
def publishing(session: Session) -> Iterator[None]:
    """All that is stored inside is committed together, or nothing is."""
    writing(session)
    try:
        yield
        session.commit()
    except (IntegrityError, StaleDataError):  # a row was added or taken away meanwhile
        session.rollback()
        raise Conflict(
            "published_meanwhile",
            "另有人刚刚改动了同样的内容，这次没有写入。请看过现在的样子再试。",
        ) from None
    except BaseException:
        session.rollback()
        raise


def _store_bank(
    session: Session,
    file: Path | str,
    statutes: Statutes,
    now: dt.datetime,
    reviewer: str,
    by: str,
    settled: Container[str] = (),
) -> Published:
    text, where = (file, "题库") if isinstance(file, str) else (read_text(file), file.name)
    bank = check_bank(text, where, statutes, china_day(now))
    stored = newest_items(session)
    _refuse_foreign_items(bank, stored, where)
    store_bank_row(session, bank.slug, bank.law, bank.awaits, [q.id for q in bank.questions])
    tally = _Tally(bank.slug, settled)
    for question in bank.questions:
        before = stored.get(question.id)
        if tally.differs(question.id, before, digest(question.to_json())):
            after = before.version if before else 0
            store_version(
                session, question, bank.slug, statutes, now, after=after, reviewer=reviewer, by=by
            )
    return tally.published()


def _store_course(
    session: Session,
    folder: Path,
    statutes: Statutes,
    reviewer: str,
    by: str,
    now: dt.datetime,
    settled: Container[str] = (),
    note: str = "",
) -> Published:
    reviewer = checked_reviewer(reviewer)
    course = check_course(folder, statutes, china_day(now), newest_items(session))
    stored, tally = newest_lessons(session, course.slug), _Tally(course.slug, settled)
    seeding = by == SEED_REVIEWER
    # What a trainer has published since stays his: how the course presents itself, its pictures.
    own = seeding and _is_towns(session, course.slug, stored)
    facts: dict[str, Any] = {"reviewer": reviewer, "by": by, "now": now}
    if own:
        _add_to_order(session, course, stored)
    else:
        store_course_row(session, course.slug, course.file, course.file.order, **facts)
    for position, (stem, content) in enumerate(course.lessons.items(), 1):
        before = stored.get(stem)
        if tally.differs(stem, before, digest(content.notebook)):
            facts |= {"position": position, "note": note}
            store_lesson(session, course.slug, stem, content, before, **facts)
    store_pictures(session, course.slug, course.pictures, keep=own)
    return tally.published()


def _is_towns(session: Session, slug: str, stored: Mapping[str, LessonVersion]) -> bool:
    """True when somebody here has published something of this course."""
    changed = select(Publication.id).where(
        Publication.kind == "course", Publication.name == slug, Publication.by != SEED_REVIEWER
    )
    return (
        any(row.reviewer != SEED_REVIEWER for row in stored.values())
        or session.scalar(changed.limit(1)) is not None
    )


def _add_to_order(
    session: Session, course: CourseFolder, stored: Mapping[str, LessonVersion]
) -> None:
    """Show the lessons that a release brings for the first time, and leave the rest as it is."""
    row = session.get_one(Course, course.slug)
    order = row.about["order"]
    shipped = [stem for stem in course.file.order if stem in order or stem not in stored]
    row.about = row.about | {"order": list(merged_order(order, shipped, order))}
    session.flush()


def _refuse_foreign_items(bank: Bank, stored: dict[str, ItemVersion], where: str) -> None:
    faults = [
        f"{question.id}：这个编号已经在题库 {stored[question.id].bank} 里用了。"
        for question in bank.questions
        if question.id in stored and stored[question.id].bank != bank.slug
    ]
    if bank.slug == MADE_BANK or any(q.id.startswith(f"{MADE_BANK}-") for q in bank.questions):
        faults.append(f"“{MADE_BANK}”留给由法条生成的题，题库名和编号开头都请换一个。")
    if faults:
        raise FileFaults(where, faults)


class _Tally:
    """Sorts what is published into new, changed and same. Digests that are `settled` count as the
    same, whatever is stored now."""

    def __init__(self, name: str, settled: Container[str]) -> None:
        self._name = name
        self._settled = settled
        self._new: list[str] = []
        self._changed: list[str] = []
        self._same: list[str] = []

    def differs(self, name: str, before: ItemVersion | LessonVersion | None, sha256: str) -> bool:
        """True when `name` needs a new version."""
        if before is None:
            self._new.append(name)
            return True
        same = before.sha256 == sha256 or sha256 in self._settled
        (self._same if same else self._changed).append(name)
        return not same

    def published(self) -> Published:
        return Published(self._name, tuple(self._new), tuple(self._changed), tuple(self._same))
