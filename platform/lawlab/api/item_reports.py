"""“这道题有问题”, for learners."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import CallerOf, Database, Now
from lawlab.api.quizzes import ForPerson
from lawlab.api.routing import Route
from lawlab.services import item_reports

router = APIRouter(route_class=Route, prefix="/item-reports")


class ReportIn(ForPerson):
    key: Word = Field(min_length=16, max_length=64)
    item: Word = Field(max_length=60)
    version: Version
    place: Word = Field(max_length=120)
    text: str = Field("", max_length=item_reports.TEXT_MOST)


@router.post("", status_code=201)
def report(session: Database, caller: CallerOf, now: Now, given: ReportIn) -> dict[str, Any]:
    """Report a question; the same key again brings the text up to date."""
    given.check(caller)
    row = item_reports.report(
        session, caller, given.key, given.item, given.version, given.place, given.text, now
    )
    return {"id": row.id, "at": row.at.isoformat()}


class Taken(ForPerson):
    key: Word = Field(min_length=16, max_length=64)


@router.post("/take-back")
def take_back(session: Database, caller: CallerOf, given: Taken) -> dict[str, Any]:
    """Undo a report that nobody has answered."""
    given.check(caller)
    return {"taken_back": item_reports.take_back(session, caller, given.key)}


@router.get("")
def mine(session: Database, caller: CallerOf) -> dict[str, Any]:
    """The caller's reports with the answers."""
    return {"reports": item_reports.own_reports(session, caller)}


class Seen(ForPerson):
    ids: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(max_length=200)


@router.post("/seen")
def seen(session: Database, caller: CallerOf, now: Now, given: Seen) -> dict[str, Any]:
    """The caller read the answers."""
    given.check(caller)
    item_reports.see(session, caller, given.ids, now)
    return {"ids": given.ids}
