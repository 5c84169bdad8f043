"""The trainers' page of practice: the plan, who practises, reports, the made questions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import Database, Now, Trainer
from lawlab.api.routing import Route
from lawlab.services import item_reports
from lawlab.services.drill_plan import save_plan
from lawlab.services.training import made_list, switch_made, training

router = APIRouter(route_class=Route, prefix="/desk/training")
ReportId = Annotated[Version, Path()]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


@router.get("")
def figures(session: Database, trainer: Trainer, now: Now) -> dict[str, Any]:
    """Everything the page shows first."""
    return training(session, now)


class Holiday(Strict):
    first: Word = Field(max_length=20, alias="from")
    last: Word = Field(max_length=20, alias="to")
    name: str = Field(max_length=80)

    def plain(self) -> dict[str, str]:
        return {"from": self.first, "to": self.last, "name": self.name.strip()}


class PlanIn(Strict):
    contest: str | None = Field(None, max_length=20)
    holidays: list[Holiday] = Field(max_length=200)
    goals: dict[str, Annotated[str, Field(max_length=20)]]
    revision: int = Field(ge=0, le=2**31 - 1)


@router.post("/plan")
def plan(session: Database, trainer: Trainer, now: Now, given: PlanIn) -> dict[str, Any]:
    """Decide about practice; all faults at once."""
    holidays = [one.plain() for one in given.holidays]
    return save_plan(
        session, given.contest, holidays, given.goals, given.revision, trainer.login, now
    )


@router.get("/reports")
def reports(
    session: Database, trainer: Trainer, now: Now, state: Literal["open", "done"] = "open"
) -> dict[str, Any]:
    """What learners reported about questions."""
    return {"reports": item_reports.all_reports(session, state == "done", now)}


class Reply(Strict):
    outcome: Literal["fine", "corrected", "withdrawn"]
    answer: str = Field(max_length=2000)
    all: bool = False
    """Also the other reports of the same question that wait."""


@router.post("/reports/{report}")
def reply(
    session: Database, trainer: Trainer, now: Now, report: ReportId, given: Reply
) -> dict[str, Any]:
    """Answer a report; the learner reads it."""
    count = item_reports.answer(
        session, trainer.login, report, given.outcome, given.answer, given.all, now
    )
    return {"id": report, "answered": count}


@router.get("/made")
def made(
    session: Database,
    trainer: Trainer,
    state: Literal["on", "off", "poor"] = "on",
    course: Annotated[str, Query(max_length=40)] = "",
    article: Annotated[str, Query(max_length=40)] = "",
) -> dict[str, Any]:
    """The questions made from the law."""
    return made_list(session, state, course, article)


class Switch(Strict):
    on: bool
    reason: str = Field("", max_length=1000)


@router.post("/made/{item}")
def switch(
    session: Database, trainer: Trainer, now: Now, item: str, given: Switch
) -> dict[str, Any]:
    """Ask a made question again, or no longer."""
    switch_made(session, item, given.on, given.reason, trainer.login, now)
    return {"item": item, "on": given.on}
