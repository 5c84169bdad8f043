"""From the draft of a course to what learners see: publishing chosen lessons, withdrawing one and
bringing it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.course_order import merged_order
from lawlab.errors import Conflict, LawlabError
from lawlab.services.content import Published, publishing
from lawlab.services.content_state import WITHDRAWN, clear_state, record, set_state
from lawlab.services.course_versions import store_course_row, store_lesson
from lawlab.services.draft_course import DraftCourse, known_content, read_draft_course
from lawlab.services.draft_faults import Fault
from lawlab.services.draft_files import DraftFiles, checked_names
from lawlab.services.item_versions import checked_reviewer, digest
from lawlab.services.lesson_drafts import refuse_reading, remember_bases
from lawlab.services.pages import try_pages
from lawlab.services.pictures import store_pictures
from lawlab.store.content import lesson, newest_lessons
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import ContentState, Course, LessonVersion

REASON_LIMIT = 400
NOTE_LIMIT = 400


@dataclass(frozen=True)
class Chosen:
    """A lesson to publish, as somebody saw it: the `stamp` of its file and the newest published
    `version` (0: none). None: whatever is there."""

    lesson: str
    stamp: str | None = None
    version: int | None = None


class LessonFaults(LawlabError):
    """Drafts that may not be published yet, with everything that is wrong, lesson by lesson."""

    status = 422

    def __init__(self, course: Sequence[str], lessons: Mapping[str, Sequence[Fault]]) -> None:
        said = [*course, *(_said(stem, fault) for stem, each in lessons.items() for fault in each)]
        super().__init__(
            "lesson_faults",
            f"还有 {len(said)} 处要改，没有发布：\n"
            + "\n".join(f"  {n}. {text}" for n, text in enumerate(said, 1)),
            course=list(course),
            lessons={stem: [asdict(fault) for fault in each] for stem, each in lessons.items()},
        )


def publish_draft(
    session: Session,
    files: DraftFiles,
    slug: str,
    chosen: Sequence[Chosen],
    reviewer: str,
    statutes: Statutes,
    pages: Path,
    now: datetime,
    *,
    by: str,
    about: str | None = None,
    note: str = "",
) -> Published:
    """Store the chosen lessons of a draft, those that changed, with their pictures, and what the
    course says of itself (`about`: its stamp as it was seen). A lesson of which only a picture is
    another one changes and gets no new version. The other lessons stay as they are; a withdrawn one
    that is published anew is in use again.

    Raises LawlabError `no_reviewer`, NotFound `no_draft`, LessonFaults, Conflict `draft_conflict`
    when something was saved since it was seen, `published_meanwhile`, `nothing_changed`.
    """
    checked_names(slug)
    reviewer = checked_reviewer(reviewer)
    facts: dict[str, Any] = {"reviewer": reviewer, "by": by, "now": now}
    with _publishing(session, pages):
        refuse_reading(session, slug)
        known = known_content(session, statutes, china_day(now))
        draft = read_draft_course(session, files, slug, known, {one.lesson for one in chosen})
        stored = newest_lessons(session, slug)
        _refuse_unseen(draft, chosen, stored, about)
        _refuse_faulty(draft, chosen)
        assert draft.file  # else it would be faulty
        stems = [one.lesson for one in chosen]
        row = session.get(Course, slug)
        shown = row.about["order"] if row else ()
        order = merged_order(draft.file.order, shown, {*stored, *stems})
        _refuse_unlisted(order, stems)
        told = store_course_row(session, slug, draft.file, order, **facts)
        used = {name for stem in stems for name in draft.lessons[stem].content.pictures}
        pictures = {name: draft.pictures[name] for name in sorted(used)}
        drawn = store_pictures(session, slug, pictures, drop=False)
        if drawn and not told:  # pictures are the course's: its history says who answers for them
            record(session, "course", slug, "publish", by, now, reviewer=reviewer, note=note)
        new: list[str] = []
        changed: list[str] = []
        same: list[str] = []
        for stem in stems:
            before, content = stored.get(stem), draft.lessons[stem].content
            back = clear_state(session, "lesson", f"{slug}/{stem}", by, now)
            if before and before.sha256 == digest(content.notebook):
                (changed if back or drawn & {*content.pictures} else same).append(stem)
                continue
            position = order.index(stem) + 1
            store_lesson(
                session, slug, stem, content, before, position=position, note=note, **facts
            )
            (changed if before else new).append(stem)
        if not (told or drawn or new or changed):
            raise Conflict("nothing_changed", "和已发布的一样，不用再发布。")
    remember_bases(session, files, slug)
    return Published(slug, tuple(new), tuple(changed), tuple(same))


def withdraw_lesson(
    session: Session, slug: str, stem: str, reason: str, pages: Path, now: datetime, *, by: str
) -> None:
    """Learners no longer see the lesson. What they answered and the points for it stay.

    Raises LawlabError `no_reason`, NotFound `no_lesson`, Conflict `withdrawn_already`.
    """
    checked_names(slug, stem)
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise LawlabError("no_reason", f"请写明为什么撤下（{REASON_LIMIT} 个字以内）。")
    with _publishing(session, pages):
        lesson(session, slug, stem)
        name = f"{slug}/{stem}"
        if state := session.get(ContentState, ("lesson", name)):
            raise Conflict("withdrawn_already", f"这一课已经撤下：{state.reason}")
        set_state(session, "lesson", name, WITHDRAWN, reason.strip(), by, now)


def restore_lesson(
    session: Session, slug: str, stem: str, pages: Path, now: datetime, *, by: str
) -> None:
    """Bring a withdrawn lesson back as it was. Raises NotFound `no_lesson`, Conflict
    `not_withdrawn`."""
    checked_names(slug, stem)
    with _publishing(session, pages):
        lesson(session, slug, stem)
        if not clear_state(session, "lesson", f"{slug}/{stem}", by, now):
            raise Conflict("not_withdrawn", "这一课没有撤下，不用恢复。")


@contextmanager
def _publishing(session: Session, pages: Path) -> Iterator[None]:
    """Store what is done inside, then bring the pages in step."""
    try:
        with publishing(session):
            yield
    except Conflict:
        # It may be stored already, by a first try that came no further than its pages.
        try_pages(session, pages)
        raise
    try_pages(session, pages)


def _refuse_unseen(
    draft: DraftCourse,
    chosen: Sequence[Chosen],
    stored: Mapping[str, LessonVersion],
    about: str | None,
) -> None:
    again = "请刷新页面，看过现在的样子再发布。"
    if about is not None and about != draft.stamp:
        raise Conflict("draft_conflict", f"课程说明刚刚又改过，没有发布。{again}")
    for one in chosen:
        there = draft.lessons.get(one.lesson)
        if there is None:
            raise Conflict("draft_conflict", f"{one.lesson} 现在没有草稿，没有发布。{again}")
        if one.stamp is not None and one.stamp != there.stamp:
            raise Conflict("draft_conflict", f"{one.lesson} 刚刚又保存过，没有发布。{again}")
        newest = stored[one.lesson].version if one.lesson in stored else 0
        if one.version is not None and one.version != newest:
            raise Conflict(
                "published_meanwhile", f"{one.lesson} 刚刚由别人发布了第 {newest} 版。{again}"
            )


def _refuse_faulty(draft: DraftCourse, chosen: Sequence[Chosen]) -> None:
    lessons = {one.lesson: draft.lessons[one.lesson].faults for one in chosen}
    faulty = {stem: faults for stem, faults in lessons.items() if faults}
    if faulty or draft.faults or draft.file is None:
        raise LessonFaults(draft.faults, faulty)


def _refuse_unlisted(order: Sequence[str], stems: Sequence[str]) -> None:
    unlisted = [
        f"{stem} 还没有列入课程。请在“课程说明”的课时顺序里加上它。"
        for stem in stems
        if stem not in order
    ]
    if unlisted:
        raise LessonFaults(unlisted, {})


def _said(stem: str, fault: Fault) -> str:
    cell = f"第 {fault.cell} 格" if fault.cell else ""
    excerpt = f"（{fault.excerpt}）" if fault.excerpt else ""
    return f"{stem}{'，' if cell else ''}{cell}{excerpt}：{fault.text}"
