"""Publishing: content is checked completely, then stored as new immutable versions, then written
as pages. Reads of published content are in `lawlab.store.content` and offered here too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lawlab.config import Settings
from lawlab.domain.bank import Bank
from lawlab.domain.lesson import Lesson
from lawlab.domain.question import Question
from lawlab.domain.statute import ArticleRef
from lawlab.errors import Conflict, FileFaults, LawlabError
from lawlab.services.checking import (
    CourseFolder,
    bank_files,
    check_bank,
    check_course,
    course_folders,
    read_text,
)
from lawlab.services.pages import write_pages
from lawlab.store.content import (
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
from lawlab.store.statutes import Statutes, china_day, open_statutes
from lawlab.store.tables import Course, ItemVersion, LessonVersion

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
    session: Session, file: Path | str, statutes: Statutes, now: dt.datetime
) -> Published:
    """Store the items of a bank, given as a file or as its text. An unchanged item gets no version.

    Raises FileFaults with every fault, Conflict `published_meanwhile`; then nothing was written.
    """
    with _publishing(session):
        return _store_bank(session, file, statutes, now)


def publish_course(
    session: Session,
    folder: Path,
    statutes: Statutes,
    reviewer: str,
    pages: Path,
    now: dt.datetime,
) -> Published:
    """Store the lessons of a course folder and write their pages. `reviewer` answers for the law.

    Raises LawlabError `no_reviewer`, FileFaults with every fault, Conflict `published_meanwhile`;
    then nothing was written.
    """
    with _publishing(session):
        done = _store_course(session, folder, statutes, reviewer, now)
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
    statutes = statutes or open_statutes()
    with _publishing(session):
        ever = digests_ever(session)
        done = [_store_bank(session, file, statutes, now, ever) for file in bank_files(repository)]
        done += [
            _store_course(session, folder, statutes, SEED_REVIEWER, now, ever)
            for folder in course_folders(repository)
        ]
    write_pages(session, settings.pages)
    return done


@contextmanager
def _publishing(session: Session) -> Iterator[None]:
    """All that is stored inside is committed together, or nothing is."""
    writing(session)
    try:
        yield
        session.commit()
    except IntegrityError:
        session.rollback()
        raise Conflict(
            "published_meanwhile", "另有人刚刚发布了同样的内容，这次没有写入。请核对后再发布。"
        ) from None
    except BaseException:
        session.rollback()
        raise


def _store_bank(
    session: Session,
    file: Path | str,
    statutes: Statutes,
    now: dt.datetime,
    settled: Container[str] = (),
) -> Published:
    text, where = (file, "题库") if isinstance(file, str) else (read_text(file), file.name)
    bank = check_bank(text, where, statutes, china_day(now))
    stored = newest_items(session)
    _refuse_foreign_items(bank, stored, where)
    tally = _Tally(bank.slug, settled)
    for question in bank.questions:
        before, body = stored.get(question.id), question.to_json()
        if tally.differs(question.id, before, sha256 := _digest(body)):
            session.add(
                ItemVersion(
                    item=question.id,
                    version=before.version + 1 if before else 1,
                    bank=bank.slug,
                    type=question.type.value,
                    body=body,
                    sha256=sha256,
                    article_prints=_article_prints(question, statutes, china_day(now)),
                    published_at=now,
                )
            )
    return tally.published()


def _store_course(
    session: Session,
    folder: Path,
    statutes: Statutes,
    reviewer: str,
    now: dt.datetime,
    settled: Container[str] = (),
) -> Published:
    if not 0 < len(reviewer.strip()) <= 40:
        raise LawlabError("no_reviewer", "发布课程要写明审核人（40 个字以内）。")
    course = check_course(folder, statutes, china_day(now), newest_items(session))
    _store_course_row(session, course)
    stored, tally = newest_lessons(session, course.slug), _Tally(course.slug, settled)
    for position, (stem, content) in enumerate(course.lessons.items(), 1):
        before = stored.get(stem)
        if tally.differs(stem, before, sha256 := _digest(content.notebook)):
            session.add(
                LessonVersion(
                    course_slug=course.slug,
                    lesson=stem,
                    version=before.version + 1 if before else 1,
                    position=position,
                    title=content.title,
                    cards=list(content.cards),
                    notebook=_notebook_text(content),
                    sha256=sha256,
                    reviewer=reviewer.strip(),
                    published_at=now,
                )
            )
    return tally.published()


def _store_course_row(session: Session, course: CourseFolder) -> None:
    row = session.get(Course, course.slug)
    if row is None:
        last = session.scalar(select(func.max(Course.position))) or 0
        row = Course(slug=course.slug, position=last + 1)
        session.add(row)
    row.title, row.law, row.about = course.file.title, course.file.law, course.file.about()
    session.flush()


def _refuse_foreign_items(bank: Bank, stored: dict[str, ItemVersion], where: str) -> None:
    faults = [
        f"{question.id}：这个编号已经在题库 {stored[question.id].bank} 里用了。"
        for question in bank.questions
        if question.id in stored and stored[question.id].bank != bank.slug
    ]
    if faults:
        raise FileFaults(where, faults)


def _article_prints(question: Question, statutes: Statutes, on: dt.date) -> dict[str, str]:
    refs = [ArticleRef.parse(text) for text in question.articles]
    return {str(ref): statutes.law(ref.law, on=on).at(ref.key).fingerprint for ref in refs}


def _notebook_text(lesson: Lesson) -> str:
    return json.dumps(lesson.notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


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
