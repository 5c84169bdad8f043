"""The trainer's desk: what waits for a person; courses and lessons, from draft to publication."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.routing import Route
from lawlab.services import lesson_drafts, lesson_publishing
from lawlab.services.desk_overview import overview as read_overview
from lawlab.services.draft_files import DraftFiles, checked_names, drafts_of
from lawlab.services.lesson_desk import course_detail, lesson_detail
from lawlab.services.lesson_publishing import Chosen
from lawlab.store.statutes import Statutes

router = APIRouter(route_class=Route, prefix="/desk")

Stem = Annotated[Word, Field(max_length=60)]
Stamp = Annotated[Word, Field(max_length=64)]
Line = Annotated[Word, Field(min_length=1, max_length=200)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CourseIn(Strict):
    slug: Word = Field(max_length=60)
    title: Word = Field(max_length=80)
    law: Word = Field(max_length=80)


class LessonIn(Strict):
    lesson: Word = Field(max_length=80)
    title: Word = Field(max_length=80)


class AboutIn(Strict):
    """What a course says of itself, as the form holds it."""

    stamp: Stamp
    title: Word = Field(min_length=1, max_length=80)
    law: Word = Field(min_length=1, max_length=80)
    order: list[Stem] = Field(min_length=1, max_length=100)
    sources: list[Line] = Field(min_length=1, max_length=40)
    checked: dt.date
    audience: list[Literal["法律明白人", "干部职工"]] = Field(min_length=1, max_length=2)
    awaits: list[Line] = Field(max_length=20)
    position: int | None = Field(None, ge=1, le=999)


class ChosenIn(Strict):
    lesson: Stem
    stamp: Stamp
    version: int = Field(ge=0, le=2**31 - 1)


class PublishIn(Strict):
    lessons: list[ChosenIn] = Field(max_length=100)
    about: Stamp
    reviewer: Word = Field(max_length=80)
    note: Word = Field("", max_length=lesson_publishing.NOTE_LIMIT)


class VersionIn(Strict):
    version: Version


class ReasonIn(Strict):
    reason: Word = Field(max_length=1000)


class AsideIn(Strict):
    name: Word = Field(max_length=120)


def _files(request: Request) -> DraftFiles:
    return drafts_of(state_of(request).settings)


def _statutes(request: Request) -> Statutes:
    return state_of(request).statutes


@router.get("/overview")
def overview(request: Request, session: Database, _trainer: Trainer, now: Now) -> dict[str, Any]:
    return read_overview(session, _files(request), _statutes(request), now)


@router.get("/courses/{slug}")
def course(
    request: Request, session: Database, _trainer: Trainer, now: Now, slug: str
) -> dict[str, Any]:
    return course_detail(session, _files(request), slug, _statutes(request), now)


@router.post("/courses", status_code=201)
def new_course(
    request: Request, session: Database, _trainer: Trainer, now: Now, given: CourseIn
) -> dict[str, Any]:
    lesson_drafts.new_course(
        session,
        _files(request),
        given.slug.strip(),
        given.title,
        given.law,
        _statutes(request),
        now,
    )
    return {"course": given.slug.strip()}


@router.post("/courses/{slug}/draft")
def begin(request: Request, session: Database, _trainer: Trainer, slug: str) -> dict[str, Any]:
    return asdict(lesson_drafts.begin_course(session, _files(request), slug))


@router.post("/courses/{slug}/about")
def about(
    request: Request, session: Database, _trainer: Trainer, slug: str, given: AboutIn
) -> dict[str, Any]:
    facts = given.model_dump(exclude={"stamp"})
    lesson_drafts.save_facts(session, _files(request), slug, facts, given.stamp)
    return {"course": slug}


@router.post("/courses/{slug}/lessons", status_code=201)
def new_lesson(
    request: Request, session: Database, _trainer: Trainer, slug: str, given: LessonIn
) -> dict[str, Any]:
    stem = given.lesson.strip()
    lesson_drafts.new_lesson(session, _files(request), slug, stem, given.title)
    return {"lesson": stem}


@router.post("/courses/{slug}/publish")
def publish(
    request: Request, session: Database, trainer: Trainer, now: Now, slug: str, given: PublishIn
) -> dict[str, Any]:
    done = lesson_publishing.publish_draft(
        session,
        _files(request),
        slug,
        [Chosen(one.lesson, one.stamp, one.version) for one in given.lessons],
        given.reviewer,
        _statutes(request),
        state_of(request).settings.pages,
        now,
        by=trainer.login,
        about=given.about,
        note=given.note.strip(),
    )
    return {"new": done.new, "changed": done.changed, "same": done.same}


@router.get("/courses/{slug}/lessons/{stem}")
def lesson(
    request: Request, session: Database, _trainer: Trainer, now: Now, slug: str, stem: str
) -> dict[str, Any]:
    return lesson_detail(session, _files(request), slug, stem, _statutes(request), now)


@router.post("/courses/{slug}/lessons/{stem}/draft")
def draft_from_version(
    request: Request,
    session: Database,
    _trainer: Trainer,
    now: Now,
    slug: str,
    stem: str,
    given: VersionIn,
) -> dict[str, Any]:
    files = _files(request)
    aside = lesson_drafts.draft_from_version(session, files, slug, stem, given.version, now)
    return {"aside": aside}


@router.post("/courses/{slug}/lessons/{stem}/discard")
def discard(request: Request, _trainer: Trainer, now: Now, slug: str, stem: str) -> dict[str, Any]:
    checked_names(slug, stem)
    return {"aside": _files(request).put_aside(slug, stem, now)}


@router.post("/courses/{slug}/lessons/{stem}/bring-back")
def bring_back(
    request: Request, _trainer: Trainer, slug: str, stem: str, given: AsideIn
) -> dict[str, Any]:
    checked_names(slug, stem)
    _files(request).bring_back(slug, stem, given.name)
    return {"lesson": stem}


@router.post("/courses/{slug}/lessons/{stem}/withdraw")
def withdraw(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    slug: str,
    stem: str,
    given: ReasonIn,
) -> dict[str, Any]:
    pages = state_of(request).settings.pages
    lesson_publishing.withdraw_lesson(
        session, slug, stem, given.reason, pages, now, by=trainer.login
    )
    return {"state": "withdrawn"}


@router.post("/courses/{slug}/lessons/{stem}/restore")
def restore(
    request: Request, session: Database, trainer: Trainer, now: Now, slug: str, stem: str
) -> dict[str, Any]:
    pages = state_of(request).settings.pages
    lesson_publishing.restore_lesson(session, slug, stem, pages, now, by=trainer.login)
    return {"state": "in_use"}
