"""A lesson as learners will see it, for trainers: from its draft, or an old version. Answers are
marked and forgotten."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.item_faults import check_form
from lawlab.domain.lesson import Lesson, read_lesson
from lawlab.domain.marking import check_response, mark
from lawlab.domain.picture import MOST_BYTES, NAME
from lawlab.domain.question import Question
from lawlab.domain.statement import statement_digest
from lawlab.errors import LawlabError, NotFound
from lawlab.services.answers import CARD_POINTS
from lawlab.services.confirmations import confirmed_day, confirmed_days
from lawlab.services.draft_course import (
    DraftCourse,
    known_content,
    read_draft_course,
    read_draft_lesson,
    stamp_of,
)
from lawlab.services.draft_files import DraftFiles, checked_names, lab_address
from lawlab.services.lesson_drafts import version_row
from lawlab.services.lesson_standing import standing_of
from lawlab.services.lessons import reply
from lawlab.store.content import current_items, out_of_use
from lawlab.store.items import bank
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import Course, ItemDraft, LessonPicture, LessonVersion


@dataclass(frozen=True)
class Sheet:
    """What a preview shows. `stamp` changes with each save; `version` is 0 for a draft."""

    content: Lesson
    stamp: str
    version: int


def read_sheet(
    session: Session, files: DraftFiles, slug: str, stem: str, version: int = 0
) -> Sheet:
    """The draft of a lesson; without one, or when it is asked for, a published version.

    Raises NotFound `no_draft`, `no_version`; LawlabError `bad_draft`.
    """
    checked_names(slug, stem)
    if version:
        return _published(version_row(session, slug, stem, version))
    file = files.notebook(slug, stem) if files.has(slug) else None
    if file is not None:
        return Sheet(read_draft_lesson(file)[0], stamp_of(file.content), 0)
    newest = standing_of(session, slug).newest.get(stem)
    if newest is None:
        raise NotFound("no_draft", "没有这一课，也没有它的草稿。")
    return _published(newest)


def draft_stamp(files: DraftFiles, slug: str, stem: str) -> str:
    """The stamp of a lesson's file as it is now; empty when there is none."""
    checked_names(slug, stem)
    file = files.notebook(slug, stem) if files.has(slug) else None
    return stamp_of(file.content) if file else ""


def preview_state(
    session: Session,
    files: DraftFiles,
    slug: str,
    stem: str,
    version: int,
    statutes: Statutes,
    now: datetime,
) -> dict[str, Any]:
    """What the elements of the page need, as `/lessons` gives it to a learner who has answered
    nothing; under `preview` what only the trainer is told. Raises as `read_sheet`."""
    sheet = read_sheet(session, files, slug, stem, version)
    known = known_content(session, statutes, china_day(now))
    draft = None
    if not sheet.version:
        draft = read_draft_course(session, files, slug, known, only={stem})
    course = session.get(Course, slug)
    cards = _cards(session, sheet.content.cards, statutes, now)
    digests = [statement_digest(each.text, each.source) for each in sheet.content.unconfirmed]
    return {
        "course": slug,
        "course_title": course.title if course else slug,
        "lesson": stem,
        "title": sheet.content.title or stem,
        "cards": [card for card in cards if card["type"]],
        "resting": sorted(out_of_use(session) & set(sheet.content.cards)),
        "answered": 0,
        "total": sum(bool(card["type"]) for card in cards),
        "complete": False,
        "next": _next(session, slug, stem, draft),
        "confirmed": confirmed_days(session, digests),
        "preview": {
            "stamp": sheet.stamp,
            "missing": [card["id"] for card in cards if not card["type"]],
            "desk": f"/services/learn/desk/course/{slug}/{stem}",
            "lab": lab_address(slug, stem) if not sheet.version else "",
            **_told(session, slug, stem, sheet, draft),
        },
    }


def try_answer(
    session: Session, item: str, response: dict[str, Any], statutes: Statutes, now: datetime
) -> dict[str, Any]:
    """Mark an answer as a lesson would, and store nothing. Raises NotFound `no_item`, LawlabError
    `bad_response`."""
    question = _question(session, item, statutes, now)[0]
    if question is None:
        raise NotFound("no_item", f"没有编号为“{item[:60]}”的题，或者它的草稿还没有写完。")
    check_response(question, response)
    marked = mark(question, response, CARD_POINTS)
    points = (marked.points or 0.0, CARD_POINTS)
    day = confirmed_day(session, question)
    return reply("preview", now, response, points, question, day)


def preview_picture(session: Session, files: DraftFiles, slug: str, name: str) -> bytes:
    """A picture of a draft, else the published one. Raises NotFound `no_draft`."""
    checked_names(slug)
    if NAME.fullmatch(name):
        file = files.picture(slug, name, MOST_BYTES) if files.has(slug) else None
        row = session.get(LessonPicture, (slug, name)) if file is None else None
        if file or row:
            return file.content if file else row.content if row else b""
    raise NotFound("no_draft", "没有这张图片。")


def _published(row: LessonVersion) -> Sheet:
    return Sheet(read_lesson(json.loads(row.notebook))[0], f"v{row.version}", row.version)


def _told(
    session: Session, slug: str, stem: str, sheet: Sheet, draft: DraftCourse | None
) -> dict[str, Any]:
    """What the banner says: how this stands to what learners see now, and what is wrong."""
    standing = standing_of(session, slug)
    newest = standing.newest.get(stem)
    told = {
        "version": sheet.version,
        "newest": newest.version if newest else 0,
        "shown": standing.shown(stem),
    }
    if draft is None or stem not in draft.lessons:
        return told | {"relation": "version", "faults": [], "notes": []}
    lesson = draft.lessons[stem]
    return told | {
        "relation": standing.of_draft(stem, lesson.digest, lesson.base),
        "faults": [asdict(fault) for fault in lesson.faults],
        "notes": list(draft.faults),
    }


def _cards(
    session: Session, items: tuple[str, ...], statutes: Statutes, now: datetime
) -> list[dict[str, Any]]:
    """The cards as a learner gets them; those without a whole question have no type."""
    out, found = out_of_use(session), []
    for item in dict.fromkeys(items):
        question, version = _question(session, item, statutes, now)
        if item in out:
            continue
        body = question.public() if question else {"id": item, "type": ""}
        found.append(body | {"version": version, "draft": version == 0, "since": ""})
    return [card | {"answered": None} for card in found]


def _question(
    session: Session, item: str, statutes: Statutes, now: datetime
) -> tuple[Question | None, int]:
    """What is published of an item and its version, else what its draft says and 0."""
    published = current_items(session, [item])
    if item in published:
        _, version, question = published[item]
        return question, version
    row = session.get(ItemDraft, item)
    if row is None:
        return None, 0
    try:
        awaits = bank(session, row.bank).awaits
    except LawlabError:
        awaits = []
    find_law = partial(statutes.law, on=china_day(now))
    return check_form(item, row.body, find_law, awaits)[0], 0


def _next(
    session: Session, slug: str, stem: str, draft: DraftCourse | None
) -> dict[str, str] | None:
    """The lesson behind this one, in the order of the draft; its link stays in the preview."""
    standing = standing_of(session, slug)
    published = standing.course.about["order"] if standing.course else []
    order = list(draft.file.order) if draft and draft.file else published
    for following in order[order.index(stem) + 1 :] if stem in order else []:
        there = draft.lessons.get(following) if draft else None
        row = standing.newest.get(following)
        if there or row:
            title = (there.content.title if there else "") or (row.title if row else following)
            return {"title": title, "url": f"/services/learn/preview/{slug}/{following}"}
    return None
