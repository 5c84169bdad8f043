"""The trainer's desk: lessons as learners will see them, and what in them is 待核."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Word
from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.content import ResponseIn
from lawlab.api.routing import Route
from lawlab.services import preview
from lawlab.services.confirmations import confirm, statements, take_back
from lawlab.services.draft_files import DraftFiles, drafts_of
from lawlab.store.items import full_names
from lawlab.store.statutes import Statutes

router = APIRouter(route_class=Route, prefix="/desk")

Shown = Annotated[int, Query(ge=0, le=2**31 - 1)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConfirmIn(Strict):
    digest: Word = Field(max_length=64)
    note: Word = Field(max_length=1000)


class DigestIn(Strict):
    digest: Word = Field(max_length=64)


class TryIn(Strict):
    item: Word = Field(max_length=60)
    response: ResponseIn


def _files(request: Request) -> DraftFiles:
    return drafts_of(state_of(request).settings)


def _statutes(request: Request) -> Statutes:
    return state_of(request).statutes


@router.get("/preview/{slug}/{stem}")
def preview_state(
    request: Request,
    session: Database,
    _trainer: Trainer,
    now: Now,
    slug: str,
    stem: str,
    version: Shown = 0,
) -> dict[str, Any]:
    return preview.preview_state(
        session, _files(request), slug, stem, version, _statutes(request), now
    )


@router.get("/preview/{slug}/{stem}/stamp")
def preview_stamp(request: Request, _trainer: Trainer, slug: str, stem: str) -> dict[str, str]:
    """Asked every second by an open preview."""
    return {"stamp": preview.draft_stamp(_files(request), slug, stem)}


@router.post("/preview/try")
def try_answer(
    request: Request, session: Database, _trainer: Trainer, now: Now, given: TryIn
) -> dict[str, Any]:
    response = given.response.plain()
    return preview.try_answer(session, given.item, response, _statutes(request), now)


@router.get("/unconfirmed")
def unconfirmed(session: Database, _trainer: Trainer) -> dict[str, Any]:
    found = statements(session)
    done = [each.confirmation for each in found if each.confirmation]
    names = full_names(session, [row.by for row in done])
    return {
        "statements": [
            {
                "digest": each.digest,
                "text": each.text,
                "source": each.source,
                "places": [asdict(place) for place in each.places],
                "confirmed": {
                    "by": names.get(row.by, row.by),
                    "at": row.at.isoformat(),
                    "note": row.note,
                }
                if (row := each.confirmation)
                else None,
            }
            for each in found
        ]
    }


@router.post("/unconfirmed/confirm")
def confirm_statement(
    session: Database, trainer: Trainer, now: Now, given: ConfirmIn
) -> dict[str, Any]:
    confirm(session, trainer.login, given.digest, given.note, now)
    return {"digest": given.digest}


@router.post("/unconfirmed/take-back")
def take_back_statement(
    session: Database, trainer: Trainer, now: Now, given: DigestIn
) -> dict[str, Any]:
    return {"note": take_back(session, trainer.login, given.digest, now)}
