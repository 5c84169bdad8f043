"""What our own processes ask the API. Their service token is the only key; no browser holds it."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import text

from lawlab.api.border import Word
from lawlab.api.caller import Database, SignedOut, state_of
from lawlab.services.people import ended

router = APIRouter()


class Logins(BaseModel):
    logins: list[Word] = Field(max_length=10_000)


@router.post("/internal/standing", include_in_schema=False)
def standing(request: Request, asked: Logins, session: Database) -> dict[str, list[str]]:
    """Which of these people are disabled; `learn` ends their kernels."""
    expected = f"Bearer {state_of(request).settings.secrets['service-learn']}"
    given = request.headers.get("authorization", "")
    # As bytes: text is compared only while it is ASCII.
    if not secrets.compare_digest(given.encode(), expected.encode()):
        raise SignedOut
    return {"ended": sorted(ended(session, asked.logins))}


@router.get("/health", include_in_schema=False)
def health(session: Database) -> dict[str, str]:
    """Answers when the database does."""
    session.execute(text("select 1"))
    return {"status": "ok"}
