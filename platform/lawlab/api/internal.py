"""What our own processes ask the API. Their service token is the only key; no browser holds it."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.orm import Session

from lawlab.api.border import Word
from lawlab.api.caller import Database, state_of, trainer
from lawlab.api.routing import Route
from lawlab.services.draft_files import drafts_of
from lawlab.services.people import ended
from lawlab.services.preview import preview_picture, read_sheet
from lawlab.services.sessions import Caller, SignedOut, caller_by_login

router = APIRouter(route_class=Route)


class Logins(BaseModel):
    logins: list[Word] = Field(max_length=10_000)


def learn_service(request: Request) -> None:
    """Raises SignedOut for anybody but `learn`."""
    expected = f"Bearer {state_of(request).settings.secrets['service-learn']}"
    given = request.headers.get("authorization", "")
    # As bytes: text is compared only while it is ASCII.
    if not secrets.compare_digest(given.encode(), expected.encode()):
        raise SignedOut


OfLearn = [Depends(learn_service)]


@router.post("/internal/standing", include_in_schema=False, dependencies=OfLearn)
def standing(asked: Logins, session: Database) -> dict[str, list[str]]:
    """Which of these people are disabled; `learn` ends their kernels."""
    return {"ended": sorted(ended(session, asked.logins))}


class Preview(BaseModel):
    """Somebody opens the preview of a lesson; `version` 0 is the draft."""

    login: Word = Field(max_length=40)
    course: Word = Field(max_length=60)
    lesson: Word = Field(max_length=80)
    version: int = Field(0, ge=0, le=2**31 - 1)


class Picture(BaseModel):
    """A picture beside such a lesson."""

    login: Word = Field(max_length=40)
    course: Word = Field(max_length=60)
    name: Word = Field(max_length=80)


@router.post("/internal/preview", include_in_schema=False, dependencies=OfLearn)
def preview(request: Request, asked: Preview, session: Database) -> dict[str, Any]:
    """The notebook to show, for trainers only."""
    trainer(_by_login(session, asked.login))
    files = drafts_of(state_of(request).settings)
    sheet = read_sheet(session, files, asked.course, asked.lesson, asked.version)
    return {
        "notebook": sheet.content.notebook,
        "title": sheet.content.title or asked.lesson,
        "stamp": sheet.stamp,
    }


@router.post("/internal/preview/picture", include_in_schema=False, dependencies=OfLearn)
def picture(request: Request, asked: Picture, session: Database) -> Response:
    """A picture of a draft, for trainers only."""
    trainer(_by_login(session, asked.login))
    files = drafts_of(state_of(request).settings)
    content = preview_picture(session, files, asked.course, asked.name)
    return Response(content, media_type="application/octet-stream")


def _by_login(session: Session, login: str) -> Caller:
    found = caller_by_login(session, login)
    if found is None:
        raise SignedOut
    return found


@router.get("/health", include_in_schema=False)
def health(session: Database) -> dict[str, str]:
    """Answers when the database does."""
    session.execute(text("select 1"))
    return {"status": "ok"}
